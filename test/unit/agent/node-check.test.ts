import { expect, test } from 'vitest'
import { nodeCheck } from '../../../src/daemon/agent/node-check.js'
import { parseCluster } from '../../../src/spec/cluster.js'
import { testNode } from '../../drivers/node.js'

test.each([
  ['not where it does not use one', 'quorum: true', 'self_fence: stop', []],
  ['not without quorum', 'quorum: false', 'self_fence: watchdog', []],
  [
    'that is there',
    'quorum: true',
    'self_fence: watchdog\n  watchdog_dev: /dev/null',
    ['watchdog /dev/null true'],
  ],
  [
    'that is missing',
    'quorum: true',
    'self_fence: watchdog\n  watchdog_dev: /lsu-no-such',
    ['watchdog /lsu-no-such false'],
  ],
])('a node is asked for the watchdog of its cluster: %s', async (_, quorum, fence, expected) => {
  const features = await featuresOf(
    `cluster:\n  name: prod\n  id: x\n  nodes: a b c\n  ${quorum}\nnode:\n  ${fence}\n`,
  )
  expect(features.map(({ name, present }) => `${name} ${present}`)).toEqual(expected)
})

test.each([
  ['a node', 'node1 node2 node3', ['fencing agent /bin/sh true', 'fencing agent fence_lsu_none false']],
  ['a witness, which powers nobody off', 'node2 node3', []],
])('the programs that power the others off are looked for on %s', async (_, nodes, expected) => {
  const agents = [
    ['node2', '/bin/sh'],
    ['node3', 'fence_lsu_none'],
    ...(nodes.includes('node1') ? [['node1', 'fence_lsu_own']] : []),
  ]
  const sections = agents.map(([name, agent]) => `stonith#${name}:\n  agent: ${agent}\n`).join('')
  const features = await featuresOf(`cluster:\n  name: prod\n  id: x\n  nodes: ${nodes}\n${sections}`)
  expect(features.map(({ name, present }) => `${name} ${present}`)).toEqual(expected)
  for (const { present, sentence } of features)
    if (!present) expect(sentence).toContain('install the package fence-agents')
})

/** What a check of a node of this cluster finds. */
async function featuresOf(text: string): Promise<Awaited<ReturnType<typeof nodeCheck>>['features']> {
  const parsed = parseCluster({ text, source: 'test' })
  if (!parsed.ok) throw new Error(parsed.error.message)
  const node = testNode([])
  const { features } = await nodeCheck(node, parsed.value)
  node.remove()
  return features
}
