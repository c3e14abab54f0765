// A machine that stands still as a whole for longer than the timeout, and goes on: measured at its disk's and its cable's other end.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clusterOn, type Cluster } from '../../scenarios/cluster.js'
import { until } from '../../scenarios/failure.js'
import { openMachines, type Machines } from '../index.js'
import { Monitor } from '../monitor.js'
import { watchPackets, watchWrites } from '../outside.js'

const ADDRESS = '192.168.100.14'

let machines: Machines
let cluster: Cluster
let disk: string

/** It writes and sends several times a second, and leaves an emulated processor time for the rest. */
const busy = (dev: string): string =>
  JSON.stringify({
    DEFAULT: { orchestrate: 'ha', nodes: 'node1 node2' },
    'fs#1': { type: 'xfs', dev, mnt: '/srv/busy/data', shared: true },
    'container#0': { type: 'docker', image: 'google/pause', rm: true },
    'ip#0': {
      type: 'netns',
      mode: 'ipvlan-l2',
      ipname: ADDRESS,
      netmask: 24,
      ipdev: 'bond0',
      netns: 'container#0',
    },
    'container#1': {
      type: 'docker',
      image: 'busybox',
      rm: true,
      netns: 'container#0',
      command: 'ping -q -i 0.2 192.168.100.1',
    },
    'app#1': {
      type: 'simple',
      start: "sh -c 'while :; do date >>/srv/busy/data/log; sync /srv/busy/data/log; sleep 0.2; done'",
    },
  })

beforeAll(async () => {
  machines = await openMachines({ name: 'frozen', nodes: 3, witness: true })
  cluster = clusterOn(machines)
  // at the boot after its reset, too: a node without its watchdog starts nothing
  for (const n of [1, 2])
    await cluster.done(n, 'echo softdog >/etc/modules-load.d/softdog.conf; modprobe softdog')
  await cluster.done(
    1,
    'om cluster set --kw heartbeat.profile=slow --kw cluster.quorum=true --kw node.self_fence=watchdog',
  )
  disk = await machines.disk('512M')
  await cluster.done(1, 'om busy deploy --config=- --wait --time 5m', {
    input: busy(disk),
    timeoutMs: 300_000,
  })
})
afterAll(() => machines.down())

const runsOn = async (node: number): Promise<boolean> =>
  (await cluster.type(node, 'findmnt /srv/busy/data && pgrep -f "[d]ate >>/srv/busy"')).exit === 0
/** The filesystem, and each process of the service and of its containers, whatever their engines know. */
const runningOn = async (node: number): Promise<string> =>
  (
    await cluster.type(
      node,
      'findmnt -no SOURCE /srv/busy/data; pgrep -f "[d]ate >>/srv/busy"; pgrep -f "^ping -q -i"; pgrep -f "^/bin/pause"',
    )
  ).stdout
/** And what the engine knows. */
const leftOn = async (node: number): Promise<string> =>
  `${await runningOn(node)}${(await cluster.type(node, 'docker ps --quiet')).stdout}`
const bootOf = (node: number): Promise<string> => cluster.done(node, 'cat /proc/sys/kernel/random/boot_id')

/** What leaves a machine while it runs the service. Each sign has to be seen once: of a watch that sees nothing, silence tells nothing. */
interface Watched {
  readonly writes: readonly number[]
  readonly packets: readonly number[]
  /** Waits until there was one of each. */
  seen(): Promise<void>
  stop(): Promise<void>
}

async function watchService(node: number): Promise<Watched> {
  const { place } = machines
  const writes = await watchWrites(place, node, machines.record().disks[0]?.file ?? '')
  const packets = await watchPackets(place, node, ADDRESS)
  const dates = ({ signs }: typeof writes): number[] => signs.map(({ atMs }) => atMs)
  return {
    get writes() {
      return dates(writes)
    },
    get packets() {
      return dates(packets)
    },
    seen: () =>
      until(
        `node${node} is seen writing and sending`,
        async () => writes.signs.length > 0 && packets.signs.length > 0,
      ),
    async stop() {
      await Promise.all([writes.stop(), packets.stop()])
    },
  }
}

