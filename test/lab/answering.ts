// A service of an address and a process behind it, which tells each client on which node it runs.
import type { LabNode } from './index.js'

export const ADDRESS = '192.168.100.30'
export const PORT = 8080
export const PROGRAM = '/usr/local/bin/answer'

/** Says its node, its generation, and a word of its configuration. */
const ANSWER = `#!/usr/local/bin/node
const [address, word] = process.argv.slice(2)
const text = [require('os').hostname(), process.env.LONGSHORE_GENERATION, word].join(' ')
require('net').createServer((client) => client.on('error', () => {}).end(text)).listen(${PORT}, address)
`

type Section = Readonly<Record<string, string>>

/** Its configuration on these nodes, by number. */
export const answering = (
  nodes: readonly number[],
  more: Readonly<Record<string, Section>> = {},
): Readonly<Record<string, Section>> => ({
  DEFAULT: { orchestrate: 'ha', nodes: nodes.map((n) => `node${n}`).join(' ') },
  env: { word: 'first' },
  'ip#1': { type: 'host', ipname: ADDRESS, ipdev: 'bond0', netmask: '24' },
  'app#1': { type: 'simple', start: `${PROGRAM} ${ADDRESS} {env.word}` },
  ...more,
})

/** Puts the program on a node. */
export async function installAnswer(node: LabNode): Promise<void> {
  await node.run(['sh', '-c', `cat >${PROGRAM}; chmod 755 ${PROGRAM}`], { input: ANSWER })
}
