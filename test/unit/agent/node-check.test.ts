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
  const text = `cluster:\n  name: prod\n  id: x\n  nodes: a b c\n  ${quorum}\nnode:\n  ${fence}\n`
  const parsed = parseCluster({ text, source: 'test' })
  if (!parsed.ok) throw new Error(parsed.error.message)
  const node = testNode([])
  const { features } = await nodeCheck(node, parsed.value)
  node.remove()
  expect(features.map(({ name, present }) => `${name} ${present}`)).toEqual(expected)
})
