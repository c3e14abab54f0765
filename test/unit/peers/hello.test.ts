import { expect, test } from 'vitest'
import { helloOf, judgeHello, type Acquaintance, type Introduction } from '../../../src/daemon/peers/hello.js'
import { PROTOCOLS } from '../../../src/daemon/peers/wire.js'

type Range = Introduction['protocols']

const one = (node: string, agentVersion: string, protocols: Range): Introduction => ({
  clusterId: 'c1',
  node,
  machineId: `machine of ${node}`,
  incarnation: 1,
  agentVersion,
  protocols,
})

const range = (min: number, max: number): Range => ({ min, max })

/** What node1, which speaks these versions, makes of the hello of node2, which speaks those. */
function judged(ours: Range, theirs: Range): ReturnType<typeof judgeHello> {
  const acquaintance: Acquaintance = {
    own: one('node1', '1.4.0', ours),
    members: ['node1', 'node2'],
    machineIdOf: () => null,
  }
  return judgeHello(helloOf(one('node2', '2.0.1', theirs), 'node1>node2@a'), 'node2', acquaintance)
}

test.each<readonly [Range, Range, number, string | null]>([
  [PROTOCOLS, PROTOCOLS, PROTOCOLS.max, null],
  [
    range(1, 2),
    range(1, 1),
    1,
    'node2 (agent 2.0.1) speaks protocol 1 and node1 (agent 1.4.0) 1 to 2: they use 1 until a newer agent is installed on node2',
  ],
  [range(1, 2), range(2, 3), 2, null],
  [range(1, 1), range(1, 2), 1, null],
  [range(1, 3), range(2, 9), 3, null],
])('who speaks %o and who speaks %o use %i', (ours, theirs, protocol, note) => {
  expect(judged(ours, theirs)).toEqual({ ok: true, value: { protocol, note } })
  const seen = judged(theirs, ours)
  expect(seen.ok && seen.value.protocol).toBe(protocol)
})

test.each<readonly [Range, Range, string]>([
  [
    range(1, 2),
    range(3, 4),
    'speaks protocol 3 to 4 and node1 (agent 1.4.0) 1 to 2: install a newer agent on node1',
  ],
  [
    range(1, 2),
    range(0, 0),
    'speaks protocol 0 and node1 (agent 1.4.0) 1 to 2: install a newer agent on node2',
  ],
  [range(2, 2), range(1, 1), 'speaks protocol 1 and node1 (agent 1.4.0) 2: install a newer agent on node2'],
  [range(1, 1), range(2, 2), 'speaks protocol 2 and node1 (agent 1.4.0) 1: install a newer agent on node1'],
])('who speaks %o refuses who speaks %o', (ours, theirs, words) => {
  expect(judged(ours, theirs)).toMatchObject({
    ok: false,
    error: { code: 'CONFLICT', message: `node2 (agent 2.0.1) ${words}` },
  })
})

test('a range that is none is refused', () => {
  expect(judged(range(1, 2), range(2, 1)).ok).toBe(false)
})
