// A machine that stands still as a whole for longer than the timeout, and goes on: measured at its disk's and its cable's other end.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clusterOn, type Cluster } from '../../scenarios/cluster.js'
import { until } from '../../scenarios/failure.js'
import { openMachines, type Machines } from '../index.js'
import { Monitor } from '../monitor.js'
import { watchPackets, watchWrites, type Sign } from '../outside.js'

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
  (await cluster.type(node, 'findmnt /srv/busy/data && pgrep -f "date >>/srv/busy"')).exit === 0
const bootOf = (node: number): Promise<string> => cluster.done(node, 'cat /proc/sys/kernel/random/boot_id')

describe('a machine that is frozen', () => {
  test('is reset as it thaws, before anything of the old instance leaves it', async () => {
    expect(await runsOn(1)).toBe(true)
    const { place } = machines
    const file = machines.record().disks[0]?.file ?? ''
    const before = await bootOf(1)
    const monitor = await Monitor.of(place, 1)
    await machines.node(1).pause()
    const writes = await watchWrites(place, 1, file)
    const packets = await watchPackets(place, 1, ADDRESS)
    await until('busy runs on node2', () => runsOn(2), 180_000)
    await sleep(5000)

    const thawedMs = Date.now()
    await machines.node(1).resume()
    await until('node1 is reset', async () => monitor.events.some(({ name }) => name === 'RESET'), 60_000)
    const resetMs = monitor.events.find(({ name }) => name === 'RESET')?.atMs ?? 0
    const leaked = (signs: readonly Sign[]) => signs.filter(({ atMs }) => atMs >= thawedMs && atMs <= resetMs)
    await Promise.all([writes.stop(), packets.stop()])
    monitor.close()
    console.log(`thawed for ${Math.round(resetMs - thawedMs)} ms before its reset`)
    expect({ writes: leaked(writes.signs), packets: leaked(packets.signs) }).toEqual({
      writes: [],
      packets: [],
    })
    await until('node1 has booted', async () => (await bootOf(1)) !== before, 180_000)
  })

  test('leaves the service running once', async () => {
    await until(
      'node1 knows that node2 runs it',
      async () => (await cluster.upOn('busy', 1)).join() === 'node2',
      180_000,
    )
    expect(await runsOn(1)).toBe(false)
    expect(await runsOn(2)).toBe(true)
  })
})

describe('a daemon that hangs', () => {
  test('has its guard end the service before the other node starts it', async () => {
    const { place } = machines
    const file = machines.record().disks[0]?.file ?? ''
    const writes = await watchWrites(place, 2, file)
    const packets = await watchPackets(place, 2, ADDRESS)
    const successor = await watchWrites(place, 1, file)
    const stoppedMs = Date.now()
    await cluster.done(2, 'systemctl kill --kill-whom=main --signal=STOP longshore.service')
    await until('busy runs on node1', () => runsOn(1), 180_000)
    await Promise.all([writes.stop(), packets.stop(), successor.stop()])
    const last = Math.max(...[...writes.signs, ...packets.signs].map(({ atMs }) => atMs))
    const first = Math.min(...successor.signs.map(({ atMs }) => atMs))
    console.log(
      `after the daemon hung: the old instance until ${Math.round(last - stoppedMs)} ms, the new one from ${Math.round(first - stoppedMs)} ms`,
    )
    expect(last).toBeGreaterThan(stoppedMs)
    expect(first).toBeGreaterThan(last)
    expect(await runsOn(2)).toBe(false)
  })
})
