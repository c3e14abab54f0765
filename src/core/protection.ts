import { votersOf, type ClusterConfig } from './cluster.js'
import { formatDuration } from './units.js'

/** How far a cluster's set-up protects its services from running twice. */
export interface Protection {
  readonly summary: string
  /** What it does not protect against, each with what can be done about it. */
  readonly gaps: readonly string[]
}

/** What a cluster's own configuration says of its protection; nothing is measured. */
export function protectionOf(cluster: ClusterConfig): Protection {
  const fenced = unfenced(cluster).length === 0
  if (!cluster.quorum && fenced)
    return { summary: 'protected by powering silent nodes off (quorum is off)', gaps: races(cluster) }
  const unprotected = 'unprotected against split brain (quorum is off)'
  if (!cluster.quorum)
    return { summary: unprotected, gaps: [`${unprotected}: ${quorumOff(cluster)}`, ...tooFast(cluster)] }
  const voters = votersOf(cluster).length
  const hangs =
    cluster.selfFence === 'watchdog'
      ? '; a node that is paused or hangs as a whole is reset by its watchdog'
      : ''
  return {
    summary: `protected against partitions by a majority of ${voters} voters${hangs}`,
    gaps: [
      ...evenVoters(cluster, voters),
      ...(cluster.nodes.length > 1 && !fenced ? [...pauses(cluster), ...hungStops(cluster)] : []),
    ],
  }
}

/** Nodes of which none is first in a partition, together: one takes the other for dead up to a beat earlier than that does. */
function races({ nodes, fencing, heartbeat }: ClusterConfig): readonly string[] {
  const delays = nodes
    .map(({ name }) => ({ name, delayMs: fencing[name]?.delayMs ?? 0 }))
    .toSorted((one, other) => one.delayMs - other.delayMs)
  const groups: (typeof delays)[] = []
  for (const each of delays) {
    const group = groups.at(-1)
    if (each.delayMs - (group?.at(-1)?.delayMs ?? -Infinity) <= heartbeat.intervalMs) group?.push(each)
    else groups.push([each])
  }
  return groups.filter((group) => group.length > 1).map(race)
}

function race(group: readonly { readonly name: string; readonly delayMs: number }[]): string {
  const names = group.map(({ name }) => name).join(', ')
  const delays = group.map(({ delayMs }) => formatDuration(delayMs)).join(', ')
  return (
    `in a partition ${names} power each other off, since with stonith delays of ${delays} none of them is first: ` +
    'let each have another one, further apart than powering off takes (stonith#NODE delay), or set cluster.quorum=true, with which only a majority does'
  )
}

const quorumOff = (cluster: ClusterConfig): string =>
  'the crash of a node is covered; a partition or a paused node is not, since both halves may start a service then; ' +
  `name a fencing agent for ${lackingAgents(cluster)}, set cluster.quorum=true with a witness where there are two nodes, or at least connect the nodes over two networks that fail apart`

/** One voter more than an odd number of them only makes one more that may fail. */
function evenVoters({ witnesses }: ClusterConfig, voters: number): readonly string[] {
  if (voters % 2 === 1) return []
  if (voters === 2)
    return [
      'with two voters the loss of one stops what the other runs: let a third machine vote, with omd --witness NAME',
    ]
  const fewer = witnesses.length === 0 ? '' : `, or take the witness ${witnesses.at(-1)?.name} out`
  return [
    `with ${voters} voters no more of them may be lost than with ${voters - 1}, and a cut into two halves stops both: let one more machine vote, with omd --witness NAME${fewer}`,
  ]
}

/** What a majority does not cover where nobody powers a node off. */
function pauses(cluster: ClusterConfig): readonly string[] {
  const agents = `name a fencing agent for ${lackingAgents(cluster)}`
  if (cluster.selfFence === 'watchdog')
    return [
      `a virtual machine that is paused together with its watchdog is not reset by it; ${agents}, or keep the data behind disk.scsireserv`,
    ]
  const fast = tooFast(cluster)
  if (fast.length > 0) return fast
  const ends = cluster.selfFence === 'reboot' ? 'is reset' : 'ends what it ran'
  return [
    `a node that is paused as a whole ${ends} only when it runs again: what it ran may then run beside its successor for a moment; ${agents}`,
  ]
}

/** The guard goes on trying then for as long as it takes, and nobody waits for that. */
function hungStops(cluster: ClusterConfig): readonly string[] {
  const { heartbeat, selfFence, stopMaxMs } = cluster
  if (selfFence !== 'stop') return []
  const resets = heartbeat.profile === 'fast' ? 'reboot' : 'reboot or watchdog'
  return [
    `a node that is cut off, and on which an unmount or the stop of a container hangs for longer than node.stop_max (${formatDuration(stopMaxMs)}), keeps what it runs while another node starts it; ` +
      `set node.self_fence=${resets}, or name a fencing agent for ${lackingAgents(cluster)}`,
  ]
}

/** The profile is made for agents: its timeout leaves no time for anything else that ends what a node runs. */
function tooFast(cluster: ClusterConfig): readonly string[] {
  const { profile, timeoutMs } = cluster.heartbeat
  if (profile !== 'fast' || cluster.nodes.length < 2) return []
  return [
    `heartbeat.profile=fast needs a fencing agent: a node that pauses for ${formatDuration(timeoutMs)} is taken for dead, which no watchdog of whole seconds forestalls, and when it runs again what it ran may run beside its successor for a moment; ` +
      `name one for ${lackingAgents(cluster)}, or set heartbeat.profile=default`,
  ]
}

const unfenced = ({ nodes, fencing }: ClusterConfig): readonly string[] =>
  nodes.map(({ name }) => name).filter((name) => !(name in fencing))

function lackingAgents(cluster: ClusterConfig): string {
  const names = unfenced(cluster)
  if (names.length === cluster.nodes.length) return 'each node (stonith#NODE)'
  const [first = ''] = names
  return names.length === 1
    ? `${first}, which has none (stonith#${first})`
    : `${names.join(', ')}, which have none (stonith#NODE)`
}
