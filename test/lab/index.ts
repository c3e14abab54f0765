// The lab for tests: the same code that the command runs.
import { daemonRuns, killDaemon, startDaemon, stopDaemon, type Environment } from './daemon.js'
import { makeDisk } from './disk.js'
import { execHere, execIn, runIn, type ExecOptions, type ExecResult } from './exec.js'
import { boot, down, up } from './life.js'
import { cut, heal, isolate, lose, mute, nodeAddress, NETWORKS, type Network } from './network.js'
import { crash, pause, resume } from './node.js'
import { execOutside } from './outside.js'
import { startProbe, type Probe, type ProbeWish } from './probe.js'
import { statusOf, type LabStatus } from './status.js'
import { nodeName, nodeNumber, placeOf, recordOf, type LabRecord, type Place, type Plan } from './place.js'

export type { ExecOptions, ExecResult } from './exec.js'
export type { Network } from './network.js'
export type { Outage, ProbeReport } from './outage.js'
export type { Probe, ProbeWish } from './probe.js'
export { statusLines, type LabStatus } from './status.js'
export type { DaemonMode, Plan } from './place.js'
export { LabError } from './failure.js'
export { prepare } from './prepare.js'

export interface LabNode {
  readonly name: string
  /** On net 0. */
  readonly address: string
  /** Runs a command to its end, whatever its exit code. */
  exec(argv: readonly string[], options?: ExecOptions): Promise<ExecResult>
  /** Runs a command that must succeed, and returns its standard output. */
  run(argv: readonly string[], options?: ExecOptions): Promise<string>
  /** Runs a command on this process' terminal; returns its exit code. */
  attach(argv: readonly string[]): Promise<number>
  crash(): Promise<void>
  boot(): Promise<void>
  pause(): Promise<void>
  resume(): Promise<void>
  isolate(): Promise<void>
  killDaemon(): Promise<void>
  /** Waits until it serves. */
  startDaemon(environment?: Environment): Promise<void>
  stopDaemon(): Promise<void>
  daemonRuns(): Promise<boolean>
}

export interface Lab {
  readonly name: string
  readonly plan: Plan
  readonly nodes: readonly LabNode[]
  /** A node by number or name. */
  node(which: number | string): LabNode
  /** Drops all frames between two nodes, on one network or both. */
  cut(a: number | string, b: number | string, network?: Network): Promise<void>
  isolate(which: number | string): Promise<void>
  /** Drops all frames from one node to another, and none of those that go the other way. */
  mute(from: number | string, to: number | string): Promise<void>
  /** Drops this share of all frames between nodes, in percent and by chance. */
  lose(percent: number): Promise<void>
  heal(): Promise<void>
  /** A disk that all nodes share; returns its device. */
  disk(size: string): Promise<string>
  /** Asks a service from the outside, from now until the probe is stopped or its time is up. */
  probe(wish: ProbeWish): Promise<Probe>
  /** Runs a program of the images (`psql`) as a client's machine on net 0 would, whatever its exit code. */
  outside(argv: readonly string[], input?: string): Promise<ExecResult>
  status(): Promise<LabStatus>
  down(): Promise<void>
}

/** Brings a lab up, after removing what an earlier one of that name left. */
export async function openLab(asked: Partial<Plan> & { readonly name?: string } = {}): Promise<Lab> {
  const { name = labName(), ...wishes } = asked
  const place = placeOf(name)
  const plan: Plan = { nodes: 2, daemon: 'default', docker: true, cluster: true, ...wishes }
  return labAt(place, await up(place, plan))
}

/** The lab of that name which is up already. */
export async function findLab(name = labName()): Promise<Lab> {
  const place = placeOf(name)
  return labAt(place, await recordOf(place))
}

/** Removes a lab that may or may not be there. */
export async function removeLab(name = labName()): Promise<void> {
  await down(placeOf(name))
}

export function labName(): string {
  return process.env['LAB_NAME'] ?? 'lab'
}

function labAt(place: Place, record: LabRecord): Lab {
  const { plan } = record
  const nodes = Array.from({ length: plan.nodes }, (_, i) => nodeAt(place, record, i + 1))
  const number = (which: number | string) => nodeNumber(plan, String(which))
  return {
    name: place.name,
    plan,
    nodes,
    node: (which) => nodes[number(which) - 1]!,
    cut: (a, b, network) => cut(place, number(a), number(b), network === undefined ? NETWORKS : [network]),
    isolate: (which) => isolate(place, number(which)),
    mute: (from, to) => mute(place, number(from), number(to)),
    lose: (percent) => lose(place, percent),
    heal: () => heal(place),
    disk: (size) => makeDisk(record, size),
    probe: (wish) => startProbe(place, wish),
    outside: (argv, input) => execOutside(place, record, argv, input),
    status: () => statusOf(place, record),
    down: () => down(place),
  }
}

function nodeAt(place: Place, record: LabRecord, n: number): LabNode {
  return {
    name: nodeName(n),
    address: nodeAddress(n),
    exec: (argv, options) => execIn(place, n, argv, options),
    run: (argv, options) => runIn(place, n, argv, options),
    attach: (argv) => execHere(place, n, argv),
    crash: () => crash(place, n),
    boot: () => boot(place, record, n),
    pause: () => pause(place, n),
    resume: () => resume(place, n),
    isolate: () => isolate(place, n),
    killDaemon: () => killDaemon(place, n),
    startDaemon: (environment) => startDaemon(place, record, n, environment),
    stopDaemon: () => stopDaemon(place, n),
    daemonRuns: () => daemonRuns(place, n),
  }
}
