import { fail, type Result } from '../core/result.js'
import type { ClusterStatus } from '../daemon/api/contract.js'
import type { Call } from './command.js'

/**
 * The status for a command that waits for something in the cluster. An omd that ends answers until the others have heard its farewell, and tells of no
 * cluster then, no node and no service: it is as good as away.
 */
export async function clusterStatus(call: Call): Promise<Result<ClusterStatus>> {
  const status = await call.client.get<ClusterStatus>('/api/status')
  if (!status.ok || status.value.cluster !== null) return status
  return fail('UNAVAILABLE', "omd ends, or this node has left its cluster: see 'om daemon status'")
}
