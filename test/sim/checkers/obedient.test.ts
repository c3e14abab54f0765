import { expect, test } from 'vitest'
import type { Intent } from '../../../src/core/intent.js'
import type { RegisterEntry } from '../../../src/core/register.js'
import { act } from '../../../src/core/decide/verdict.js'
import type { World } from '../../../src/core/world.js'
import { worldOf } from '../../cases/world.js'
import type { Cluster } from '../cluster.js'
import { Obedient } from './obedient.js'

const freeze = (wallMs: number, value: boolean, name = '@node1'): RegisterEntry => ({
  kind: 'freeze',
  name,
  value,
  stamp: { wallMs, count: 0, node: 'node2' },
})

/** A start on node1 of its own doing, where node1 and the one other node know these words on node1. */
function wrongAfter(here: readonly RegisterEntry[], there: readonly RegisterEntry[]): readonly string[] {
  const base = worldOf({ why: 'both are down', on: { node1: 'down', node2: 'down' } })
  const knowing = (entries: readonly RegisterEntry[]): World => ({
    ...base,
    registers: {
      ...base.registers,
      ...Object.fromEntries(entries.map((entry) => [`freeze/${entry.name}`, entry])),
    },
  })
  const now = { ms: 0 }
  const other = { world: knowing(there) }
  const cluster = {
    clock: { nowMs: () => now.ms },
    options: { quorum: true },
    askedMs: Number.NEGATIVE_INFINITY,
    network: { delayMs: 1, slowestMs: 1 },
    wasUnprotected: false,
    machines: new Map([['node2', { name: 'node2', resumedMs: 0, daemon: other }]]),
    agentOn: (name: string) => (name === 'node2' ? other : null),
  } as unknown as Cluster
  const obedient = new Obedient(cluster)
  obedient.turned('node2')
  now.ms = 60_000
  const start: Intent = act('db1', 'start', 'orchestrate=ha')
  obedient.intends('node1', start, knowing(here))
  return obedient.violations
}

test('a start against a freeze that all others have known for long is told of', () => {
  expect(wrongAfter([], [freeze(2, true)])).toEqual([
    expect.stringMatching(/though all others know that it is frozen$/),
  ])
})

test('a freeze that a newer word here has overtaken is none, whatever else is new there', () => {
  expect(wrongAfter([freeze(3, false)], [freeze(2, true), freeze(9, false, '@node2')])).toEqual([])
})
