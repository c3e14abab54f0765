import type { Load } from '../../core/document.js'
import { formatDuration } from '../../core/units.js'
import type { ClusterStatus, NodeStatus, PathStatus } from '../../daemon/api/contract.js'
import { clean, type Paint } from './paint.js'
import type { SvcmonRow } from './svcmon-cells.js'

/** The daemon itself, then a row for the first heartbeat path of every peer, one for the second, and so on. */
export function daemonRows(status: ClusterStatus, paint: Paint): readonly SvcmonRow[] {
  const uptime = elapsed(status.wallMs - status.daemon.startedWallMs)
  const own = status.nodes.map((node) => (node.name === status.node ? paint('good', 'O') : ''))
  const shown = status.daemon.paths.filter((path) => status.nodes.some((node) => node.name === path.peer))
  const names = [...new Set(shown.map(({ name }) => name))]
  return [
    [' omd', paint('good', 'running'), uptime, '|', ...own],
    ...names.map((name) => pathRow(status, name, paint)),
    ` ${protection(status, paint)}`,
  ]
}

function protection(status: ClusterStatus, paint: Paint): string {
  if (status.cluster === null)
    return paint('doubt', "this node is in no cluster: 'om cluster init' or 'om cluster join'")
  return paint(isProtected(status) ? 'good' : 'doubt', clean(status.protection))
}

/** Is nothing said against the cluster's protection? */
export function isProtected(status: ClusterStatus): boolean {
  return !/^(unprotected|not protected)/.test(status.protection)
}

function pathRow(status: ClusterStatus, name: string, paint: Paint): SvcmonRow {
  const named = status.daemon.paths.filter((path) => path.name === name)
  const paths = status.nodes.map((node) => named.find((path) => path.peer === node.name))
  const there = paths.filter((path) => path !== undefined)
  const well = there.every((path) => path.state === 'beating')
  const cells = status.nodes.map((node, i) =>
    node.name === status.node ? paint('faint', '/') : pathCell(paths[i], paint),
  )
  return [` ${name}`, well ? paint('good', 'beating') : paint('bad', 'stale'), '', '|', ...cells]
}

/** `O 0.4ms` with the latest round trip, `X 12s` with the silence so far. */
function pathCell(path: PathStatus | undefined, paint: Paint): string {
  if (path === undefined) return ''
  switch (path.state) {
    case 'beating':
      return `${paint('good', 'O')}${path.latencyMs === null ? '' : ` ${latency(path.latencyMs)}`}`
    case 'stale':
      return `${paint('bad', 'X')}${path.ageMs === null ? '' : ` ${elapsed(path.ageMs)}`}`
    case 'never heard':
      return paint('bad', '?')
  }
}

export const latency = (ms: number): string => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)}ms`

/** Load, memory, version and state of each node, a column a node. */
export function nodeRows(status: ClusterStatus, paint: Paint): readonly SvcmonRow[] {
  const versions = new Set(status.nodes.flatMap((node) => (node.version === null ? [] : [node.version])))
  const mixed = versions.size > 1 ? paint('doubt', 'mixed') : ''
  const row = (name: string, state: string, cell: (node: NodeStatus) => string): SvcmonRow => [
    ` ${name}`,
    state,
    '',
    '|',
    ...status.nodes.map(cell),
  ]
  return [
    row(
      'load 15m',
      '',
      loadCell((load) => load.load15m.toFixed(1)),
    ),
    row('mem', '', loadCell(memory)),
    row('swap', '', loadCell(swap)),
    row('version', mixed, (node) => node.version ?? ''),
    row('state', '', (node) => nodeState(node, status.wallMs, paint)),
  ]
}

/** What a node that is silent once said of its load means nothing now. */
const loadCell =
  (show: (load: Load) => string) =>
  (node: NodeStatus): string =>
    node.load === null || !node.reachable ? '' : show(node.load)

export const memory = (load: Load): string => used(load.memTotalMb, load.memAvailMb)
const swap = (load: Load): string => (load.swapTotalMb === 0 ? '-' : used(load.swapTotalMb, load.swapAvailMb))

/** `42%:15.6g`: the used part of how much. */
function used(totalMb: number, availMb: number): string {
  if (totalMb === 0) return '-'
  const size = totalMb < 1024 ? `${totalMb}m` : `${(totalMb / 1024).toFixed(totalMb < 102_400 ? 1 : 0)}g`
  return `${Math.round((100 * (totalMb - availMb)) / totalMb)}%:${size}`
}

/** `idle`, `draining *`, `unreachable 12s` */
export function nodeState(node: NodeStatus, nowWallMs: number, paint: Paint): string {
  const frozen = node.frozen ? paint('frozen', ' *') : ''
  if (node.reachable) return paint(node.state === 'idle' ? 'info' : 'doubt', node.state) + frozen
  const since = node.silentSinceWallMs === null ? '' : ` ${elapsed(nowWallMs - node.silentSinceWallMs)}`
  const state = node.state === 'left' || node.state === 'maintenance' ? node.state : 'unreachable'
  return paint('bad', state) + since + frozen
}

/** Short, for a screen: nothing below a second above one, nothing below a minute above an hour. */
export function elapsed(ms: number): string {
  const unit = ms < 1000 ? 1 : ms < 3_600_000 ? 1000 : 60_000
  return formatDuration(Math.floor(Math.max(0, ms) / unit) * unit)
}
