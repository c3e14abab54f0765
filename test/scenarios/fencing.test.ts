import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import { openStage, until, type Stage } from './failure.js'

/**
 * A fencing agent as those of the fence-agents project: what to do comes on its standard input. The power switch behind it is this test: it
 * sees the wish, crashes the node and says that it did.
 */
const agent = `#!/bin/sh
read -r action
case $action in
action=off) echo off > /run/wish; n=0; while [ ! -e /run/is-off ] && [ $n -lt 200 ]; do sleep 0.05; n=$((n+1)); done; [ -e /run/is-off ];;
action=status) if [ -e /run/is-off ]; then exit 2; else exit 0; fi;;
esac
`
const broken = '#!/bin/sh\\necho the switch does not answer >&2\\nexit 1\\n'

let stage: Stage
beforeAll(async () => {
  stage = await openStage('fence', { docker: false })
  for (const n of [1, 2]) await install(n, agent)
  await stage.mustOm(
    1,
    'cluster set --kw stonith#node1.agent=/usr/local/sbin/fence_lab --kw stonith#node2.agent=/usr/local/sbin/fence_lab',
  )
  await stage.deploy('f1', { DEFAULT: { orchestrate: 'ha', nodes: 'node1 node2' }, 'fs#1': { type: 'flag' } })
})
afterAll(() => stage?.end())

async function install(node: number, text: string): Promise<void> {
  const write = `printf '${text.replaceAll('\n', '\\n').replaceAll("'", "'\\''")}' > /usr/local/sbin/fence_lab`
  await stage.lab
    .node(node)
    .run(['sh', '-c', `rm -f /run/wish /run/is-off; ${write}; chmod +x /usr/local/sbin/fence_lab`])
}

/** Waits until `node` wants the other one off, turns that off, and says so. */
async function powerSwitch(node: number, other: number): Promise<void> {
  await until('the other node is to be powered off', async () => {
    return (await stage.lab.node(node).exec(['test', '-e', '/run/wish'])).exit === 0
  })
  await stage.lab.node(other).crash()
  await stage.lab.node(node).run(['touch', '/run/is-off'])
}

const noteOn = async (node: number): Promise<string> => (await stage.service(node, 'f1')).why ?? ''

describe('a node that falls silent', () => {
  it('is powered off before its service starts elsewhere, and the log says on whose word', async () => {
    await stage.lab.isolate(1)
    await powerSwitch(2, 1)
    await stage.settles(2, 'f1', [null, 'up'])
    expect(await stage.logs(2, 'f1')).toContain(
      'node1 was powered off: /usr/local/sbin/fence_lab says that it is off',
    )
    await stage.repair()
    await stage.settles(2, 'f1', ['down', 'up'])
  })

  it('and cannot be powered off keeps its service: nothing starts on silence alone, and the status says why', async () => {
    await install(1, broken)
    await stage.lab.isolate(2)
    await until('node1 says why', async () => (await noteOn(1)).includes('could not be powered off'))
    expect(await noteOn(1)).toContain(
      'the switch does not answer; mend its fencing agent, or if it is off run: om node confirm-off node2',
    )
    await sleep(2000)
    expect((await stage.instance(1, 'f1', 1)).avail).toBe('down')
    await stage.repair()
    await stage.settles(1, 'f1', ['down', 'up'])
  })

  it('by hand: om node fence', async () => {
    await install(1, agent)
    const fencing = stage.mustOm(1, 'node fence node2 --yes')
    await powerSwitch(1, 2)
    expect(await fencing).toBe('node node2 is off: /usr/local/sbin/fence_lab says that it is off\n')
    await stage.settles(1, 'f1', ['up', null])
  })
})
