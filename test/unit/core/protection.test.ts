import { describe, expect, test } from 'vitest'
import { protectionOf } from '../../../src/core/protection.js'
import { parseCluster } from '../../../src/spec/cluster.js'

const cluster = (...lines: readonly string[]) => {
  const parsed = parseCluster({
    text: ['cluster:', '  name: prod', '  id: x', ...lines].join('\n'),
    source: 'test',
  })
  if (!parsed.ok) throw new Error(parsed.error.message)
  return parsed.value
}

test.each([
  {
    lines: ['  nodes: a b'],
    summary: 'unprotected against split brain (quorum is off)',
    gaps: ['set cluster.quorum=true'],
  },
  {
    lines: ['  nodes: a b', '  quorum: true'],
    summary: 'protected against partitions by a majority of 2 voters',
    gaps: ['omd --witness NAME', 'paused', 'hangs for longer'],
  },
  {
    lines: ['  nodes: a b', '  quorum: true', '  witnesses: w', 'node#w:', '  addresses: 192.0.2.3'],
    summary: 'protected against partitions by a majority of 3 voters',
    gaps: ['paused', 'hangs for longer'],
  },
  {
    lines: ['  nodes: a b c', '  quorum: true', 'node:', '  self_fence: watchdog'],
    summary:
      'protected against partitions by a majority of 3 voters; a node that is paused or hangs as a whole is reset by its watchdog',
    gaps: ['paused together with its watchdog'],
  },
  {
    lines: ['  nodes: a', '  quorum: true'],
    summary: 'protected against partitions by a majority of 1 voters',
    gaps: [],
  },
])('$summary', ({ lines, summary, gaps }) => {
  const protection = protectionOf(cluster(...lines))
  expect(protection.summary).toBe(summary)
  expect(protection.gaps).toHaveLength(gaps.length)
  gaps.forEach((gap, i) => expect(protection.gaps[i]).toContain(gap))
})

const witness = ['  witnesses: w', 'node#w:', '  addresses: 192.0.2.3']
const fast = ['heartbeat:', '  profile: fast']
const agents = (...nodes: readonly string[]) =>
  nodes.flatMap((name) => [`stonith#${name}:`, '  agent: fence_x'])

const quorum = ['  nodes: a b c', '  quorum: true']
const selfFence = (word: string) => ['node:', `  self_fence: ${word}`]
const delayed = (...delays: readonly string[]) => [
  `  nodes: ${delays.map((_, i) => `n${i}`).join(' ')}`,
  ...delays.flatMap((delay, i) => [...agents(`n${i}`), `  delay: ${delay}`]),
]

