import { describe, expect, it, test } from 'vitest'
import { decide } from '../../../src/core/decide/index.js'
import { provisionedEnd } from '../../../src/core/decide/target/provisioned.js'
import { startedEnd } from '../../../src/core/decide/target/started.js'
import type { InstanceDocument, MonitorState, ResourceDocument } from '../../../src/core/document.js'
import type { RegisterEntry, TargetValue } from '../../../src/core/register.js'
import type { Resource, Service } from '../../../src/core/service.js'
import type { Status } from '../../../src/core/status.js'
import { freshLocal, type LocalInstance, type World } from '../../../src/core/world.js'
import { Cluster } from '../../sim/cluster.js'
import { flag, flagService } from '../../sim/service.js'

const namespace: Resource = {
  ...flag,
  rid: 'container#0',
  group: 'container',
  type: 'docker',
  exclusive: false,
}
const server: Resource = { ...flag, rid: 'container#1', group: 'container', type: 'docker', monitor: true }

interface Scene {
  readonly service?: Partial<Service>
  readonly local?: Partial<LocalInstance>
  readonly instance?: Partial<InstanceDocument>
  readonly registers?: readonly RegisterEntry[]
  readonly seen?: Readonly<Record<string, Status>>
}

/** What node1 of two believes: both are there, and node1 has an instance as told; the other one is idle. */
function scene(asked: Scene): World {
  const service = flagService('db1', ['node1', 'node2'], { resources: [namespace, server], ...asked.service })
  const cluster = new Cluster({ nodes: ['node1', 'node2'], services: [service] })
  cluster.begin()
  cluster.clock.pass(2000)
  const world = cluster.world('node1')
  const own = world.documents['node1']
  const instance = own?.instances['db1']
  const other = world.documents['node2']
  if (own === undefined || other === undefined || instance === undefined) throw new Error('they have not met')
  const resources = Object.fromEntries(
    service.resources.map((r) => [r.rid, resourceAs(r, asked.seen?.[r.rid] ?? 'down')]),
  )
  const idle: InstanceDocument = { ...instance, place: { kind: 'none' }, provisioned: true, sawTarget: 't' }
  const told: InstanceDocument = { ...idle, resources, ...asked.instance }
  return {
    ...world,
    local: {
      ...world.local,
      db1: { ...freshLocal, released: true, probedVersion: service.version, ...asked.local },
    },
    documents: { node1: { ...own, instances: { db1: told } }, node2: { ...other, instances: { db1: idle } } },
    registers: {
      ...world.registers,
      ...Object.fromEntries((asked.registers ?? []).map((r) => [`${r.kind}/${r.name}`, r])),
    },
  }
}

function resourceAs(resource: Resource, status: Status): ResourceDocument {
  const { monitor, disable, optional, standby } = resource
  const flags = {
    running: false,
    monitor,
    disable,
    optional,
    standby,
    restartsLeft: null,
    userStopped: false,
  }
  return { status, label: '', type: resource.type, messages: [], provisioned: true, flags }
}

const wishes = (world: World): readonly string[] =>
  decide(world).intents.flatMap((intent) => (intent.do === 'act' ? [`${intent.action}: ${intent.why}`] : []))

const stamp = { wallMs: 1, count: 0, node: 'node1' }
const frozen: RegisterEntry = { kind: 'freeze', name: 'db1', stamp, value: true }

describe('a namespace that was prepared for a start that did not come', () => {
  const leftover: Scene = { local: { preparedFor: 'gone' }, seen: { 'container#0': 'up' } }

  it('is taken down', () => {
    expect(wishes(scene(leftover))).toEqual([
      'stop: take down what only holds a namespace, where the service does not run',
    ])
  })

  test.each<[string, Scene]>([
    ['while the instance is frozen', { ...leftover, registers: [frozen] }],
    ['where an operator started it', { ...leftover, local: { preparedFor: null } }],
    ['once it is down', { ...leftover, seen: {} }],
    [
      'after a failure, which would be forgotten by it',
      { ...leftover, instance: { monitor: 'start failed' } },
    ],
  ])('is left alone %s', (_, asked) => {
    expect(wishes(scene(asked))).toEqual([])
  })
})

