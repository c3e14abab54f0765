import { namespaceHolder, namespaceHolders } from '../../../core/namespaces.js'
import type { PlannedAction } from '../../../core/plan.js'
import type { Resource, Service } from '../../../core/service.js'
import { textOf } from '../../../resources/driver.js'
import { Look } from '../../../resources/look.js'
import type { Phase } from './phases.js'
import { contextOf, Limits, view, type Node, type View } from './view.js'

/** Milliseconds after which what was seen before a resource's turn is looked at again: as long as a database takes to stop, as a rule. */
const freshMs = 5000

/** Milliseconds for which it may still say what is to be done, see `stands` in `work.ts`: a preparation beside a service that runs takes less. */
const standingMs = 30_000

/** Looks that were begun before their resource's turn, by rid. */
export type Foresight = ReadonlyMap<string, Foreseen>

/** A look that was begun before its resource's turn, at these monotonic milliseconds. It never rejects. */
export class Foreseen {
  private gave: View | null = null

  constructor(
    readonly view: Promise<View>,
    private readonly atMs: number,
  ) {
    void view.then((seen) => (this.gave = seen))
  }

  /** What it gave; null while it goes on. */
  get seen(): View | null {
    return this.gave
  }

  isFresh(nowMs: number): boolean {
    return nowMs < this.atMs + freshMs
  }

  /** Does it count for anything? */
  counts(nowMs: number): boolean {
    return nowMs < this.atMs + standingMs
  }
}

/** A look that may have been begun before, at these monotonic milliseconds. */
export interface Dated {
  readonly look: Look
  readonly atMs: number
}

/** Looks at resources, all at once, whose state what comes before them does not change. Its looks never reject. */
export function foresee(
  node: Node,
  service: Service,
  resources: readonly Resource[],
  generation: number | null,
  { look, atMs }: Dated = { look: new Look(node.io), atMs: node.io.clock.nowMs() },
): Foresight {
  const seen = resources.flatMap((resource): readonly [string, Foreseen][] => {
    const driver = node.registry.find(resource)
    if (driver === null) return []
    const limits = new Limits(node.io.clock)
    const looking = view(driver, contextOf(node, service, resource, generation), look, limits)
    return [
      [
        resource.rid,
        new Foreseen(
          looking.finally(() => limits.end()),
          atMs,
        ),
      ],
    ]
  })
  return new Map(seen)
}

/**
 * What can be looked at before its turn: in a stop and in a preparation everything, in a start what looks the same before and behind a mount. What an
 * action changes on its way is looked at again all the same, see `changedBy`.
 */
export function foreseeable(action: PlannedAction): (resource: Resource) => boolean {
  switch (action) {
    case 'stop':
    case 'prepare':
      return () => true
    case 'start':
      return ({ group }) => group === 'ip' || group === 'container'
    case 'provision':
    case 'unprovision':
      return () => false
  }
}

/**
 * What of these is worth a look now: none that is served by an earlier one, and none that looks different once another one had its turn. They are in the
 * order of their turns.
 */
export function dueAhead(
  service: Service,
  ahead: readonly Resource[],
  isServed: (resource: Resource) => boolean,
): readonly Resource[] {
  const changes = (one: Resource, { rid }: Resource): boolean => changedBy(service, one).includes(rid)
  return ahead.filter((one, n) => !isServed(one) && !ahead.slice(0, n).some((before) => changes(before, one)))
}

/**
 * Rids of resources that look different once this one was acted upon: what is in the namespace that it keeps, or is in, nested mounts, and the
 * volume group of a volume.
 */
function changedBy(service: Service, acted: Resource): readonly string[] {
  const { rid, group } = acted
  const holder = namespaceHolder(acted)
  const changed = (other: Resource): boolean => {
    if (group === 'container') return namespaceHolders(other).includes(rid)
    if (group === 'ip') return other.group === 'ip' && holder !== null && namespaceHolder(other) === holder
    if (group === 'disk') return other.group === 'disk' && isGroupOf(other, acted)
    return group === 'fs' && other.group === 'fs' && nested(acted, other)
  }
  return service.resources.filter((other) => other.rid !== rid && changed(other)).map((other) => other.rid)
}

/**
 * The same where the steps of a phase ran that makes something of it: with the image that one container needs comes what others need. A preparation
 * hardly does anything else, and images have more than one name.
 */
export function changedByPhase(service: Service, acted: Resource, phase: Phase): readonly string[] {
  const rids = changedBy(service, acted)
  if (acted.group !== 'container' || (phase !== 'prepare' && phase !== 'start')) return rids
  const image = textOf(acted, 'image')
  const mayNeed = (other: Resource): boolean =>
    other.group === 'container' && (phase === 'prepare' || textOf(other, 'image') === image)
  return [...rids, ...service.resources.filter(mayNeed).map(({ rid }) => rid)]
}

function nested(one: Resource, other: Resource): boolean {
  const [a, b] = [one, other].map((resource) => `${textOf(resource, 'mnt') ?? ''}/`) as [string, string]
  return a !== '/' && b !== '/' && (a.startsWith(b) || b.startsWith(a))
}

const isGroupOf = (group: Resource, volume: Resource): boolean =>
  group.type === 'vg' && volume.type === 'lv' && textOf(group, 'name') === textOf(volume, 'vg')
