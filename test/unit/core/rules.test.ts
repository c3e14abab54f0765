import { describe, expect, test } from 'vitest'
import type { NodeDocument } from '../../../src/core/document.js'
import { hasLease, leaseEndsMs, noLease } from '../../../src/core/lease.js'
import { reduce } from '../../../src/core/reduce/index.js'
import { clusterChanged } from '../../../src/core/reduce/rules.js'
import {
  isBehind,
  isMajority,
  parties,
  rulesInForce,
  rulesOf,
  shortestTimeoutMs,
  sameRules,
  unsaid,
} from '../../../src/core/rules.js'
import { oneMoreChange, unsaidWords } from '../../../src/core/rules-change.js'
import { ownDocument } from '../../../src/core/view.js'
import type { World } from '../../../src/core/world.js'
import { worldOf } from '../../cases/world.js'
import { among, later, said, stamp, three, timed } from './ruled-worlds.js'

describe('a configuration with other voters', () => {
  const before = three()
  const changed = clusterChanged(before, among(before, ['node1']), stamp(1))

  test('needs a majority of the former ones too, until all of them have said that they go by it', () => {
    expect(isMajority(changed, (voter) => voter === 'node1')).toBe(false)
    expect(isMajority(changed, (voter) => voter !== 'node1')).toBe(false)
    expect(isMajority(changed, (voter) => voter !== 'node3')).toBe(true)
    expect(parties(changed).map(({ name }) => name)).toEqual(['node1', 'node2', 'node3'])
    expect(unsaid(changed)).toEqual(['node2', 'node3'])
  })

  test('is agreed to once what the former rules alone allowed is over', () => {
    expect(ownDocument(changed).rules).toEqual(ownDocument(before).rules)
    const { timeoutMs } = before.cluster.heartbeat
    expect(ownDocument(later(changed, timeoutMs - 1)).rules).toEqual(ownDocument(before).rules)
    const word = ownDocument(later(changed, timeoutMs)).rules
    expect(word).toMatchObject({ version: stamp(1), newest: { voters: [{ name: 'node1' }] } })
    expect(word?.earlier).toEqual([rulesOf(before.cluster)])
  })

  test('rules alone when everybody has agreed', () => {
    const agreeing = said(later(changed, 5000), 'node2')
    expect(unsaid(agreeing)).toEqual(['node3'])
    const agreed = said(agreeing, 'node3')
    expect(agreed.rules.earlier).toEqual([])
    expect(Object.keys(agreed.links)).toEqual([])
    expect(isMajority(agreed, (voter) => voter === 'node1')).toBe(true)
    expect(ownDocument(agreed).rules?.earlier).toEqual([])
  })

  test('does not rule alone before this node itself has said so', () => {
    const early = said(said(changed, 'node2', agreeingTo(changed)), 'node3', agreeingTo(changed))
    expect(unsaid(early)).toEqual([])
    expect(early.rules.earlier).toHaveLength(1)
    expect(later(early, 5000).rules.earlier).toEqual([])
  })

  test('waits for whoever has a part in rules that one of them still keeps', () => {
    const fourth = { name: 'node4', addresses: ['node4'] }
    const other = { ...rulesOf(before.cluster), voters: [fourth] }
    const word = agreeingTo(changed).rules
    const elsewhere = said(said(later(changed, 5000), 'node3'), 'node2', {
      rules: { ...word, earlier: [...word.earlier, other] },
    })
    expect(unsaid(elsewhere)).toEqual(['node4'])
    expect(elsewhere.rules.earlier).toHaveLength(1)
  })

  test.each<[string, Partial<NodeDocument>['rules'], readonly string[]]>([
    [
      'of an older configuration with the same rules',
      { ...agreeingTo(changed).rules, version: stamp(0) },
      ['node2'],
    ],
    ['of a newer one with the same rules', { ...agreeingTo(changed).rules, version: stamp(9) }, []],
    ['of a newer one with other rules', { ...agreeingTo(before).rules, version: stamp(9) }, ['node2']],
  ])('a word %s', (_, rules, expected) => {
    const told = said(said(changed, 'node3', agreeingTo(changed)), 'node2', rules && { rules })
    expect(unsaid(told)).toEqual(expected)
  })

  test('does not wait for one that an operator has declared off; for one whose daemon was only stopped it does', () => {
    const off = worldOf({
      why: 'off',
      nodes: ['node1', 'node2', 'node3'],
      silent: ['node2'],
      off: { node2: 'newest' },
    })
    const waiting = { ...later(changed, 5000), registers: off.registers }
    expect(unsaid(waiting)).toEqual(['node3'])
    const stopped = said(waiting, 'node3', { state: 'left', ...(old(before) && { rules: old(before) }) })
    expect(unsaid(stopped)).toEqual(['node3'])
    expect(said(stopped, 'node3', { generation: 9 }).rules.earlier).toEqual([])
  })

  test('is refused after so many that somebody has not heard of', () => {
    let world = three()
    for (let count = 1; count <= 8; count += 1) {
      expect(oneMoreChange(world, null)).toEqual({ ok: true, value: undefined })
      world = clusterChanged(world, timed(world, 2500, 5000 + count), stamp(count))
    }
    const refused = oneMoreChange(later(world, 6000), null)
    expect(refused).toMatchObject({ ok: false, error: { code: 'CONFLICT' } })
    expect(refused).toMatchObject({
      error: { message: expect.stringContaining('until node2, node3 have them too') },
    })
  })

  test('has the check name whom it waits for, and what to do', () => {
    expect(unsaidWords(before)).toBeNull()
    expect(unsaidWords(changed)).toBeNull()
    expect(unsaidWords(later(changed, 5000))).toMatch(/until node2, node3 have them too: .*confirm-off NODE$/)
  })
})

