import { expect, test } from 'vitest'
import type { Rules } from '../../../src/core/rules.js'
import type { Cluster } from '../cluster.js'
import { Alone } from './alone.js'

const rules = (quorum: boolean): Rules => ({
  quorum,
  voters: [],
  intervalMs: 500,
  leaseMs: 2500,
  timeoutMs: 5000,
  stopMaxMs: 2300,
  watchdogPeriodMs: 2000,
})
const on = rules(true)
const off = rules(false)

const said = (...all: readonly Rules[]): string => JSON.stringify({ changed: null, all, said: true })
const unsaid = (...all: readonly Rules[]): string => JSON.stringify({ changed: null, all, said: false })

/** What is wrong where a service begins on a node without quorum, while it is up on one that has kept these rules one after another. */
function wrongAfter(kept: readonly string[]): readonly string[] {
  const disks = new Map([['node1', said(off)]])
  const cluster = {
    wasUnprotected: true,
    clock: { nowMs: () => 0 },
    machine: (name: string) => ({ store: { get: () => disks.get(name) } }),
    up: () => ['node2'],
  } as unknown as Cluster
  const alone = new Alone(cluster)
  alone.turned('node1')
  for (const text of kept) {
    disks.set('node2', text)
    alone.turned('node2')
  }
  alone.activated('db1', 'node1', false)
  return alone.violations
}

test.each([
  ['off', [said(off)]],
  ['off, and on is not agreed', [said(off), unsaid(off, on)]],
  ['off, and on has not taken its place everywhere', [said(off), said(off, on)]],
  ['off, on, and off again', [said(off), said(off, on), unsaid(on, off)]],
  ['off, on, and off again before anything was said', [said(off), unsaid(off, on), unsaid(on, off)]],
])('two may come about where quorum is %s', (_, kept) => {
  expect(wrongAfter(kept)).toEqual([])
})

test.each([
  ['on', [said(on)]],
  ['on, and off is not agreed', [said(on), unsaid(on, off)]],
  ['on again everywhere', [said(off), said(off, on), said(on)]],
  [
    'on again everywhere, and a second off is not agreed',
    [said(off), said(off, on), said(on), unsaid(on, off)],
  ],
])('two may not come about where quorum is %s', (_, kept) => {
  expect(wrongAfter(kept)).toHaveLength(1)
})