const between = (dates: readonly number[], fromMs: number, toMs: number): readonly number[] =>
  dates.filter((atMs) => atMs >= fromMs && atMs <= toMs)

/** Of what was running as the machine stopped, a watch hears a moment later. */
const TOLD_MS = 1000

describe('a machine that is frozen', () => {
  test('is reset as it thaws, before anything of the old instance leaves it', async () => {
    expect(await runsOn(1)).toBe(true)
    const before = await bootOf(1)
    const monitor = await Monitor.of(machines.place, 1)
    const old = await watchService(1)
    await old.seen()
    await machines.node(1).pause()
    await sleep(TOLD_MS)
    const pausedMs = Date.now()
    await until('busy runs on node2', () => runsOn(2), 180_000)
    await sleep(5000)

    const thawedMs = Date.now()
    await machines.node(1).resume()
    await until('node1 is reset', async () => monitor.events.some(({ name }) => name === 'RESET'), 60_000)
    const resetMs = monitor.events.find(({ name }) => name === 'RESET')?.atMs ?? 0
    await old.stop()
    monitor.close()
    console.log(`thawed for ${Math.round(resetMs - thawedMs)} ms before its reset`)
    expect({
      writes: between(old.writes, pausedMs, resetMs),
      packets: between(old.packets, pausedMs, resetMs),
    }).toEqual({ writes: [], packets: [] })
    await until('node1 has booted', async () => (await bootOf(1)) !== before, 180_000)
  })

  test('leaves the service running once', async () => {
    await until(
      'node1 knows that node2 runs it',
      async () => (await cluster.upOn('busy', 1)).join() === 'node2',
      180_000,
    )
    expect(await leftOn(1)).toBe('')
    expect(await runsOn(2)).toBe(true)
  })
})

describe('a daemon that hangs', () => {
  let old: Watched
  let successor: Watched
  let begunBefore = 0
  const timesBegun = async (): Promise<number> =>
    Number(await cluster.done(2, 'systemctl show --property=NRestarts --value longshore.service'))

  test('has its guard end the service before the other node starts it', async () => {
    begunBefore = await timesBegun()
    old = await watchService(2)
    successor = await watchService(1)
    await old.seen()
    const stoppedMs = Date.now()
    await cluster.done(2, 'systemctl kill --kill-whom=main --signal=STOP longshore.service')
    await until('busy runs on node1', () => runsOn(1), 180_000)
    await successor.seen()
    const last = { write: Math.max(...old.writes), packet: Math.max(...old.packets) }
    const first = { write: Math.min(...successor.writes), packet: Math.min(...successor.packets) }
    const since = (atMs: number): string => `${Math.round(atMs - stoppedMs)} ms`
    console.log(
      `after the daemon hung: the old instance wrote until ${since(last.write)} and sent until ${since(last.packet)}, ` +
        `the new one wrote from ${since(first.write)} and sent from ${since(first.packet)}`,
    )
    expect(last.write).toBeGreaterThan(stoppedMs)
    expect(last.packet).toBeGreaterThan(stoppedMs)
    expect(Math.min(first.write, first.packet)).toBeGreaterThan(Math.max(last.write, last.packet))
    expect(
      await runningOn(2),
      'systemd has not begun the next daemon yet, which would end what is left',
    ).toBe('')
  })

  test('is killed and begun anew by systemd, and leaves the service where it is', async () => {
    await until(
      'systemd has begun omd on node2 anew',
      async () => (await timesBegun()) > begunBefore,
      180_000,
    )
    for (const asked of [2, 1]) {
      await until(
        `node${asked} knows that node1 runs it`,
        async () => (await cluster.upOn('busy', asked)).join() === 'node1',
        180_000,
      )
    }
    expect(await runsOn(1)).toBe(true)
    expect(await leftOn(2)).toBe('')
    await Promise.all([old.stop(), successor.stop()])
    const begunMs = Math.min(...successor.writes, ...successor.packets)
    expect({
      writes: between(old.writes, begunMs, Infinity),
      packets: between(old.packets, begunMs, Infinity),
    }).toEqual({ writes: [], packets: [] })
  })
})
