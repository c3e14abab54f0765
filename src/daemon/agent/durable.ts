import type { NodeDocument } from '../../core/document.js'
import type { Stamp } from '../../core/register.js'
import { rulesInForce, type Rules } from '../../core/rules.js'
import { isFailed, localOf, ownDocument } from '../../core/view.js'
import { freshLocal, type LocalInstance, type Memory, type World } from '../../core/world.js'
import type { Service } from '../../core/service.js'
import type { Store } from '../ports.js'

/** What a node must not forget: it is synced to disk before anything is done, or said, that rests on it. */

/** One service's part. */
export interface Kept extends Memory {
  readonly generation: number
  readonly provisioned: boolean
  /** Found active after a boot, and not yet seen stopped: a daemon that dies meanwhile does not forget it. */
  readonly foundAtBoot: boolean
  /** A namespace is up that serves nothing; absent in stores of an earlier version. */
  readonly preparedFor?: string | null
  /** Absent in stores of an earlier version. */
  readonly former?: Service | null
}

interface Change {
  readonly key: string
  readonly value: string | null
}

/** Everything durable that differs between two worlds. */
export function durableChanges(before: World | null, after: World): readonly Change[] {
  return [
    ...registerChanges(before, after),
    ...memoryChanges(before, after),
    ...peerChanges(before, after),
    ...houseChanges(before, after),
  ]
}

/** Whom this voter has evicted, what it has heard of starts, and the rules that it goes by. */
function houseChanges(before: World | null, after: World): readonly Change[] {
  const { evictions, generations } = ownDocument(after)
  const own = before === null ? null : ownDocument(before)
  const same = own?.evictions === evictions
  return [
    ...(same ? [] : [{ key: evictionsKey, value: JSON.stringify(evictions) }]),
    ...(own?.generations === generations
      ? []
      : [{ key: generationsKey, value: JSON.stringify(generations ?? {}) }]),
    ...ownChanges(own, ownDocument(after)),
    ...(before?.rules === after.rules ? [] : [{ key: rulesKey, value: JSON.stringify(keptRules(after)) }]),
  ]
}

/** Of the store: whom this voter has evicted. */
export const evictionsKey = 'evictions'

/** Of the store: the highest generation of a start that was heard of, by service. Claims one above it may have been answered. */
export const generationsKey = 'generations'

/** Of the store: of the daemon that began last, or of one that others have told of. */
export const incarnationKey = 'incarnation'

/** What others have told this node of an earlier store of its own is known to its next daemon, too. */
function ownChanges(
  own: NodeDocument | null,
  { incarnation, promises, rolledBack }: NodeDocument,
): readonly Change[] {
  const made = promises?.made
  return [
    ...(own === null || own.incarnation === incarnation
      ? []
      : [{ key: incarnationKey, value: String(incarnation) }]),
    ...(made === undefined || own?.promises?.made === made
      ? []
      : [{ key: promisesKey, value: String(made) }]),
    ...(own?.rolledBack === rolledBack || rolledBack === undefined
      ? []
      : [{ key: rolledBackKey, value: 'true' }]),
  ]
}

/** Of the store: how many promises this node has made. It outlives its clusters. */
export const promisesKey = 'promises'
/** Of the store: the node was let in, and no daemon has begun since. */
export const letInKey = 'let in'
/** Of the store: others had a newer word of this node than it. */
export const rolledBackKey = 'rolled back'

/** Of the store. */
export const rulesKey = 'rules'

/** All rules in force, the newest last: where the next configuration is already in the store when a daemon begins, they are all earlier ones. */
export interface KeptRules {
  readonly changed: Stamp | null
  readonly all: readonly Rules[]
  /** This node has said that it goes by the newest. */
  readonly said: boolean
}

const keptRules = (world: World): KeptRules => ({
  changed: world.rules.changed,
  all: rulesInForce(world),
  said: world.rules.saysAtMs === null,
})

function registerChanges(before: World | null, after: World): readonly Change[] {
  if (before?.registers === after.registers) return []
  return Object.entries(after.registers)
    .filter(([key, entry]) => before?.registers[key] !== entry)
    .map(([key, entry]) => ({ key: `register/${key}`, value: JSON.stringify(entry) }))
}

