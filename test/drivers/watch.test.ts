import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { STREAMS } from '../../src/daemon/agent/watch/streams.js'
import { NodeWatch } from '../../src/daemon/agent/watch/watch-node.js'
import type { Cancel } from '../../src/daemon/ports.js'
import type { EventSource } from '../../src/resources/driver.js'
import { IMAGE, startDocker, type DockerEngine } from './docker-engine.js'
import { run } from './machine.js'
import { registryOf } from '../../src/resources/registry.js'
import { systemPorts } from './node.js'

let engine: DockerEngine
let cancel: Cancel
let changed = new Set<EventSource>()

beforeAll(async () => {
  engine = await startDocker(systemPorts())
  const { exec, clock } = engine.io
  const watch = new NodeWatch({ exec, clock, onChange: (source) => void changed.add(source) }, registryOf([]))
  for (const source of ['mounts', 'docker', 'addresses'] as const) watch.follow(source)
  cancel = () => watch.end()
})

afterAll(async () => {
  cancel?.()
  await engine?.end()
})

/** The streams take a moment to begin: what makes the change is done until it is seen. */
const tells = (source: EventSource, change: () => void): Promise<void> =>
  vi.waitFor(
    () => {
      change()
      expect([...changed]).toContain(source)
    },
    { timeout: 30_000, interval: 300 },
  )

it('a filesystem that is mounted wakes the agent', async () => {
  const point = mkdtempSync(join(tmpdir(), 'lsu-watch-'))
  changed = new Set()
  await tells('mounts', () => {
    run('mount', '-t', 'tmpfs', 'tmpfs', point)
    run('umount', point)
  })
  rmSync(point, { recursive: true })
})

it('an address that comes wakes the agent', async () => {
  changed = new Set()
  await tells('addresses', () => {
    run('ip', 'link', 'add', 'name', 'lsuw0', 'type', 'veth', 'peer', 'name', 'lsuw1')
    run('ip', 'link', 'del', 'dev', 'lsuw0')
  })
})

it('a container of a service wakes the agent', async () => {
  changed = new Set()
  await tells('docker', () => {
    const id = run('docker', 'create', '--label=longshore.service=db1', IMAGE).trim()
    run('docker', 'rm', id)
  })
})

it('anything else that runs in containers does not', async () => {
  const { exec } = engine.io
  const lines: string[] = []
  const end = exec.follow(
    [...STREAMS.docker.argv],
    (line) => void lines.push(line),
    () => undefined,
  )
  const made = (label: string): string => run('docker', 'create', '--label', label, IMAGE).trim()
  await vi.waitFor(
    () => {
      run('docker', 'rm', made('other=1'), made('longshore.service=db1'))
      expect(lines.length).toBeGreaterThan(0)
    },
    { timeout: 30_000, interval: 300 },
  )
  end()
  expect(lines.filter((line) => !line.includes('"longshore.service":"db1"'))).toEqual([])
})
