import { describe, expect, test } from 'vitest'
import { decide } from '../../../src/core/decide/index.js'
import type { ActionOutcome } from '../../../src/core/event.js'
import { heldBack, leftOut } from '../../../src/core/left-out.js'
import { unfit } from '../../../src/core/placement.js'
import type { Resource } from '../../../src/core/service.js'
import { localOf, ownInstance, viewOf } from '../../../src/core/view.js'
import type { World } from '../../../src/core/world.js'
import { durableChanges } from '../../../src/daemon/agent/durable.js'
import { reborn } from '../../cases/reborn.js'
import { memoryStore } from '../../sim/memory-store.js'
import {
  address,
  after,
  configured,
  disk,
  former,
  look,
  probed,
  service,
  up,
  without,
} from './left-out-world.js'

function stopped(world: World, active: readonly string[]): World {
  const running = {
    id: 'a1',
    action: 'stop',
    order: null,
    target: null,
    rids: [],
    whole: true,
    giveUp: null,
    restart: false,
    aborting: false,
  } as const
  const probe = look(viewOf(world, 'db1').service, active)
  const outcome: ActionOutcome = { ok: true, failure: null, aborted: false, probe }
  const acting = { ...world, actions: { db1: running } }
  return after(acting, { kind: 'action ended', service: 'db1', id: 'a1', outcome })
}

describe('what a configuration leaves out', () => {
  const elsewhere = { ...disk, identity: 'fs.xfs /dev/b@/srv' }
  test.each<[string, readonly Resource[], readonly string[]]>([
    ['a resource is taken out', [address], ['fs#1']],
    ['it has another rid', [{ ...disk, rid: 'fs#data' }, address], ['fs#1']],
    ['it acts on something else', [elsewhere, address], ['fs#1']],
    ['everything goes', [], ['fs#1', 'ip#1']],
    ['one is added', [disk, address, { ...disk, rid: 'fs#2' }], []],
    ['options change', [{ ...disk, restart: 3, monitor: true, tags: ['a'], optional: true }, address], []],
    ['it needs no place of its own any more', [{ ...disk, exclusive: false }, address], ['fs#1']],
    ['it is disabled by an operator', [{ ...disk, disable: true }, address], []],
    ['it acts on something else, disabled', [{ ...elsewhere, disable: true }, address], []],
  ])('%s', (_, resources, rids) => {
    expect(leftOut(former, service('2', resources)).map(({ rid }) => rid)).toEqual(rids)
  })

  test('is nothing in the same version, which another agent tells in other words', () => {
    expect(leftOut(former, service(former.version, [elsewhere, address]))).toEqual([])
  })

  test('is not what was nobody’s concern before', () => {
    const [one, two, three] = [
      { ...disk, disable: true },
      { ...disk, tags: ['noaction'] },
      { ...disk, exclusive: false },
    ]
    for (const resource of [one, two, three])
      expect(leftOut(service('1', [resource]), service('2', []))).toEqual([])
  })
})

