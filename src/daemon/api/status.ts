import { nodeGaps } from '../../core/gaps.js'
import { heldBack } from '../../core/left-out.js'
import { heardBy, hears, lastHeardMs, silent } from '../../core/membership.js'
import { sharedMachines } from '../../core/one-machine.js'
import { placementState, ranked } from '../../core/placement.js'
import { protectionOf } from '../../core/protection.js'
import { targetName } from '../../core/register.js'
import { unsaidWords } from '../../core/rules-change.js'
import { aggregate, type Status } from '../../core/status.js'
import { instanceOn, isUp, newestTarget, targetOf } from '../../core/view.js'
import type { ServiceView, World } from '../../core/world.js'
import type {
  ClusterStatus,
  DaemonStatus,
  InstanceStatus,
  NodeStatus,
  Relation,
  ServiceStatus,
} from './contract.js'

/** What this node knows of the cluster, as `svcmon` and `print status` show it. Pure. */
export function clusterStatus(o: {
  readonly world: World
  readonly notes: Readonly<Record<string, string>>
  readonly daemon: DaemonStatus
}): ClusterStatus {
  const { world } = o
  const protection = protectionOf(world.cluster)
  const former = unsaidWords(world)
  return {
    node: world.self,
    cluster: world.cluster.name,
    protection: protection.summary,
    gaps: [
      ...protection.gaps,
      ...sharedMachines(world),
      ...nodeGaps(world),
      ...(former === null ? [] : [former]),
    ],
    wallMs: world.wallMs,
    daemon: o.daemon,
    nodes: [
      ...world.cluster.nodes.map(({ name }) => nodeStatus(world, name, 'node')),
      ...world.cluster.witnesses.map(({ name }) => nodeStatus(world, name, 'witness')),
    ],
    services: Object.values(world.services)
      .map((view) => serviceStatus(world, view, o.notes[view.service.name] ?? null))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  }
}

function nodeStatus(world: World, name: string, role: NodeStatus['role']): NodeStatus {
  const document = world.documents[name]
  const heardMs = lastHeardMs(world, name)
  return {
    name,
    role,
    reachable: hears(world, name),
    heardBy: hears(world, name) ? [] : heardBy(world, name),
    state: document?.state ?? 'unknown',
    frozen: world.registers[`freeze/@${name}`]?.value === true,
    version: document?.agentVersion ?? null,
    load: document?.load ?? null,
    silentSinceWallMs:
      silent(world, name) && Number.isFinite(heardMs) ? world.wallMs - (world.nowMs - heardMs) : null,
  }
}

function serviceStatus(world: World, view: ServiceView, why: string | null): ServiceStatus {
  const { service } = view
  const target = targetOf(world, service.name)
  const newest = newestTarget(world, service.name)
  const instances = service.nodes.map((node) => instanceStatus(world, service.name, node))
  const up = instances.filter((i) => i.reachable && isUp(i.instance)).length
  return {
    name: service.name,
    avail: serviceAvail(instances),
    overall: serviceOverall(instances),
    placement: placementState(world, service),
    topology: service.topology,
    orchestrate: service.orchestrate,
    priority: service.priority,
    provisioned: mixed(instances.map((i) => i.instance?.provisioned ?? false)),
    frozen: frozenWord(instances, world.registers[`freeze/${service.name}`]?.value === true),
    target: target === null ? null : { id: target.id, name: targetName(target.target) },
    lastTarget:
      newest === null || newest.end === null
        ? null
        : { id: newest.id, name: targetName(newest.target), end: newest.end },
    up,
    wanted: 1,
    best: service.placement === 'none' ? null : (ranked(world, service)[0] ?? null),
    why,
    configVersion: service.version,
    configProblem: view.problem ?? heldBack(world, view),
    parents: service.parents.map((name) => relation(world, name)),
    children: service.children.map((name) => relation(world, name)),
    instances: service.showDisabled ? instances : instances.map(withoutDisabled),
  }
}

/** As `show_disabled=false` asks. */
function withoutDisabled(status: InstanceStatus): InstanceStatus {
  const { instance } = status
  if (instance === null) return status
  const shown = Object.entries(instance.resources).filter(([, { flags }]) => !flags.disable)
  return { ...status, instance: { ...instance, resources: Object.fromEntries(shown) } }
}

function instanceStatus(world: World, service: string, node: string): InstanceStatus {
  return {
    node,
    frozen: [service, `${service}@${node}`].some((name) => world.registers[`freeze/${name}`]?.value === true),
    nodeFrozen: world.registers[`freeze/@${node}`]?.value === true,
    reachable: hears(world, node),
    instance: instanceOn(world, node, service),
  }
}

/** A failover service is up where exactly one instance is; more than one is a warning (OpenSVC agent documentation, "object status"). */
function serviceAvail(instances: readonly InstanceStatus[]): Status {
  const known = instances
    .filter((i) => i.reachable && i.instance !== null)
    .map((i) => i.instance?.avail ?? 'undef')
  if (known.length === 0) return 'undef'
  const up = known.filter((status) => status === 'up').length
  if (up === 1) return 'up'
  if (up > 1) return 'warn'
  if (known.every((status) => status === 'n/a')) return 'n/a'
  return known.includes('warn') ? 'warn' : 'down'
}

function serviceOverall(instances: readonly InstanceStatus[]): Status {
  const known = instances
    .filter((i) => i.reachable && i.instance !== null)
    .map((i) => i.instance?.overall ?? 'undef')
  if (known.includes('warn')) return 'warn'
  return known.includes('up') ? 'up' : aggregate(known)
}

function mixed(values: readonly boolean[]): 'true' | 'false' | 'mixed' {
  if (values.every((value) => value)) return 'true'
  return values.some((value) => value) ? 'mixed' : 'false'
}

function frozenWord(instances: readonly InstanceStatus[], service: boolean): 'frozen' | 'thawed' | 'mixed' {
  if (service || instances.every((i) => i.frozen)) return 'frozen'
  return instances.some((i) => i.frozen) ? 'mixed' : 'thawed'
}

function relation(world: World, name: string): Relation {
  const [service = '', node] = name.split('@')
  const view = world.services[service]
  if (view === undefined) return { name, avail: 'undef' }
  const nodes = node === undefined ? view.service.nodes : [node]
  return { name, avail: serviceAvail(nodes.map((member) => instanceStatus(world, service, member))) }
}