describe('a stop that hangs on a node that is cut off is named where nothing ends it', () => {
  test.each<[string, readonly string[], RegExp | null]>([
    [
      'by default',
      quorum,
      /^a node that is cut off, .* hangs for longer than node\.stop_max \(2s300ms\), .*; set node\.self_fence=reboot or watchdog, or name a fencing agent for each node \(stonith#NODE\)$/,
    ],
    [
      'the time as it was set',
      [...quorum, 'node:', '  stop_max: 1s'],
      /longer than node\.stop_max \(1s\), .*self_fence=reboot or watchdog/,
    ],
    [
      'one node has no agent',
      [...quorum, ...agents('a', 'b')],
      /, or name a fencing agent for c, which has none/,
    ],
    ['no watchdog fits', [...quorum, ...fast], /set node\.self_fence=reboot, or name/],
    ['every node has an agent', [...quorum, ...agents('a', 'b', 'c')], null],
    ['the node is reset', [...quorum, ...selfFence('reboot')], null],
    ['the watchdog is no longer fed', [...quorum, ...selfFence('watchdog')], null],
    ['nobody else could start it', ['  nodes: a', '  quorum: true', ...witness], null],
    ['without quorum nothing is stopped', ['  nodes: a b'], null],
  ])('%s', (_, lines, gap) => {
    const said = protectionOf(cluster(...lines)).gaps.filter((one) => one.includes('stop of a container'))
    expect(said).toHaveLength(gap === null ? 0 : 1)
    if (gap !== null) expect(said[0]).toMatch(gap)
  })
})

describe('without quorum nodes with agents race where none of two is first', () => {
  test.each<[string, readonly string[], readonly RegExp[]]>([
    [
      'no delay',
      delayed('0s', '0s'),
      [
        /^in a partition n0, n1 power each other off, since with stonith delays of 0s, 0s none of them is first: let each have another one, .* \(stonith#NODE delay\), or set cluster\.quorum=true/,
      ],
    ],
    ['one waits longer', delayed('0s', '10s'), []],
    ['a beat apart is as good as none', delayed('10s', '9500ms'), [/^in a partition n1, n0 .* 9s500ms, 10s/]],
    ['just more than a beat apart', delayed('10s', '9499ms'), []],
    ['two of three have the same', delayed('5s', '10s', '5s'), [/^in a partition n0, n2 .* 5s, 5s none/]],
    ['each of three has another', delayed('10s', '0s', '20s'), []],
    [
      'two pairs',
      delayed('0s', '10s', '0s', '10s'),
      [/^in a partition n0, n2 .* 0s, 0s none/, /^in a partition n1, n3 .* 10s, 10s none/],
    ],
    ['a node alone', delayed('0s'), []],
  ])('%s', (_, lines, gaps) => {
    const said = protectionOf(cluster(...lines))
    expect(said.summary).toBe('protected by powering silent nodes off (quorum is off)')
    expect(said.gaps).toHaveLength(gaps.length)
    gaps.forEach((gap, i) => expect(said.gaps[i]).toMatch(gap))
  })
})

const hung = /^a node that is cut off, .* hangs for longer/

describe('each gap says what to do', () => {
  test.each<{ readonly what: string; readonly lines: readonly string[]; readonly gaps: readonly RegExp[] }>([
    {
      what: 'no node has an agent',
      lines: ['  nodes: a b c', '  quorum: true'],
      gaps: [/a node that is paused .*; name a fencing agent for each node \(stonith#NODE\)$/, hung],
    },
    {
      what: 'one node has no agent',
      lines: ['  nodes: a b c', '  quorum: true', ...agents('a', 'c')],
      gaps: [/; name a fencing agent for b, which has none \(stonith#b\)$/, hung],
    },
    {
      what: 'two nodes have no agent, and quorum is off',
      lines: ['  nodes: a b c', ...agents('b')],
      gaps: [/name a fencing agent for a, c, which have none \(stonith#NODE\), set cluster\.quorum=true/],
    },
    {
      what: 'one node has no agent beside its watchdog',
      lines: ['  nodes: a b c', '  quorum: true', 'node:', '  self_fence: watchdog', ...agents('a', 'b')],
      gaps: [/paused together with its watchdog .*; name a fencing agent for c, which has none/],
    },
    {
      what: 'every node has one: a witness needs none',
      lines: ['  nodes: a b', '  quorum: true', ...witness, ...agents('a', 'b')],
      gaps: [],
    },
    {
      what: 'four nodes vote',
      lines: ['  nodes: a b c d', '  quorum: true', ...agents('a', 'b', 'c', 'd')],
      gaps: [
        /^with 4 voters no more of them may be lost than with 3, .* let one more machine vote, with omd --witness NAME$/,
      ],
    },
    {
      what: 'a witness makes the voters even',
      lines: ['  nodes: a b c', '  quorum: true', ...witness, ...agents('a', 'b', 'c')],
      gaps: [/^with 4 voters .* with omd --witness NAME, or take the witness w out$/],
    },
    {
      what: 'the fast profile without agents',
      lines: ['  nodes: a b c', '  quorum: true', ...fast],
      gaps: [
        /^heartbeat\.profile=fast needs a fencing agent: a node that pauses for 1s500ms .*; name one for each node \(stonith#NODE\), or set heartbeat\.profile=default$/,
        hung,
      ],
    },
    {
      what: 'the fast profile with an agent for one node',
      lines: ['  nodes: a b c', '  quorum: true', ...fast, ...agents('a')],
      gaps: [/^heartbeat\.profile=fast needs .*; name one for b, c, which have none/, hung],
    },
    {
      what: 'the fast profile without agents, and quorum is off',
      lines: ['  nodes: a b', ...fast],
      gaps: [/^unprotected against split brain/, /^heartbeat\.profile=fast needs a fencing agent/],
    },
    {
      what: 'the fast profile with all agents',
      lines: ['  nodes: a b c', '  quorum: true', ...fast, ...agents('a', 'b', 'c')],
      gaps: [],
    },
    { what: 'the fast profile of a node alone', lines: ['  nodes: a', '  quorum: true', ...fast], gaps: [] },
  ])('$what', ({ lines, gaps }) => {
    const said = protectionOf(cluster(...lines)).gaps
    expect(said).toHaveLength(gaps.length)
    gaps.forEach((gap, i) => expect(said[i]).toMatch(gap))
  })
})
