import type { Cluster } from './cluster.js'

/**
 * Power is lost, and back at once; the store has lost what it learnt in that time. Only where everybody else is there and hears: what nobody is there to say is gone, as it
 * would be with any voter's disk, and then two may run (decision 25).
 */
export function rollBack(cluster: Cluster, node: string, ms: number): string {
  if (!everybodyTalks(cluster)) return 'nobody may be there who could say what is forgotten'
  const { store } = cluster.machine(node)
  cluster.crash(node)
  // By a former configuration of the cluster it may be a majority of its own, and start what it finds before it hears anybody.
  store.rollBack(Math.max(cluster.clock.nowMs() - ms, store.writtenMs('register/cluster/cluster') ?? 0))
  cluster.startDaemon(node)
  return ''
}

function everybodyTalks({ machines, network }: Cluster): boolean {
  const live = [...machines.values()].every(
    ({ member, daemon, clock, store }) => member && daemon !== null && !clock.isPaused && !store.refuses,
  )
  return live && network.isWhole
}
