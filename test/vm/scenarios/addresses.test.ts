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
  (await cluster.type(2, `ping -c 1 -W 2 ${address}`)).exit === 0
const links = (): Promise<string> => cluster.done(1, 'ip -o link | cut -d: -f2 | sort')

/** A link and its address, in a container of that engine. */
type Wish = readonly [engine: 'docker' | 'podman', mode: string, ipdev: string, address: string]

const prefixOf = (address: string): number => (address.includes(':') ? 64 : 24)

const enginesOf = (wishes: readonly Wish[]): readonly string[] => [
  ...new Set(wishes.map(([engine]) => engine)),
]

/** A container of each engine that is asked for, and the addresses in them. */
function service(wishes: readonly Wish[]): string {
  const engines = enginesOf(wishes)
  const command = "sh -c 'trap exit TERM; while :; do sleep 1; done'"
  const holder = (engine: string): string => `container#${engines.findIndex((one) => one === engine)}`
  return JSON.stringify({
    DEFAULT: { nodes: 'node1' },
    ...Object.fromEntries(
      engines.map((engine) => [holder(engine), { type: engine, image: 'busybox', command, rm: true }]),
    ),
    ...Object.fromEntries(
      wishes.map(([engine, mode, ipdev, address], n) => [
        `ip#${n}`,
        { type: 'netns', mode, ipdev, ipname: address, netmask: prefixOf(address), netns: holder(engine) },
      ]),
    ),
  })
}

/** What the kernel says of an interface in such a mode. */
const KERNEL: Readonly<Record<string, string>> = {
  'ipvlan-l2': 'ipvlan l2',
  'ipvlan-l3': 'ipvlan l3',
  macvlan: 'macvlan bridge',
  bridge: 'veth',
  dedicated: 'none of these',
}

interface Interface {
  readonly linkinfo?: { readonly info_kind?: string; readonly info_data?: { readonly mode?: string } }
  readonly addr_info: readonly { readonly local: string }[]
}

/** The kernel's word for what an address is on, in the namespace of that container. */
async function kindOf(address: string, engine: string, container: string): Promise<string> {
  const pid = `$(${engine} inspect --format '{{.State.Pid}}' ${container})`
  const shown = await cluster.done(1, `nsenter --net=/proc/${pid}/ns/net ip -json -details address`)
  const all = JSON.parse(shown) as readonly Interface[]
  const own = all.find(({ addr_info }) => addr_info.some(({ local }) => local === address))
  if (own === undefined) return 'not there'
  const { info_kind = 'none of these', info_data } = own.linkinfo ?? {}
  return info_data?.mode === undefined ? info_kind : `${info_kind} ${info_data.mode}`
}

async function comeAndGo(wishes: readonly Wish[]): Promise<void> {
  const addresses = wishes.map(([, , , address]) => address)
  const all = async (): Promise<readonly string[]> => {
    const answering = await Promise.all(addresses.map(answers))
    return addresses.filter((_, i) => answering[i])
  }
  const before = await links()
  expect(await all()).toEqual([])
  await cluster.done(1, 'om a deploy --config=- --wait', { input: service(wishes) })
  expect(await all()).toEqual(addresses)
  const engines = enginesOf(wishes)
  for (const [engine, mode, , address] of wishes) {
    const container = `a.container.${engines.indexOf(engine)}`
    expect(await kindOf(address, engine, container), address).toBe(KERNEL[mode])
  }
  await cluster.done(1, 'om a stop --wait')
  expect(await all()).toEqual([])
  expect(await links()).toBe(before)
  await cluster.done(1, 'om a purge --yes --wait')
}

describe('addresses in the namespaces of containers', () => {
  test('on ipvlans in mode l2 and on macvlans', () =>
    comeAndGo([
      ['docker', 'ipvlan-l2', 'bond0', '192.168.100.21'],
      ['docker', 'macvlan', 'eth1', 'fd00:101::21'],
      ['podman', 'ipvlan-l2', 'bond0', 'fd00:100::22'],
      ['podman', 'macvlan', 'eth1', '192.168.101.22'],
    ]))

  test('on ipvlans in mode l3 and on a bridge', async () => {
    await cluster.done(1, 'ip link add br1 type bridge && ip link set eth1 master br1 && ip link set br1 up')
    await comeAndGo([
      ['docker', 'ipvlan-l3', 'bond0', '10.99.0.21'],
      ['docker', 'bridge', 'br1', 'fd00:101::21'],
      ['podman', 'ipvlan-l3', 'bond0', 'fd00:99::22'],
      ['podman', 'bridge', 'br1', '192.168.101.22'],
    ])
    await cluster.done(1, 'ip link del br1')
  })

  test.each(['192.168.101.21', 'fd00:101::21'])('on the interface itself: %s', (address) =>
    comeAndGo([['docker', 'dedicated', 'eth1', address]]),
  )
})

test('addresses of the node itself', async () => {
  const addresses = ['192.168.100.31', 'fd00:100::31']
  const resources = addresses.map((address, n) => [
    `ip#${n}`,
    { type: 'host', ipdev: 'bond0', ipname: address, netmask: prefixOf(address) },
  ])
  const config = JSON.stringify({ DEFAULT: { nodes: 'node1' }, ...Object.fromEntries(resources) })
  await cluster.done(1, 'om h deploy --config=- --wait', { input: config })
  expect(await Promise.all(addresses.map(answers))).toEqual([true, true])
  await cluster.done(1, 'om h stop --wait')
  expect(await Promise.all(addresses.map(answers))).toEqual([false, false])
})

describe('a container of Podman', () => {
  const config = JSON.stringify({
    DEFAULT: { nodes: 'node1 node2', orchestrate: 'ha' },
    'container#1': { type: 'podman', image: 'busybox', command: 'sleep 86400', netns: 'host', restart: 1 },
  })
  const running = async (node: number): Promise<string> =>
    (await cluster.done(node, 'podman ps --quiet --no-trunc')).trim()
  const pid = async (): Promise<string> =>
    (await cluster.type(1, "podman inspect --format '{{.State.Pid}}' p.container.1")).stdout.trim()

  test('that dies is started again', async () => {
    await cluster.done(1, 'om p deploy --config=- --wait', { input: config })
    const before = await pid()
    await cluster.done(1, 'podman kill p.container.1')
    await until('it runs again', async () => !['', '0', before].includes(await pid()), PATIENT_MS)
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
