// Virtual machines with the lab's own interface: a scenario that was written for the lab runs here as it is.
import { outputOf } from '../lab/exec.js'
import { labName, type Lab, type LabNode } from '../lab/index.js'
import { joinAll, type Environment } from '../lab/daemon.js'
import { LabError } from '../lab/failure.js'
import { cut, cutsNow, heal, isolate, lose, mute, NETWORKS, nodeAddress } from '../lab/network.js'
import { execOutside } from '../lab/outside.js'
import { isWitness, nodeName, nodeNumber, numbersOf, readRecord, type Place } from '../lab/place.js'
import { startProbe } from '../lab/probe.js'
import type { LabStatus, NodeStatus } from '../lab/status.js'
import { Agent } from './agent.js'
import {
  daemonRuns,
  disableDaemon,
  enableDaemon,
  killDaemon,
  startDaemon,
  stopDaemon,
  unitOf,
} from './daemon.js'
import { deviceOf, newDisk } from './disk.js'
import { plugDisk, pullDisk } from './hotplug.js'
import { boot } from './boot.js'
import { keep, up } from './life.js'
import { isPaused, machineOf, mustBeOn, pauseMachine, powerOff, resumeMachine } from './machine.js'
import { machinePlaceOf, type MachinePlan, type MachineRecord } from './place.js'
import { prepare } from './prepare.js'
import { bring, builtPackage } from './product.js'
import { serve, servedDevice } from './storage.js'
import { sweep } from './sweep.js'

/** Machines, which can be asked for more than nodes of the lab. */
export interface Machines extends Lab {
  readonly place: Place
  readonly record: () => MachineRecord
  /** Makes a disk that the storage serves to all machines, with SCSI-3's persistent reservations; its device in each of them. */
  lun(size: string): Promise<string>
  /** Copies a file of this machine into `/root` of one; its path there. */
  bring(which: number | string, file: string): Promise<string>
  /** Pulls a shared disk's cable out of one machine, until its next boot. */
  pull(which: number | string, device: string): Promise<void>
}

export interface MachineWishes extends Partial<MachinePlan> {
  readonly name?: string
  /** The file of a Debian package. Default: what `make deb` built. */
  readonly package?: string
  /** Brought to `/root` of each machine, and not installed: for tests of just that. */
  readonly installed?: false
}

/** Keys and certificates take an emulated machine its time. */
const JOIN_MS = 120_000

/** Brings machines up, after removing what earlier ones of that name left. */
export async function openMachines(asked: MachineWishes = {}): Promise<Machines> {
  const { name = labName(), package: pack, installed, ...wishes } = asked
  const place = machinePlaceOf(name)
  const plan: MachinePlan = {
    nodes: 2,
    daemon: 'default',
    docker: true,
    cluster: true,
    memoryMb: 1024,
    ...wishes,
  }
  if (plan.watchdogMs !== undefined || plan.daemon === 'tuned')
    throw new LabError(
      'machines have their kernel’s own watchdog (modprobe softdog) and no tuned daemon: leave that out',
    )
  const agents = agentsOf(place)
  const file = pack ?? (await builtPackage(place))
  const record = await up(place, plan, await prepare(), installed === false ? undefined : file)
  const machines = machinesAt(place, record, agents)
  const every = (act: (n: number) => Promise<unknown>): Promise<unknown> =>
    Promise.all(numbersOf(plan).map(act))
  if (installed === false) {
    await every((n) => machines.bring(n, file))
    return machines
  }
  await every(async (n) => {
    if (plan.daemon === 'none' || isWitness(plan, n)) await disableDaemon(agents(n))
    if (plan.daemon !== 'none') await enableDaemon(agents(n), n, unitOf(plan, place, n))
  })
  if (plan.daemon === 'none' || !plan.cluster) return machines
  const run = (n: number, argv: readonly string[], env: Environment): Promise<string> =>
    machines.node(n).run(argv, { env, timeoutMs: JOIN_MS })
  await joinAll(run, plan, place.name)
  return machines
}

/** Machines of that name which are up already. */
export async function findMachines(name = labName()): Promise<Machines> {
  const place = machinePlaceOf(name)
  const record = await readRecord(place)
  if (record === undefined) throw new LabError(`no machines named ${name} are up: start them with "vm up"`)
  return machinesAt(place, record as MachineRecord, agentsOf(place))
}

/** Removes machines of that name, whatever state they are in. */
export async function removeMachines(name = labName()): Promise<void> {
  await sweep(machinePlaceOf(name))
}

