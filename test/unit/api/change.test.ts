import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { ownInstance } from '../../../src/core/view.js'
import { systemClock } from '../../../src/daemon/adapters/clock.js'
import { systemExec } from '../../../src/daemon/adapters/exec.js'
import { systemFiles } from '../../../src/daemon/adapters/files.js'
import { buildApi } from '../../../src/daemon/api/app.js'
import type { House } from '../../../src/daemon/api/house.js'
import { ClusterRoom } from '../../../src/daemon/cluster-room.js'
import { builtinDrivers, registryOf } from '../../../src/resources/registry.js'
import { driverSections } from '../../../src/resources/sections.js'
import { parseCluster } from '../../../src/spec/cluster.js'
import { schemaOf } from '../../../src/spec/schema.js'
import { valueOf } from '../../adapters/cluster.js'
import { memoryStore } from '../../sim/memory-store.js'
import { memoryOf } from '../../sim/remembering.js'

const load = { load15m: 0, memTotalMb: 1, memAvailMb: 1, swapTotalMb: 0, swapAvailMb: 0, cpus: 1 }
const patience = { timeout: 20_000, interval: 20 }

/** A cluster of one node: an agent with its drivers, on this machine. */
async function running() {
  const directory = mkdtempSync(join(tmpdir(), 'lsu-change-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const text = 'cluster:\n  name: paris\n  id: 5ca1ab1e\n  nodes: node1\n'
  const clock = systemClock()
  const store = memoryStore()
  const room = new ClusterRoom(
    {
      clock,
      rng: { random: () => 0.5, id: () => String(clock.nowMs()) },
      exec: systemExec(clock),
      files: systemFiles(),
      store,
      log: { write: () => undefined },
      loopDelay: { take: () => ({ p99Ms: 0, maxMs: 0 }) },
      sys: { hostname: 'node1', machineId: 'm1', bootId: 'b1', load: () => Promise.resolve(load) },
      registry: registryOf(builtinDrivers),
      schema: schemaOf(driverSections),
      etcDir: join(directory, 'etc'),
      varDir: join(directory, 'var'),
      runDir: join(directory, 'run'),
      version: 'test',
    },
    {
      cluster: valueOf(parseCluster({ text, source: 'cluster.yaml' })),
      kept: memoryOf(store),
      load,
      self: 'node1',
    },
  )
  const none = () => undefined
  await room.begin(() => ({ send: () => false, drop: none, close: none }), {
    beat: none,
    configure: none,
    close: none,
  })
  onTestFinished(() => room.end())
  const api = buildApi({ self: 'node1', room } as House)
  const post = async (path: string, body: object): Promise<string> => {
    const request = new Request(`http://omd/api/services${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    })
    const answer = await api.fetch(request, { caller: { kind: 'operator' } })
    const told = (await answer.json()) as { readonly error?: { readonly message: string } }
    return told.error?.message ?? 'done'
  }
  const set = (...words: readonly string[]): Promise<string> => post('/db1/config', { set: words })
  return { room, directory, post, set }
}

test('a wrong path that shows something which cannot be stopped is disabled, changed and enabled again; then the service starts', async () => {
  const { room, directory, post, set } = await running()
  const program = (name: string, script: string): string => {
    writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    return join(directory, name)
  }
  const wrong = program('wrong', 'exit 3')
  const right = program('right', `test -e ${directory}/runs`)
  const [start, stop] = [program('start', `touch ${directory}/runs`), program('stop', `rm ${directory}/runs`)]
  const text = `app#1:\n  type: forking\n  start: ${start}\n  stop: ${stop}\n  check: ${wrong}\n`
  const seen = () => ownInstance(room.agent.world, 'db1')
  const shows = (status: string): Promise<void> =>
    vi.waitFor(() => expect(seen()?.resources['app#1']?.status).toBe(status), patience)

  expect(await post('', { name: 'db1', text, env: {}, deploy: false })).toBe('done')
  await shows('warn')
  expect(seen()?.place.kind).toBe('held')
  const change = `app#1.check=${right}`
  expect(await set(change)).toMatch(
    /^app#1 \(.+\) may be active on node1: .+ disable it \(om db1 disable --rid app#1\), change it, and enable it again \(om db1 enable --rid app#1\)$/,
  )

  expect(await set('app#1.disable=true')).toBe('done')
  await vi.waitFor(() => expect(seen()?.place.kind).toBe('none'), patience)
  expect(await set(change)).toBe('done')
  expect(await set('app#1.disable=false')).toBe('done')
  await shows('down')
  expect(seen()?.place.kind).toBe('none')
  expect(room.agent.world.services['db1']?.awaited).toBeUndefined()

  expect(await post('/db1/target', { action: 'provision' })).toBe('done')
  await vi.waitFor(() => expect(seen()?.provisioned).toBe(true), patience)
  expect(await post('/db1/target', { action: 'start' })).toBe('done')
  await shows('up')
})
