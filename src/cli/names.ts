import type { ClusterStatus, InstanceStatus, ServiceStatus } from '../daemon/api/contract.js'
import { connect, socketPath } from './client.js'
import type { Terminal } from './terminal.js'

/** A completion, and a shutdown, would rather have nothing than wait. */
const limitMs = 2000

/**
 * `om --names services|nodes|held|thawed`, for shells and scripts: names, one a line. `held` are the services that this node has, `thawed` those of them whose
 * instance is not frozen. Says nothing where the daemon does not answer in time; then the exit code is 1.
 */
export async function names(what: string, terminal: Terminal): Promise<number> {
  const client = connect(socketPath(terminal.env))
  const late = setTimeout(() => client.close(), limitMs)
  const status = await client.get<ClusterStatus>('/api/status')
  clearTimeout(late)
  client.close()
  if (!status.ok) return 1
  terminal.out(
    listed(status.value, what)
      .map((name) => `${name}\n`)
      .join(''),
  )
  return 0
}

function listed({ node, nodes, services }: ClusterStatus, what: string): readonly string[] {
  switch (what) {
    case 'services':
      return services.map(({ name }) => name)
    case 'nodes':
      return nodes.filter(({ role }) => role === 'node').map(({ name }) => name)
    case 'held':
      return services.filter((service) => ownHeld(service, node) !== null).map(({ name }) => name)
    case 'thawed':
      return services.filter((service) => ownHeld(service, node)?.frozen === false).map(({ name }) => name)
    default:
      return []
  }
}

/** The instance on this node, where it has the place. */
function ownHeld({ instances }: ServiceStatus, self: string): InstanceStatus | null {
  const own = instances.find(({ node }) => node === self)
  return own?.instance?.place.kind === 'held' ? own : null
}