describe('a monitored resource that is down with no restart left', () => {
  const held = { kind: 'held', generation: 1, since: 1 } as const
  const lost: Scene = {
    service: { orchestrate: 'ha', monitorAction: 'switch' },
    instance: { started: true, place: held },
    local: { released: false },
    seen: { 'container#0': 'up' },
  }
  it('is followed by monitor_action with orchestrate=ha', () => {
    const why = 'monitored resource container#1 is down and has no restart left: monitor_action=switch'
    expect(wishes(scene(lost))).toEqual([`stop: ${why}`])
  })

  test.each(['no', 'start'] as const)(
    'stays as it is with orchestrate=%s, where nobody would start it elsewhere',
    (orchestrate) => {
      const world = scene({ ...lost, service: { orchestrate, monitorAction: 'switch' } })
      expect(wishes(world)).toEqual([])
      expect(decide(world).notes['db1']).toContain('monitor_action=switch is not done')
    },
  )
})

describe('a start that failed ends the target state, and says what comes next', () => {
  const ended = (monitor: MonitorState, more: Scene, orchestrate: 'ha' | 'no'): string | undefined => {
    const target: TargetValue = {
      id: 't',
      target: { kind: 'started' },
      author: 'test',
      deadlineWallMs: Infinity,
      end: null,
    }
    const instance = { monitor, failure: 'no licence', ...more.instance }
    const world = scene({ ...more, service: { orchestrate }, instance })
    const view = world.services['db1']
    return view === undefined ? undefined : startedEnd(world, view, target)?.why
  }
  const held = { kind: 'held', generation: 1, since: 1 } as const

  test.each([
    [
      'the other node, with ha',
      ended('start failed', {}, 'ha'),
      'start failed on node1: no licence; orchestrate=ha starts it on node2',
    ],
    [
      'the command, without',
      ended('start failed', {}, 'no'),
      'start failed on node1: no licence; it stays down: mend that, then run: om db1 start',
    ],
    [
      'what is left there, where the rollback failed',
      ended('start failed', { instance: { place: held }, seen: { 'container#1': 'up' } }, 'ha'),
      'start failed on node1: no licence; container#1 could not be undone there, so nothing is started elsewhere: mend that, then run: om db1 start',
    ],
  ])('%s', (_, why, expected) => {
    expect(why).toBe(expected)
  })
})

describe('a provisioning that finds something active on another node', () => {
  const target: TargetValue = {
    id: 't',
    target: { kind: 'provisioned', leader: 'node2' },
    author: 'test',
    deadlineWallMs: Infinity,
    end: null,
  }
  const end = (asked: Scene): string | null => {
    const world = scene(asked)
    const view = world.services['db1']
    return view === undefined ? 'no view' : (provisionedEnd(world, view, target, 'node2')?.why ?? null)
  }
  const held = { kind: 'held', generation: 0, since: 1 } as const

  it('ends at once, naming it', () => {
    expect(end({ instance: { place: held }, seen: { 'container#1': 'up' } })).toBe(
      'on node1 something of it is active already: container#1 () is up; stop that there, then run: om db1 provision',
    )
  })

  it('waits while that is being stopped', () => {
    expect(end({ instance: { place: held, monitor: 'stopping' } })).toBeNull()
  })
})

describe('a daemon that was away while a target state ended', () => {
  it('learns that before it acts on what it remembers', () => {
    const nodes = ['node1', 'node2']
    const cluster = new Cluster({ nodes, services: [flagService('db1', nodes)] })
    cluster.begin()
    cluster.clock.pass(2000)
    cluster.ailments.set('db1@node1', 'slow')
    cluster.ask('node1', 'db1', 'provision')
    cluster.clock.pass(1000)
    cluster.killDaemon('node1')
    cluster.clock.pass(10_000)
    const ended = cluster.world('node2').registers['target/db1']
    expect(ended?.kind === 'target' && ended.value.end).toEqual({
      how: 'failed',
      why: 'node1 is unreachable',
    })
    cluster.startDaemon('node1')
    cluster.clock.pass(30_000)
    expect(cluster.world('node1').actions).toEqual({})
    expect(cluster.world('node1').documents['node1']?.instances['db1']).toMatchObject({
      started: false,
      monitor: 'idle',
    })
    expect(cluster.world('node1').boot.phase).toBe('done')
  })
})