const old = (world: World): NodeDocument['rules'] => ownDocument(world).rules

function agreeingTo(world: World): { readonly rules: NonNullable<NodeDocument['rules']> } {
  const [newest, ...others] = rulesInForce(world).toReversed()
  if (newest === undefined) throw new Error('some rules are in force')
  return { rules: { version: world.rules.version, newest, earlier: others } }
}

describe('a configuration with other times', () => {
  const before = three()

  test('has the shortest lease and the longest silence count until all have it, whichever way it goes', () => {
    for (const [leaseMs, timeoutMs] of [
      [5000, 12_000],
      [700, 1500],
    ] as const) {
      const changed = clusterChanged(before, timed(before, leaseMs, timeoutMs), stamp(1))
      const { heartbeat } = changed.cluster
      expect(heartbeat.leaseMs).toBe(Math.min(2500, leaseMs))
      expect(heartbeat.timeoutMs).toBe(Math.max(5000, timeoutMs))
      expect(shortestTimeoutMs(changed)).toBe(Math.min(5000, timeoutMs))
      const agreed = said(said(later(changed, 12_000), 'node2'), 'node3')
      expect(agreed.cluster.heartbeat).toMatchObject({ leaseMs, timeoutMs })
    }
  })

  test('a change that is undone leaves the rules in force that were never left, and the others until all know', () => {
    const long = timed(before, 5000, 12_000)
    const back = clusterChanged(clusterChanged(before, long, stamp(1)), before.cluster, stamp(2))
    expect(rulesInForce(back)).toEqual([rulesOf(long), rulesOf(before.cluster)])
    // Their words are of the time before the first change.
    expect(unsaid(back)).toEqual(['node2', 'node3'])
  })

  test('one that changes no rule is in force, and said, at once', () => {
    const hooked = clusterChanged(before, { ...before.cluster, maxParallel: 3 }, stamp(1))
    expect(hooked.rules.earlier).toEqual([])
    expect(ownDocument(hooked).rules).toMatchObject({ version: stamp(1), earlier: [] })
    expect(isBehind(hooked, 'node2')).toBe(false)
  })

  test('the shortest period of a watchdog counts, so that it fits into the shortest silence', () => {
    const slow = { ...before.cluster, watchdog: { ...before.cluster.watchdog, periodMs: 5000 } }
    expect(clusterChanged(before, slow, stamp(1)).cluster.watchdog.periodMs).toBe(2000)
    const fast = { ...before.cluster, watchdog: { ...before.cluster.watchdog, periodMs: 1000 } }
    expect(clusterChanged(before, fast, stamp(1)).cluster.watchdog.periodMs).toBe(1000)
  })
})

