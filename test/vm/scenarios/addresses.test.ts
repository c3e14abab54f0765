// Addresses of every kind, in namespaces that Docker and Podman made, on a kernel that has ipvlan; and what a power cut leaves of a Podman container.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clusterOn, type Cluster } from '../../scenarios/cluster.js'
import { until } from '../../scenarios/failure.js'
import { openMachines, type Machines } from '../index.js'

const PATIENT_MS = 180_000

let machines: Machines
let cluster: Cluster

beforeAll(async () => {
  machines = await openMachines({ name: 'addr' })
  cluster = clusterOn(machines)
  await cluster.done(1, 'om cluster set --kw heartbeat.profile=slow')
  for (const n of [1, 2]) {
    await cluster.done(n, 'docker save busybox | podman load -q')
    await cluster.done(n, `ip -6 addr add fd00:100::10${n}/64 dev bond0 nodad`)
    await cluster.done(n, `ip -6 addr add fd00:101::10${n}/64 dev eth1 nodad`)
  }
  // addresses of an ipvlan in mode l3 are of no network that the machines are on: somebody has to know the way
  await cluster.done(2, 'ip route add 10.99.0.0/24 via 192.168.100.101')
  await cluster.done(2, 'ip -6 route add fd00:99::/64 via fd00:100::101')
})
afterAll(() => machines.down())

const answers = async (address: string): Promise<boolean> =>
  (await cluster.type(2, `ping -c 1 -W 5 ${address}`)).exit === 0
const links = (): Promise<string> => cluster.done(1, 'ip -o link | cut -d: -f2 | sort')

interface Kind {
  readonly mode: string
  readonly engine: 'docker' | 'podman'
  readonly ipdev: string
  readonly address: string
}

const service = ({ mode, engine, ipdev, address }: Kind): string =>
  JSON.stringify({
    DEFAULT: { nodes: 'node1' },
    'container#0': { type: engine, image: 'busybox', command: 'sleep 86400', rm: true },
    'ip#0': {
      type: 'netns',
      mode,
      ipdev,
      ipname: address,
      netmask: address.includes(':') ? 64 : 24,
      netns: 'container#0',
    },
  })

async function comesAndGoes(kind: Kind): Promise<void> {
  const before = await links()
  expect(await answers(kind.address)).toBe(false)
  await cluster.done(1, 'om a deploy --config=- --wait', { input: service(kind) })
  expect(await answers(kind.address), `${kind.address} answers`).toBe(true)
  await cluster.done(1, 'om a stop --wait')
  expect(await answers(kind.address)).toBe(false)
  expect(await links()).toBe(before)
  await cluster.done(1, 'om a purge --yes --wait')
}

describe('an address in the namespace of a container', () => {
  test.each([
    { mode: 'ipvlan-l2', engine: 'podman', ipdev: 'bond0', address: '192.168.100.21' },
    { mode: 'ipvlan-l2', engine: 'docker', ipdev: 'bond0', address: 'fd00:100::21' },
    { mode: 'ipvlan-l3', engine: 'docker', ipdev: 'bond0', address: '10.99.0.21' },
    { mode: 'ipvlan-l3', engine: 'podman', ipdev: 'bond0', address: 'fd00:99::21' },
    { mode: 'macvlan', engine: 'docker', ipdev: 'eth1', address: '192.168.101.21' },
    { mode: 'macvlan', engine: 'podman', ipdev: 'eth1', address: 'fd00:101::21' },
  ] as const)('$mode, $engine: $address', comesAndGoes)

  test.each([
    { mode: 'bridge', engine: 'podman', ipdev: 'br1', address: '192.168.101.21' },
    { mode: 'bridge', engine: 'docker', ipdev: 'br1', address: 'fd00:101::21' },
  ] as const)('$mode, $engine: $address', async (kind) => {
    await cluster.done(
      1,
      'ip link show br1 || ip link add br1 type bridge && ip link set eth1 master br1 && ip link set br1 up',
    )
    await comesAndGoes(kind)
  })

  test.each([
    { mode: 'dedicated', engine: 'docker', ipdev: 'eth1', address: '192.168.101.21' },
    { mode: 'dedicated', engine: 'podman', ipdev: 'eth1', address: 'fd00:101::21' },
  ] as const)('$mode, $engine: $address', async (kind) => {
    await cluster.type(1, 'ip link del br1')
    await comesAndGoes(kind)
  })
})

test('an address of the node itself', async () => {
  const config = JSON.stringify({
    DEFAULT: { nodes: 'node1' },
    'ip#0': { type: 'host', ipdev: 'bond0', ipname: '192.168.100.31', netmask: 24 },
    'ip#1': { type: 'host', ipdev: 'bond0', ipname: 'fd00:100::31', netmask: 64 },
  })
  await cluster.done(1, 'om h deploy --config=- --wait', { input: config })
  expect(await Promise.all(['192.168.100.31', 'fd00:100::31'].map(answers))).toEqual([true, true])
  await cluster.done(1, 'om h stop --wait')
  expect(await Promise.all(['192.168.100.31', 'fd00:100::31'].map(answers))).toEqual([false, false])
})

describe('a container of Podman', () => {
  const config = JSON.stringify({
    DEFAULT: { nodes: 'node1 node2', orchestrate: 'ha' },
    'container#1': { type: 'podman', image: 'busybox', command: 'sleep 86400', netns: 'host', restart: 1 },
  })
  const running = async (node: number): Promise<string> =>
    (await cluster.done(node, 'podman ps --quiet --no-trunc')).trim()

  test('that dies is started again', async () => {
    await cluster.done(1, 'om p deploy --config=- --wait', { input: config })
    const before = await running(1)
    expect(before).not.toBe('')
    await cluster.done(1, `podman kill ${before}`)
    await until('another one runs', async () => !['', before].includes(await running(1)), PATIENT_MS)
  })

  test('whose machine loses its power starts on the other one, and what is left of it does not run again', async () => {
    await machines.node(1).crash()
    await until('it runs on node2', async () => (await running(2)) !== '', PATIENT_MS)
    await machines.node(1).boot()
    await until('node1 knows', async () => (await cluster.upOn('p', 1)).join() === 'node2', PATIENT_MS)
    expect(await running(1)).toBe('')
    await cluster.done(1, 'om p switch node1 --wait')
    expect(await running(2)).toBe('')
    expect(await running(1)).not.toBe('')
  })
})
