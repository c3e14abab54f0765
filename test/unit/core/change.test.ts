import { describe, expect, test } from 'vitest'
import type { MonitorState } from '../../../src/core/document.js'
import { askChange } from '../../../src/core/request/change.js'
import type { Service } from '../../../src/core/service.js'
import type { World } from '../../../src/core/world.js'
import { worldOf } from '../../cases/world.js'
import { address, after, disk, former, moment, probed, service, up, without } from './left-out-world.js'

describe('an operator’s change', () => {
  const ask = (next: Service, world: World = up): string | null => {
    const answer = askChange(world, 'db1', () => ({ before: former, next }))
    return answer.ok ? null : answer.error.message
  }
  const refusal =
    'fs#1 (fs.xfs /dev/a@/srv) is up on node1: stop it first (om db1 stop, or on node1: om db1 stop --rid fs#1), then change it'

  test.each<[string, Service, string | null]>([
    ['that takes out what is up is refused', without, refusal],
    ['that renames it too', service('2', [{ ...disk, rid: 'fs#a' }, address]), refusal],
    [
      'that sends it elsewhere too',
      service('2', [{ ...disk, identity: 'fs.xfs /dev/b@/srv' }, address]),
      refusal,
    ],
    ['that adds is not', service('2', [disk, address, { ...disk, rid: 'fs#2' }]), null],
    ['of options is not', service('2', [{ ...disk, restart: 2 }, address], { orchestrate: 'ha' }), null],
    ['of members is not', service('2', [disk, address], { nodes: ['node1'] }), null],
    ['that takes out the holder is not', service('2', [address], { nodes: ['node2'] }), null],
  ])('%s', (_, next, words) => {
    expect(ask(next)).toBe(words)
  })

  test('is refused by whoever hears the holder, and not by others', () => {
    expect(ask(without, { ...up, self: 'node2', links: heard(moment.nowMs) })).toBe(refusal)
    expect(ask(without, { ...up, self: 'node2', links: heard(0) })).toBe(null)
  })

  test('is not refused where the resource alone was stopped, unless something is under way', () => {
    const down = after(up, probed(former, ['ip#1']))
    expect(ask(without, down)).toBe(null)
    const own = down.documents['node1']
    const instance = own?.instances['db1']
    if (own === undefined || instance === undefined) throw new Error('node1 has it')
    const starting = { ...own, instances: { db1: { ...instance, monitor: 'starting' as const } } }
    expect(ask(without, { ...down, documents: { ...down.documents, node1: starting } })).toContain(
      'fs#1 (fs.xfs /dev/a@/srv) may be active on node1',
    )
  })

  test('is refused with the way around what cannot be seen, unless something is under way', () => {
    const own = up.documents['node1']
    const instance = own?.instances['db1']
    const seen = instance?.resources['fs#1']
    if (own === undefined || instance === undefined || seen === undefined) throw new Error('node1 has it')
    const shown = (status: 'undef' | 'warn', monitor: MonitorState = 'idle'): World => {
      const resources = { ...instance.resources, 'fs#1': { ...seen, status } }
      const node1 = { ...own, instances: { db1: { ...instance, resources, monitor } } }
      return { ...up, documents: { ...up.documents, node1 } }
    }
    const stop =
      'fs#1 (fs.xfs /dev/a@/srv) may be active on node1: stop it first (om db1 stop, or on node1: om db1 stop --rid fs#1), then change it'
    const around =
      `${stop}; where it cannot be seen stopped, as by a wrong path, see that it is not in use on node1, ` +
      'disable it (om db1 disable --rid fs#1), change it, and enable it again (om db1 enable --rid fs#1)'
    expect(ask(without, shown('undef'))).toBe(around)
    expect(ask(without, shown('warn'))).toBe(around)
    expect(ask(without, shown('undef', 'stop failed'))).toBe(around)
    expect(ask(without, shown('undef', 'stopping'))).toBe(stop)
  })

  test('is not refused where nobody holds the service', () => {
    const world = worldOf({ why: '', on: { node1: 'down', node2: 'down' } })
    expect(ask(without, world)).toBe(null)
  })
})

const heard = (ms: number): World['links'] => ({ node1: { heardAtMs: { path: ms }, sinceMs: 0 } })