describe('a configuration that leaves out what this node has active', () => {
  const left = after(up, configured(without))

  test('is awaited, and why is said with the next step', () => {
    expect(viewOf(left, 'db1')).toMatchObject({ service: former, awaited: without })
    expect(heldBack(left, viewOf(left, 'db1'))).toBe(
      'the newest configuration has fs#1 no more, or otherwise, and node1 has not seen it stopped: ' +
        'node1 goes on with the former one until the service is stopped there (om db1 stop)',
    )
  })

  test('is in force, and the place given up, only once that was seen released', () => {
    const half = stopped(left, ['fs#1'])
    expect(viewOf(half, 'db1')).toMatchObject({ service: former, awaited: without })
    expect(ownInstance(half, 'db1')).toMatchObject({ place: { kind: 'held' }, monitor: 'stop failed' })
    expect(decide(half).intents.map((intent) => intent.do)).not.toContain('release')
    const whole = stopped(left, [])
    expect(viewOf(whole, 'db1')).toEqual({ service: without, problem: null, formerMembers: [] })
    expect(localOf(whole, 'db1').released).toBe(true)
    expect(decide(whole).intents.map((intent) => intent.do)).toContain('release')
  })

  test('is in force at once where that resource alone was stopped before', () => {
    const alone = after(up, probed(former, ['ip#1']), configured(without))
    expect(viewOf(alone, 'db1').service).toBe(without)
  })

  test('is awaited while something is done to the service, and looked at again after that', () => {
    const down = after(up, probed(former, ['ip#1']))
    const acting = { ...down, actions: { db1: { ...running(), id: 'a1' } } }
    const asked = after(acting, configured(without))
    expect(viewOf(asked, 'db1').awaited).toBe(without)
    const outcome = { ok: true, failure: null, aborted: false, probe: look(former, ['ip#1']) }
    const over = after(asked, { kind: 'action ended', service: 'db1', id: 'a1', outcome })
    expect(viewOf(over, 'db1').service).toBe(without)
  })

  test('counts its members at once', () => {
    const moved = after(up, configured({ ...without, nodes: ['node2', 'node3'] }))
    const view = viewOf(moved, 'db1')
    expect(view.service).toEqual({ ...former, nodes: ['node2', 'node3'] })
    expect(view.formerMembers).toEqual(['node1'])
  })

  describe('and was never wholly started there', () => {
    /** Half up, as after the end of a daemon in the midst of a start. */
    const half = (next: World, active: readonly string[], failed = false): World => {
      const seen = after(next, probed(former, active))
      const own = seen.documents['node1']
      const instance = own?.instances['db1']
      if (own === undefined || instance === undefined) throw new Error('node1 has it')
      const monitor = failed ? 'start failed' : 'idle'
      const node1 = { ...own, instances: { db1: { ...instance, started: false, monitor } as const } }
      const service = { ...viewOf(seen, 'db1').service, orchestrate: 'ha' } as const
      const services = { db1: { ...viewOf(seen, 'db1'), service } }
      return { ...seen, services, documents: { ...seen.documents, node1 } }
    }
    const acts = (world: World): readonly string[] =>
      decide(world).intents.flatMap((intent) =>
        intent.do === 'act' ? `${intent.action}: ${intent.why}` : [],
      )

    test('is taken by a stop of what is half up, without an operator', () => {
      expect(acts(half(left, ['fs#1']))).toEqual([
        'stop: stop failover warn instance: it was never wholly started, and its newest configuration waits until it is stopped',
      ])
    })

    test('waits where everything is up all the same: that is a service which is not interrupted', () => {
      expect(acts(half(left, ['fs#1', 'ip#1']))).toEqual([
        'start: start failover up instance: it is held here, and was never wholly started',
      ])
    })

    test('waits for an operator where the start has failed, the service is frozen, not provisioned, or is to be disabled', () => {
      const seen = half(left, ['fs#1'])
      const view = viewOf(seen, 'db1')
      const freeze = { kind: 'freeze', name: 'db1', stamp: { wallMs: 1, count: 0, node: 'node1' } } as const
      const disabled = { ...view, awaited: { ...without, disable: true } }
      const own = seen.documents['node1']
      const instance = own?.instances['db1']
      if (own === undefined || instance === undefined) throw new Error('node1 has it')
      const bare = { ...own, instances: { db1: { ...instance, provisioned: false } } }
      expect(acts(half(left, ['fs#1'], true))).toEqual([])
      expect(acts({ ...seen, registers: { 'freeze/db1': { ...freeze, value: true } } })).toEqual([])
      expect(acts({ ...seen, services: { db1: disabled } })).toEqual([])
      expect(acts({ ...seen, documents: { ...seen.documents, node1: bare } })).toEqual([])
    })

    test('is completed where nothing is awaited', () => {
      expect(acts(half(up, ['fs#1']))).toEqual([
        'start: start failover warn instance: it is held here, and was never wholly started',
      ])
    })
  })

  test('is followed by the former one again, or by a third', () => {
    expect(viewOf(after(left, configured(former)), 'db1')).toEqual({
      service: former,
      problem: null,
      formerMembers: [],
    })
    const third = service('3', [{ ...disk, restart: 2 }, address])
    expect(viewOf(after(left, configured(third)), 'db1').service).toBe(third)
  })

  test('does not make the others unfit, who have it already', () => {
    const document = left.documents['node2']
    const instance = document?.instances['db1']
    if (document === undefined || instance === undefined) throw new Error('node2 has it')
    const node2 = { ...document, instances: { db1: { ...instance, configVersion: '2' } } }
    const told = { ...left, documents: { ...left.documents, node2 } }
    expect(unfit(told, viewOf(told, 'db1').service, 'node2')).toBe(null)
  })

  test('is awaited by the next daemon too, also where that one finds it first', () => {
    for (const world of [up, left]) {
      const next = restarted(world)
      const began = after(next, configured(without))
      expect(viewOf(began, 'db1')).toMatchObject({ service: former, awaited: without })
      const seen = after(began, probed(former, ['fs#1']))
      expect(viewOf(seen, 'db1').service).toEqual(former)
      expect(ownInstance(seen, 'db1')?.place.kind).toBe('held')
      expect(viewOf(after(began, probed(former, [])), 'db1').service).toBe(without)
    }
  })

  test('is awaited where the service was deleted and made anew meanwhile', () => {
    const anew = after(up, { kind: 'deleted', name: 'db1' }, configured(without))
    expect(viewOf(anew, 'db1')).toMatchObject({ service: former, awaited: without })
  })
})

const running = () =>
  ({
    action: 'restart',
    order: null,
    target: null,
    rids: ['ip#1'],
    whole: false,
    giveUp: null,
    restart: true,
    aborting: false,
  }) as const

/** The world of the next daemon on this machine. */
function restarted(world: World): World {
  const store = memoryStore()
  store.putAll([{ key: 'boot', value: 'boot1' }, ...durableChanges(null, world)])
  return reborn(store, up.cluster)
}