test('a lease lasts over the coming of a second voter for as long as the former rules allowed', () => {
  const both = three({ lease: 'none' })
  const alone = { ...both, cluster: among(both, ['node1']) }
  const joined = clusterChanged(alone, among(both, ['node1', 'node2']), stamp(1))
  const { leaseMs } = joined.cluster.heartbeat
  expect([hasLease(alone), hasLease(joined)]).toEqual([true, true])
  expect(hasLease(later(joined, leaseMs - 1))).toBe(true)
  expect(hasLease(later(joined, leaseMs))).toBe(false)
})

describe('quorum', () => {
  test('switched off, a majority is needed until everybody knows', () => {
    const before = three({ lease: 'valid' })
    const off = clusterChanged(before, { ...before.cluster, quorum: false }, stamp(1))
    expect(off.cluster.quorum).toBe(true)
    expect(hasLease(off)).toBe(true)
    const early = said(said(later(off, 2000), 'node2', agreeingTo(off)), 'node3', agreeingTo(off))
    expect(unsaid(early)).toEqual([])
    expect(early.cluster.quorum).toBe(true)
    expect(said(said(later(off, 5000), 'node2'), 'node3').cluster.quorum).toBe(false)
  })

  test('switched on, nobody is silent yet, and what runs goes on for a lease', () => {
    const before = three({ quorum: false, silent: ['node3'] })
    const on = clusterChanged(before, { ...before.cluster, quorum: true }, stamp(1))
    expect(leaseEndsMs(on)).toBe(on.nowMs + on.cluster.heartbeat.leaseMs)
    expect(on.votes['node3']?.ackedAtMs).toBe(on.nowMs)
  })

  test('off before and after: nothing has to be agreed to', () => {
    const before = three({ quorum: false })
    expect(clusterChanged(before, timed(before, 700, 1500), stamp(1)).rules.earlier).toEqual([])
  })
})

test('who comes back by rules that the others have left behind is behind, until it says that it goes by theirs', () => {
  const before = three()
  const long = clusterChanged(before, timed(before, 5000, 12_000), stamp(1))
  const alone = said(said(later(long, 12_000), 'node2'), 'node3')
  const back = said(alone, 'node3', { generation: 99, ...(old(before) && { rules: old(before) }) })
  expect(isBehind(back, 'node3')).toBe(true)
  expect(isBehind(back, 'node2')).toBe(false)
  const beat = (world: World, peer: string): World => {
    const pledge = { incarnation: 1, seq: 1, hasLease: true, clean: true, names: {} }
    const { nowMs, wallMs } = world
    return reduce(world, { nowMs, wallMs, random: 0 }, { kind: 'beat', peer, path: 'p', pledge })
  }
  expect(beat(back, 'node2').votes['node2']?.verdict).toBe('acknowledged')
  expect(beat(back, 'node3').votes['node3']?.verdict).toBe('shunned')
  const acked = (voter: string): World => {
    const ack = {
      voter,
      incarnation: ownDocument(back).incarnation,
      sentMs: back.nowMs,
      granted: true,
      eviction: null,
    }
    const fresh = { ...back, lease: noLease(0) }
    return reduce(fresh, { nowMs: back.nowMs, wallMs: 0, random: 0 }, { kind: 'acknowledged', ...ack })
  }
  expect(acked('node2').lease.ackedMs['node2']).toBe(back.nowMs)
  expect(acked('node3').lease.ackedMs['node3']).toBeUndefined()
  expect(beat(said(back, 'node3', { generation: 100 }), 'node3').votes['node3']?.verdict).toBe('acknowledged')
  expect(sameRules(rulesOf(back.cluster), rulesOf(timed(before, 5000, 12_000)))).toBe(true)
})

test('rules are the same whatever the addresses and the order of the voters, and others by any of their parts', () => {
  const rules = rulesOf(three().cluster)
  const moved = rules.voters.toReversed().map((voter) => ({ ...voter, addresses: ['elsewhere'] }))
  expect(sameRules(rules, { ...rules, voters: moved })).toBe(true)
  for (const [key, value] of Object.entries(rules)) {
    const other = typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : value.slice(1)
    expect([key, sameRules(rules, { ...rules, [key]: other })]).toEqual([key, false])
  }
  const replaced = rules.voters.map((voter, i) => (i === 0 ? { ...voter, name: 'node9' } : voter))
  expect(sameRules(rules, { ...rules, voters: replaced })).toBe(false)
})
