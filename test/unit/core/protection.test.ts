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
    gaps: ['omd --witness NAME', 'paused'],
  },
  {
    lines: ['  nodes: a b', '  quorum: true', '  witnesses: w', 'node#w:', '  addresses: 192.0.2.3'],
    summary: 'protected against partitions by a majority of 3 voters',
    gaps: ['paused'],
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

test('fencing of every node is protection without quorum, with its own danger named', () => {
  const { summary, gaps } = protectionOf(
    cluster('  nodes: a b', 'stonith#a:', '  agent: fence_x', 'stonith#b:', '  agent: fence_x'),
  )
  expect(summary).toBe('protected by powering silent nodes off (quorum is off)')
  expect(gaps.join()).toContain('stonith delay')
})

const witness = ['  witnesses: w', 'node#w:', '  addresses: 192.0.2.3']
const fast = ['heartbeat:', '  profile: fast']
const agents = (...nodes: readonly string[]) =>
  nodes.flatMap((name) => [`stonith#${name}:`, '  agent: fence_x'])

describe('each gap says what to do', () => {
  test.each<{ readonly what: string; readonly lines: readonly string[]; readonly gaps: readonly RegExp[] }>([
    {
      what: 'no node has an agent',
      lines: ['  nodes: a b c', '  quorum: true'],
      gaps: [/a node that is paused .*; name a fencing agent for each node \(stonith#NODE\)$/],
    },
    {
      what: 'one node has no agent',
      lines: ['  nodes: a b c', '  quorum: true', ...agents('a', 'c')],
      gaps: [/; name a fencing agent for b, which has none \(stonith#b\)$/],
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
      ],
    },
    {
      what: 'the fast profile with an agent for one node',
      lines: ['  nodes: a b c', '  quorum: true', ...fast, ...agents('a')],
      gaps: [/^heartbeat\.profile=fast needs .*; name one for b, c, which have none/],
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
