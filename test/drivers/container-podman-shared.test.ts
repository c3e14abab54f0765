// Podman binds containers to each other: one whose namespaces are shared cannot be removed before those that share them. And what wakes the agent.
import { describe, expect, it, vi } from 'vitest'
import type { Resource } from '../../src/core/service.js'
import { STREAMS } from '../../src/daemon/agent/watch/streams.js'
import { NodeWatch } from '../../src/daemon/agent/watch/watch-node.js'
import type { Instance } from './instance.js'
import { registryOf } from '../../src/resources/registry.js'
import { IMAGE } from './docker-engine.js'
import { systemPorts } from './node.js'
import { container } from './podman-engine.js'
import { kill, names, podman, podmanNode, told } from './podman-node.js'

const { db1 } = podmanNode()

describe('containers in the namespace of another', () => {
  const holder = container('container#0')
  const sharer = (keywords = {}): Resource => container('container#1', { netns: 'container#0', ...keywords })
  const statuses = async (one: Instance): Promise<readonly (string | undefined)[]> => {
    const seen = await one.probe()
    return ['container#0', 'container#1'].map((rid) => seen[rid]?.status)
  }

  it('start and stop with it, and nothing is left', async () => {
    const one = db1(holder, sharer())
    expect((await one.act('start')).failure).toBeNull()
    expect(await statuses(one)).toEqual(['up', 'up'])
    expect((await one.act('stop')).failure).toBeNull()
    expect(names()).toEqual([])
  })

  it('are down once it was killed, and it can be started again although they depend on it', async () => {
    const one = db1(holder, sharer())
    await one.act('start')
    kill(told('db1.container.0', 'State.Pid'))
    await vi.waitFor(async () => expect(await statuses(one)).toEqual(['down', 'down']))
    expect((await one.act('start', ['container#0'])).failure).toBeNull()
    expect(one.log).toContain('container#0 podman start db1.container.0')
    expect(await statuses(one)).toEqual(['up', 'down'])
    expect((await one.act('start', ['container#1'])).failure).toBeNull()
    expect(await statuses(one)).toEqual(['up', 'up'])
  })

  it('do not start it on the quiet: it is started first', async () => {
    const one = db1(container('container#0', { rm: false }), sharer())
    await one.act('start', ['container#0'])
    await one.act('stop', ['container#0'])
    expect((await one.act('start', ['container#1'])).failure?.message).toBe(
      'container#1: container#1 shares a namespace of container#0, which does not run: start it first (om db1 start --local --rid container#0)',
    )
    expect(await statuses(one)).toEqual(['down', 'down'])
    podman('rm', 'db1.container.0')
  })

  it('make way for a new one where the old one cannot be started again', async () => {
    const one = db1(holder, sharer())
    await one.act('start')
    kill(told('db1.container.0', 'State.ConmonPid'))
    kill(told('db1.container.0', 'State.Pid'))
    await vi.waitFor(async () => expect(await statuses(one)).toEqual(['down', 'down']))
    expect((await one.act('start')).failure).toBeNull()
    expect(one.log).toContain('container#0 podman rm --force --depend db1.container.0')
    expect(await statuses(one)).toEqual(['up', 'up'])
  })

  it('that are kept keep it, too', async () => {
    const one = db1(holder, sharer({ rm: false }))
    await one.act('start')
    expect((await one.act('stop')).failure).toBeNull()
    expect(names()).toEqual(['db1.container.0', 'db1.container.1'])
    expect((await one.act('start')).failure).toBeNull()
    expect(await statuses(one)).toEqual(['up', 'up'])
    await db1(holder, sharer()).act('stop')
    expect(names()).toEqual([])
  })
})

describe('what podman tells of', () => {
  it('wakes the agent where it is a container of a service, and only there', async () => {
    const { exec, clock } = systemPorts()
    const lines: string[] = []
    let changes = 0
    const end = exec.follow(
      STREAMS.podman.argv,
      (line) => void lines.push(line),
      () => undefined,
    )
    const watch = new NodeWatch({ exec, clock, onChange: () => void (changes += 1) }, registryOf([]))
    watch.follow('podman')
    const make = (label: string): string => podman('create', '--label', label, '--net=none', IMAGE).trim()
    try {
      await vi.waitFor(
        () => {
          podman('rm', make('other=1'))
          expect(lines.length).toBeGreaterThan(0)
        },
        { timeout: 30_000, interval: 300 },
      )
      expect(changes).toBe(0)
      await vi.waitFor(
        () => {
          podman('rm', make('longshore.service=db1'))
          expect(changes).toBeGreaterThan(0)
        },
        { timeout: 30_000, interval: 300 },
      )
    } finally {
      end()
      watch.end()
    }
  })

  it('has the death of a container in it', async () => {
    const one = db1(container('container#0'))
    await one.act('start')
    const { exec, clock } = systemPorts()
    let changes = 0
    const watch = new NodeWatch({ exec, clock, onChange: () => void (changes += 1) }, registryOf([]))
    watch.follow('podman')
    try {
      await vi.waitFor(
        () => {
          podman('pause', 'db1.container.0')
          podman('unpause', 'db1.container.0')
          expect(changes).toBeGreaterThan(0)
        },
        { timeout: 30_000, interval: 300 },
      )
      changes = 0
      kill(told('db1.container.0', 'State.Pid'))
      await vi.waitFor(() => expect(changes).toBeGreaterThan(0), { timeout: 30_000 })
    } finally {
      watch.end()
    }
    expect((await one.probe())['container#0']).toMatchObject({ status: 'down' })
  })
})
