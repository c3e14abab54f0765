import type { InstanceDocument, ResourceDocument } from '../../core/document.js'
import { compareNatural } from '../../core/natural.js'
import { GROUPS } from '../../core/service.js'
import type { Status } from '../../core/status.js'
import type { InstanceStatus, Relation, ServiceStatus } from '../../daemon/api/contract.js'
import { clean, type Paint, type Style } from './paint.js'
import { tree, type Branch } from './tree.js'

export interface StatusScreen {
  /** The node that asks: its instance comes last, with its resources. */
  readonly node: string
  readonly paint: Paint
  /** Null: nothing is wrapped. */
  readonly terminalColumns: number | null
}

/**
 * The tree of `om SVC print status`, laid out as OpenSVC's (https://docs.opensvc.com, "agent.service.status"): instances of peers, then
 * this node's with its resources, each with eight flags, status and label; what a resource has to say stands under it.
 */
export function printStatus(service: ServiceStatus, screen: StatusScreen): readonly string[] {
  const { paint } = screen
  const instances = inOrder(service.instances, screen.node).map((each) => instance(each, service, screen))
  const root: Branch = {
    name: paint('title', service.name),
    columns: serviceColumns(service, paint),
    notes: serviceNotes(service, paint),
    children: [
      { name: 'instances', columns: [], children: instances },
      ...relations('parents', service.parents, paint),
      ...relations('children', service.children, paint),
    ],
  }
  return tree(root, { columnWidths: [8, 10], nameWidth: 14, terminalColumns: screen.terminalColumns })
}

/** Only what is out of the ordinary: the instances below say the rest. */
function serviceColumns(service: ServiceStatus, paint: Paint): readonly string[] {
  const notices = [
    ...(service.overall === 'warn' ? [paint('doubt', 'warn')] : []),
    ...(service.placement === 'non-optimal' ? [paint('bad', 'non-optimal placement')] : []),
  ]
  return notices.length === 0 ? [] : ['', status(service.avail, paint), notices.join(', ')]
}

function serviceNotes(service: ServiceStatus, paint: Paint): readonly string[] {
  return [
    ...(service.configProblem === null ? [] : [paint('doubt', `warn: ${clean(service.configProblem)}`)]),
    ...(service.why === null ? [] : [clean(service.why)]),
  ]
}

function inOrder(instances: readonly InstanceStatus[], node: string): readonly InstanceStatus[] {
  const rank = (each: InstanceStatus): number => (each.node === node ? 1 : 0)
  return instances.toSorted((a, b) => rank(a) - rank(b) || compareNatural(a.node, b.node))
}

function instance(each: InstanceStatus, service: ServiceStatus, screen: StatusScreen): Branch {
  const { paint } = screen
  const heard = each.reachable && each.instance !== null
  const notices =
    heard && each.instance !== null ? known(each, each.instance, service, paint) : absent(each, paint)
  const failure = heard ? (each.instance?.failure ?? null) : null
  return {
    name: paint('title', each.node),
    columns: [
      '',
      status(heard && each.instance !== null ? each.instance.avail : 'undef', paint),
      notices.join(', '),
    ],
    notes:
      failure === null
        ? []
        : clean(failure)
            .split('\n')
            .map((line) => paint('bad', `error: ${line}`)),
    children: each.node === screen.node && each.instance !== null ? resources(each.instance, paint) : [],
  }
}

function absent(each: InstanceStatus, paint: Paint): readonly string[] {
  if (each.reachable) return [paint('faint', 'no status yet')]
  const last = each.instance === null ? [] : [`last seen ${each.instance.avail}`]
  return [paint('bad', 'unreachable'), ...last]
}

/** Priority that a service has where its configuration names none. */
const DEFAULT_PRIORITY = 50

function known(
  each: InstanceStatus,
  document: InstanceDocument,
  service: ServiceStatus,
  paint: Paint,
): readonly string[] {
  const idle = document.monitor === 'idle'
  const held = document.place.kind === 'held' && document.avail !== 'up' && document.avail !== 'warn'
  const notices: readonly (string | null)[] = [
    document.overall === 'warn' ? paint('doubt', 'warn') : null,
    each.frozen ? paint('frozen', 'frozen') : null,
    each.nodeFrozen ? paint('frozen', 'node frozen') : null,
    document.provisioned ? null : paint('bad', provisioning(document)),
    service.priority === DEFAULT_PRIORITY ? null : `p${service.priority}`,
    paint(idle ? 'info' : 'bad', document.monitor),
    document.started ? paint('info', 'started') : null,
    held && (idle || document.failure !== null) ? paint('doubt', 'not released') : null,
    service.target === null ? null : `>${service.target.name}`,
  ]
  return notices.filter((notice) => notice !== null)
}

function provisioning(document: InstanceDocument): string {
  const some = Object.values(document.resources).some((resource) => resource.provisioned === true)
  return some ? 'part-provisioned' : 'not provisioned'
}

function resources(document: InstanceDocument, paint: Paint): readonly Branch[] {
  return Object.entries(document.resources)
    .toSorted(([a], [b]) => groupRank(a) - groupRank(b) || compareNatural(a, b))
    .map(([rid, resource]) => ({
      name: rid,
      columns: [flags(resource), status(resource.status, paint), clean(resource.label)],
      notes: resource.messages.flatMap(({ level, text }) =>
        clean(text)
          .split('\n')
          .map((line) => paint(MESSAGE_STYLES[level], `${level}: ${line}`)),
      ),
    }))
}

const MESSAGE_STYLES = { info: 'info', warn: 'doubt', error: 'bad' } as const satisfies Record<string, Style>

function groupRank(rid: string): number {
  const rank = GROUPS.findIndex((group) => rid.startsWith(`${group}#`))
  return rank < 0 ? GROUPS.length : rank
}

/** Running, monitored, disabled, optional, encapsulated, not provisioned, standby, restarts left: a dot where it is not so. */
export function flags(resource: ResourceDocument): string {
  const { flags: set, provisioned } = resource
  return [
    set.running ? 'R' : '.',
    set.monitor ? 'M' : '.',
    set.disable ? 'D' : '.',
    set.optional ? 'O' : '.',
    '.',
    provisioned === null ? '/' : provisioned ? '.' : 'P',
    set.standby ? 'S' : '.',
    restarts(set.restartsLeft, set.userStopped),
  ].join('')
}

function restarts(left: number | null, userStopped: boolean): string {
  if (userStopped) return 'X'
  if (left === null) return '.'
  return left >= 10 ? '+' : `${left}`
}

function relations(name: string, related: readonly Relation[], paint: Paint): readonly Branch[] {
  if (related.length === 0) return []
  const children = related.map((each) => ({
    name: clean(each.name),
    columns: ['', status(each.avail, paint), ''],
  }))
  return [{ name, columns: [], children }]
}

/** The colour of a resource's status. */
export function statusStyle(value: Status): Style {
  switch (value) {
    case 'up':
    case 'stdby up':
      return 'good'
    case 'down':
    case 'stdby down':
      return 'bad'
    case 'warn':
      return 'doubt'
    case 'n/a':
    case 'undef':
      return 'faint'
  }
}

function status(value: Status, paint: Paint): string {
  return paint(statusStyle(value), value)
}
