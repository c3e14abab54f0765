import type { ClusterStatus, NodeStatus, PathStatus } from '../../daemon/api/contract.js'
import { clean, type Paint } from './paint.js'
import { elapsed, latency } from './svcmon-nodes.js'
import { table } from './table.js'

/** A line for each heartbeat path of this node: its state, the last beat's age, the share of lost beats, the last round trip. */
export function pathLines(status: ClusterStatus, paint: Paint): readonly string[] {
  const { paths } = status.daemon
  if (paths.length === 0) return []
  const titles = ['Paths', 'to', 'over', 'state', 'age', 'loss', 'latency']
  return table([
    titles.map((title) => paint('title', title)),
    ...paths.map((path) => line(path, paint)),
    ...status.nodes.flatMap((node) => relayed(node, paint)),
  ])
}

/** Who still hears a node that this one does not, each as a path through it: only that it is heard is known of those. */
function relayed({ name, heardBy }: NodeStatus, paint: Paint): readonly (readonly string[])[] {
  return heardBy.map((other) => [' relay', name, clean(other), paint('doubt', 'beating'), '-', '-', '-'])
}

function line(path: PathStatus, paint: Paint): readonly string[] {
  const { name, peer, address, state, ageMs, loss, latencyMs } = path
  return [
    ` ${name}`,
    peer,
    clean(address),
    paint(state === 'beating' ? 'good' : 'bad', state),
    ageMs === null ? '-' : elapsed(ageMs),
    loss === null ? '-' : paint(loss === 0 ? 'good' : 'doubt', percent(loss)),
    latencyMs === null ? '-' : latency(latencyMs),
  ]
}

/** A single lost beat is not rounded away. */
const percent = (share: number): string => `${Math.ceil(share * 100)}%`
