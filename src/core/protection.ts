import { votersOf, type ClusterConfig } from './cluster.js'

/** How far a cluster's set-up protects its services from running twice. */
export interface Protection {
  readonly summary: string
  /** What it does not protect against, each with what can be done about it. */
  readonly gaps: readonly string[]
}

const quorumOff =
  'the crash of a node is covered; a partition or a paused node is not, since both halves may start a service then; ' +
  'name a fencing agent for each node (stonith#NODE), set cluster.quorum=true with a witness where there are two nodes, or at least connect the nodes over two networks that fail apart'

const race =
  'in a partition each half powers the other off: give one node a longer stonith delay, or set cluster.quorum=true, with which only a majority does'

const noMajority =
  'with two voters the loss of one stops what the other runs: let a third machine vote, with omd --witness NAME'

const paused =
  'a node that is paused as a whole ends what it ran only when it runs again: that may then run beside its successor for a moment; ' +
  'name a fencing agent for each node (stonith#NODE)'

const virtual =
  'a virtual machine that is paused together with its watchdog is not reset by it; name a fencing agent for each node (stonith#NODE), or keep the data behind disk.scsireserv'

/** What a cluster's own configuration says of its protection; nothing is measured. */
export function protectionOf(cluster: ClusterConfig): Protection {
  const fenced = cluster.nodes.every(({ name }) => name in cluster.fencing)
  if (!cluster.quorum && fenced)
    return { summary: 'protected by powering silent nodes off (quorum is off)', gaps: [race] }
  const unprotected = 'unprotected against split brain (quorum is off)'
  if (!cluster.quorum) return { summary: unprotected, gaps: [`${unprotected}: ${quorumOff}`] }
  const voters = votersOf(cluster).length
  const resets = cluster.selfFence === 'watchdog'
  const unfenced = voters > 1 && !fenced ? [resets ? virtual : paused] : []
  const hangs = resets ? '; a node that is paused or hangs as a whole is reset by its watchdog' : ''
  return {
    summary: `protected against partitions by a majority of ${voters} voters${hangs}`,
    gaps: [...(voters === 2 ? [noMajority] : []), ...unfenced],
  }
}
