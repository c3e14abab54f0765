import type { Cluster } from '../cluster.js'

/** What nodes say of themselves and want, as one text: in a settled cluster it does not change. */
export function saidBy(cluster: Cluster): string {
  return JSON.stringify(cluster.members.map((name) => cluster.world(name).documents))
}
