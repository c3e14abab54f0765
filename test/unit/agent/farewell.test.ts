import { expect, test } from 'vitest'
import type { Event } from '../../../src/core/event.js'
import type { Having } from '../../../src/core/farewell.js'
import { reduce } from '../../../src/core/reduce/index.js'
import { instanceOn, ownDocument } from '../../../src/core/view.js'
import type { World } from '../../../src/core/world.js'
import { farewellKey, sayFarewell } from '../../../src/daemon/agent/farewell.js'
import { nowMs, worldOf } from '../../cases/world.js'
import { memoryStore } from '../../sim/memory-store.js'
import { VirtualClock } from '../../sim/virtual-clock.js'

/** A daemon of three that holds a service stops; what the others have, and what becomes of the service, is told. */
function stopping(o: { readonly heard: boolean; readonly full?: boolean; readonly releasedAtMs?: number }) {
  let world: World = worldOf({
    why: 'a daemon stops',
    nodes: ['node1', 'node2', 'node3'],
    quorum: true,
    on: { node1: 'held', node2: 'down', node3: 'down' },
  })
  const clock = new VirtualClock()
  const store = memoryStore()
  store.refuses = o.full === true
  const agent = {
    get world() {
      return world
    },
    put(event: Event) {
      world = reduce(world, { nowMs, wallMs: 0, random: 0 }, event)
    },
  }
  const peering = {
    get having(): Readonly<Record<string, Having>> {
      return o.heard ? { node2: world.documents } : {}
    },
  }
  if (o.releasedAtMs !== undefined) clock.at(o.releasedAtMs, () => (world = released(world)))
  let how = 'it still waits'
  const ports = { agent, peering, store, clock, sys: { bootId: 'b' } }
  sayFarewell(ports, (said) => (how = said))
  return {
    after: (ms: number) => {
      clock.pass(ms)
      return how
    },
    state: () => ownDocument(world).state,
    remembered: () => store.get(farewellKey),
  }
}

function released(world: World): World {
  const own = ownDocument(world)
  const db1 = instanceOn(world, 'node1', 'db1')
  if (db1 === null) throw new Error('there is an instance')
  const instances = { db1: { ...db1, place: { kind: 'none' } as const } }
  return { ...world, documents: { ...world.documents, node1: { ...own, instances } } }
}

test('a majority has heard it: remembered for the next daemon', () => {
  const daemon = stopping({ heard: true })
  expect([daemon.after(400), daemon.state(), daemon.remembered()]).toEqual(['heard', 'maintenance', 'b'])
})

test('a full disk cannot remember it, and ends nothing that runs', () => {
  const daemon = stopping({ heard: true, full: true })
  expect([daemon.after(400), daemon.remembered()]).toEqual(['heard', null])
})

test('nobody has heard it: waited for as long as the lease and the forced stop take, and no longer', () => {
  const daemon = stopping({ heard: false })
  expect(daemon.after(4700)).toBe('it still waits')
  expect([daemon.after(300), daemon.remembered()]).toEqual(['unheard', null])
})

test('nobody has heard it, and the lease has ended what ran: nothing is left behind, and that is said', () => {
  const daemon = stopping({ heard: false, releasedAtMs: 3000 })
  expect(daemon.after(3200)).toBe('it still waits')
  expect([daemon.after(300), daemon.state()]).toEqual(['left', 'left'])
})
