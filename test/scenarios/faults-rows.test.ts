// PostgreSQL on a shared disk, two nodes and a witness, and a client that writes all the time: no row that was acknowledged is ever lost.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openStage, until, type Stage } from './failure.js'
import { postgres, sql } from './failure-services.js'
import { QUORUM, selfFence, WATCHDOG_MS, type Where } from './faults.js'
import { agent, AGENT, installAgent } from '../lab/power-switch.js'
import { powerSwitch } from './power-switch.js'
import { watch, type Watcher } from './watcher.js'
import { startWriter, type Acknowledged } from './writer.js'

const ADDRESS = '192.168.100.14'

let stage: Stage
let watcher: Watcher
beforeAll(async () => {
  stage = await openStage('frow', { nodes: 3, witness: true, watchdogMs: WATCHDOG_MS })
  await stage.mustOm(1, `cluster set ${QUORUM}`)
  await stage.mustOm(1, selfFence('watchdog'))
  const known = (await stage.lab.status()).disks[0] ?? (await stage.lab.disk('512M'))
  await stage.deploy('db1', postgres(known, { orchestrate: 'ha', nodes: 'node1 node2' }))
  await sql(stage.lab, 'create table if not exists rows (n bigint)')
  watcher = await watch(stage.lab, { program: 'postgres', address: ADDRESS })
})
afterAll(async () => {
  await watcher?.end()
  await stage?.end()
})

interface Fault {
  readonly name: string
  readonly strike: (where: Where) => Promise<void>
  /** What ends it beside plugging, booting and starting everything. */
  readonly mend?: (where: Where) => Promise<void>
}

const faults: readonly Fault[] = [
  { name: 'the active node crashes', strike: ({ active }) => stage.lab.node(active).crash() },
  { name: 'the active node is isolated', strike: ({ active }) => stage.lab.isolate(active) },
  {
    name: 'the daemon of the active node is killed',
    strike: ({ active }) => stage.lab.node(active).killDaemon(),
  },
  {
    name: 'the active node is paused, and its watchdog resets it',
    strike: ({ active }) => stage.lab.node(active).pause(),
  },
  {
    name: 'the active node is paused, and its fencing agent turns it off',
    async strike({ active, other }) {
      await stage.mustOm(other, selfFence('stop'))
      for (const n of [1, 2]) await installAgent(stage.lab.node(n), agent)
      const agents = [1, 2].map((n) => `--kw stonith#node${n}.agent=${AGENT}`)
      await stage.mustOm(other, `cluster set ${agents.join(' ')}`)
      await stage.lab.node(active).pause()
      await powerSwitch(stage.lab, other, active)
    },
  },
]

let first = 0

/** Where it runs, all repaired. */
async function settled(): Promise<Where> {
  await stage.repair()
  await until('PostgreSQL runs on one node', async () => watcher.now().runs.length === 1)
  const active = Number(watcher.now().runs[0]?.slice('node'.length))
  return { active, other: active === 1 ? 2 : 1 }
}

/** Rows that were acknowledged and are not there. */
async function lost(acknowledged: readonly Acknowledged[]): Promise<readonly number[]> {
  const there = new Set((await sql(stage.lab, 'select n from rows')).split('\n').map(Number))
  return acknowledged.map(({ row }) => row).filter((row) => !there.has(row))
}

it.each(faults)('$name: one server at a time, and every acknowledged row is there', async (fault) => {
  const where = await settled()
  await sql(stage.lab, 'select 1')
  const fromMs = Date.now()
  const writer = startWriter(stage.lab, ADDRESS, first)
  await until('rows are written', async () => writer.acknowledged.length > 10)
  const before = writer.acknowledged.length
  await fault.strike(where)
  await until('rows are written on the other node', async () => {
    const servers = new Set(writer.acknowledged.map(({ server }) => server))
    return servers.size > 1 && writer.acknowledged.length > before + 10
  })
  expect(watcher.now().runs).toEqual([`node${where.other}`])
  await fault.mend?.(where)
  await settled()
  await writer.stop()
  const { acknowledged } = writer
  first += 1_000_000
  expect(await lost(acknowledged)).toEqual([])
  const servers = acknowledged.map(({ server }) => server)
  expect(servers, 'no older server acknowledges anything after a newer one').toEqual(servers.toSorted())
  expect(watcher.since(fromMs).two).toEqual([])
})
