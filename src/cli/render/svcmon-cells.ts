import type { InstanceDocument } from '../../core/document.js'
import type { Status } from '../../core/status.js'
import type { InstanceStatus, NodeStatus, ServiceStatus } from '../../daemon/api/contract.js'
import type { Paint, Style } from './paint.js'
import { statusStyle } from './print-status.js'

/** Cells of a row (name, state, information, bar, one a node), or a line of text outside the columns. */
export type SvcmonRow = readonly string[] | string

/** `db1`, `up^`, `failover`, the bar, and a cell a node. */
export function serviceRow(
  service: ServiceStatus,
  nodes: readonly NodeStatus[],
  paint: Paint,
): readonly string[] {
  const cells = nodes.map((node) => {
    const member = service.instances.find((each) => each.node === node.name)
    return member === undefined ? '' : instanceCell(member, service, paint)
  })
  return [` ${service.name}`, availability(service, paint), kind(service), '|', ...cells]
}

/** `up`, then `!` where something about it warns and `^` where it is not on its best node. */
function availability(service: ServiceStatus, paint: Paint): string {
  const warns = service.overall === 'warn' && service.avail !== 'warn'
  return [
    paint(statusStyle(service.avail), service.avail),
    warns ? paint('doubt', '!') : '',
    service.placement === 'non-optimal' ? paint('bad', '^') : '',
  ].join('')
}

/** `failover`, `ha 1/1`, `flex 2/3` */
function kind(service: ServiceStatus): string {
  const count = `${service.up}/${service.wanted}`
  if (service.orchestrate !== 'no') return `${service.orchestrate} ${count}`
  return service.topology === 'flex' ? `flex ${count}` : 'failover'
}

/**
 * Status letter, then `!` warns besides, `^` best node, `*` frozen, `P` not provisioned, the target state, and what the instance is
 * doing where it is not idle.
 */
function instanceCell(each: InstanceStatus, service: ServiceStatus, paint: Paint): string {
  const heard = each.reachable ? each.instance : null
  const marks = [
    heard !== null && heard.overall === 'warn' && heard.avail !== 'warn' ? paint('doubt', '!') : '',
    service.best === each.node ? paint('faint', '^') : '',
    each.frozen ? paint('frozen', '*') : '',
    heard !== null && !heard.provisioned ? paint('bad', 'P') : '',
  ]
  const target = service.target === null ? '' : ` >${service.target.name}`
  return letter(heard, service, paint) + marks.join('') + target + doing(heard, paint)
}

function letter(document: InstanceDocument | null, service: ServiceStatus, paint: Paint): string {
  if (document === null) return paint('bad', '?')
  const [icon, style] = ICONS[document.avail]
  // Down is as it should be where the service is up elsewhere.
  return paint(document.avail === 'down' && service.avail === 'up' ? 'faint' : style, icon)
}

const ICONS: Readonly<Record<Status, readonly [string, Style]>> = {
  up: ['O', 'good'],
  down: ['X', 'bad'],
  warn: ['!', 'doubt'],
  'stdby up': ['S', 'good'],
  'stdby down': ['s', 'bad'],
  'n/a': ['/', 'faint'],
  undef: ['?', 'faint'],
}

function doing(document: InstanceDocument | null, paint: Paint): string {
  if (document === null || document.monitor === 'idle') return ''
  return ` ${paint('bad', document.monitor)}`
}
