import { expect, test } from 'vitest'
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