function agentsOf(place: Place): (n: number) => Agent {
  const agents = new Map<number, Agent>()
  return (n) => {
    const agent = agents.get(n) ?? new Agent(place, n)
    agents.set(n, agent)
    return agent
  }
}

function machinesAt(place: Place, first: MachineRecord, agents: (n: number) => Agent): Machines {
  let record = first
  const { plan } = record
  const numbered = (which: number | string): number => nodeNumber(plan, String(which))
  const nodes = numbersOf(plan).map((n) => machineNode(place, () => record, n, agents(n)))
  return {
    name: place.name,
    place,
    record: () => record,
    plan,
    nodes,
    node: (which) => nodes[numbered(which) - 1] as LabNode,
    cut: (a, b, network) =>
      cut(place, numbered(a), numbered(b), network === undefined ? NETWORKS : [network]),
    isolate: (which) => isolate(place, numbered(which)),
    mute: (from, to) => mute(place, numbered(from), numbered(to)),
    lose: (percent) => lose(place, percent),
    heal: () => heal(place),
    async disk(size) {
      const disk = await newDisk(record, size, `longshore${record.disks.length}`)
      record = { ...record, disks: [...record.disks, disk] }
      await keep(place, record)
      await plugDisk(place, record, disk)
      await Promise.all(
        nodes.map((node) => node.run(['udevadm', 'settle', `--exit-if-exists=${deviceOf(disk)}`])),
      )
      return deviceOf(disk)
    },
    async lun(size) {
      if (plan.storage !== true)
        throw new LabError('no machine serves disks here: bring them up with "vm up --storage"')
      const disk = await newDisk(record, size, `served${record.served.length}`)
      await serve(place, plan, agents, disk, record.served.length)
      record = { ...record, served: [...record.served, disk] }
      await keep(place, record)
      return servedDevice(plan, record.served.length - 1)
    },
    bring: (which, file) => bring(place, record, numbered(which), agents(numbered(which)), file),
    async pull(which, device) {
      const disk = record.disks.find((one) => deviceOf(one) === device)
      if (disk === undefined) throw new LabError(`no shared disk is ${device}: "vm status" lists them`)
      await pullDisk(place, numbered(which), disk)
    },
    probe: (wish) => startProbe(place, wish),
    outside: (argv, input) => execOutside(place, record, argv, input),
    status: () => statusOf(place, record, agents),
    down: () => sweep(place),
  }
}

function machineNode(place: Place, record: () => MachineRecord, n: number, agent: Agent): LabNode {
  const unit = unitOf(record().plan, place, n)
  const node: LabNode = {
    name: nodeName(n),
    address: nodeAddress(n),
    async exec(argv, options) {
      await mustBeOn(place, n)
      return agent.exec(argv, options)
    },
    run: async (argv, options) => outputOf(n, argv, await node.exec(argv, options)),
    async attach(argv) {
      const { exit, stdout, stderr } = await node.exec(argv, { timeoutMs: 600_000 })
      process.stdout.write(stdout)
      process.stderr.write(stderr)
      return exit
    },
    crash: async () => {
      await mustBeOn(place, n)
      await powerOff(place, n)
    },
    boot: () => boot(place, record(), n, agent),
    pause: () => pauseMachine(place, n),
    resume: () => resumeMachine(place, n),
    isolate: () => isolate(place, n),
    killDaemon: () => killDaemon(agent, n, unit),
    startDaemon: () => startDaemon(agent, n, unit),
    stopDaemon: () => stopDaemon(agent, n, unit),
    daemonRuns: () => daemonRuns(agent, unit),
  }
  return node
}

async function statusOf(
  place: Place,
  record: MachineRecord,
  agents: (n: number) => Agent,
): Promise<LabStatus> {
  const nodes = await Promise.all(
    numbersOf(record.plan).map(async (n): Promise<NodeStatus> => {
      const what = { name: nodeName(n), address: nodeAddress(n) }
      const machine = await machineOf(place, n)
      if (machine === undefined) return { ...what, state: 'down', daemon: false }
      if (await isPaused(machine)) return { ...what, state: 'paused', pid: machine.pid, daemon: false }
      return {
        ...what,
        state: 'up',
        pid: machine.pid,
        daemon: await daemonRuns(agents(n), unitOf(record.plan, place, n)),
      }
    }),
  )
  return {
    name: place.name,
    plan: record.plan,
    nodes,
    disks: record.disks.map(deviceOf),
    ...(await cutsNow(place)),
  }
}
