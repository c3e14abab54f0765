import type { Order } from '../../src/core/world.js'
import type { Cluster } from './cluster.js'

export type LocalAction = Order['action'] | 'freeze' | 'thaw'

/** What `om SERVICE ACTION --local` does, as the product's API takes it: stopped by hand as a whole, an instance is frozen too. */
export function actLocally(
  cluster: Cluster,
  o: {
    readonly node: string
    readonly service: string
    readonly action: LocalAction
    readonly rid: string | null
  },
): string {
  const { node, service, action, rid } = o
  if (action === 'freeze' || action === 'thaw') return freeze(cluster, o, action === 'freeze')
  const answer = cluster.order(node, service, action, rid === null ? [] : [rid])
  if (answer === 'ordered' && action === 'stop' && rid === null) freeze(cluster, o, true)
  return answer
}

function freeze(
  cluster: Cluster,
  { node, service }: { readonly node: string; readonly service: string },
  value: boolean,
): string {
  const agent = cluster.agentOn(node)
  if (agent === null) return `${node} has no daemon`
  const written = agent.write([{ kind: 'freeze', name: `${service}@${node}`, value }])
  if (!written.ok) return written.error.message
  return `instance of ${service} on ${node} ${value ? 'frozen' : 'thawed'}`
}