/** What is to be remembered of instances. */
export function memoryChanges(before: World | null, after: World): readonly Change[] {
  const instances = ownDocument(after).instances
  const unchanged =
    before !== null &&
    ownDocument(before).instances === instances &&
    before.local === after.local &&
    before.services === after.services
  if (unchanged) return []
  const changes: Change[] = []
  for (const service of new Set([
    ...Object.keys(instances),
    ...Object.keys(after.local),
    ...Object.keys(before?.local ?? {}),
  ])) {
    if (before !== null && sameSource(before, after, service)) continue
    const was = before === null ? null : memoryOf(before, service)
    const is = memoryOf(after, service)
    if (was !== is) changes.push({ key: `instance/${service}`, value: is })
  }
  return changes
}

/** All that a memory is made of is shared by the two worlds. */
const sameSource = (before: World, after: World, service: string): boolean =>
  ownDocument(before).instances[service] === ownDocument(after).instances[service] &&
  before.local[service] === after.local[service] &&
  before.services[service] === after.services[service] &&
  before.memories[service] === after.memories[service]

/** As text; null where there is nothing to remember. What was not looked at since the daemon's start is as it was remembered. */
function memoryOf(world: World, service: string): string | null {
  const known = ownDocument(world).instances[service]
  if (known === undefined && world.local[service] === undefined) return null
  const local = localOf(world, service)
  const instance: Pick<Memory, 'started' | 'monitor' | 'failure' | 'doneTarget'> | undefined =
    known ?? world.memories[service]
  const monitor = instance !== undefined && isFailed(instance.monitor) ? instance.monitor : 'idle'
  const memory: Kept = {
    generation: local.generation,
    provisioned: local.provisioned,
    foundAtBoot: local.foundAtBoot,
    preparedFor: local.preparedFor,
    former: local.former,
    started: instance?.started ?? false,
    monitor,
    failure: monitor === 'idle' ? null : (instance?.failure ?? null),
    doneTarget: instance?.doneTarget ?? null,
    formerMembers: (world.services[service] ?? world.memories[service])?.formerMembers ?? [],
  }
  return JSON.stringify(memory)
}

/** A peer's last word is kept when its state changes: whether a silent node had left, or had stopped its daemon with services up. */
function peerChanges(before: World | null, after: World): readonly Change[] {
  if (before?.documents === after.documents) return []
  return Object.values(after.documents)
    .filter((document) => document.node !== after.self)
    .filter((document) => {
      const was = before?.documents[document.node]
      return was === undefined || was.state !== document.state || was.incarnation !== document.incarnation
    })
    .map((document) => ({ key: `peer/${document.node}`, value: JSON.stringify(document) }))
}

/** What a daemon begins with for a service; after a boot what it finds active is to be stopped first. */
export function localFrom(memory: Kept | undefined, sameBoot: boolean): LocalInstance {
  if (memory === undefined) return { ...freshLocal, foundAtBoot: !sameBoot }
  return {
    ...freshLocal,
    generation: memory.generation,
    provisioned: memory.provisioned,
    preparedFor: memory.preparedFor ?? null,
    former: memory.former ?? null,
    foundAtBoot: !sameBoot || memory.foundAtBoot,
  }
}

/** Of the store: the stamp of the freeze under which the last shutdown's drain moved services away. */
export const drainKey = 'drain'

/** Of the store: the cluster was forgotten, and its certificates may still be there. */
export const leftKey = 'left'

/** Nothing that was learnt in a cluster is taken along into another one. Its certificates are to be removed next, and `leftKey` then. */
export function forgetCluster(store: Store): void {
  const listed = ['register/', 'instance/', 'peer/', 'file/'].flatMap((prefix) => store.list(prefix))
  const keys = [...listed.map(({ key }) => key), rulesKey, generationsKey, rolledBackKey, letInKey, drainKey]
  store.putAll([...keys.map((key) => ({ key, value: null })), { key: leftKey, value: 'true' }])
}
