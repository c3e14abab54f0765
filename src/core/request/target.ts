import type { InstanceDocument } from '../document.js'
import { hears } from '../membership.js'
import { ranked, unfit } from '../placement.js'
import { targetName, type RegisterWrite, type TargetKind } from '../register.js'
import { fail, ok, type Result } from '../result.js'
import { holders, instanceOn, isFailed, isUp, ready, targetOf, viewOf } from '../view.js'
import type { ServiceView, World } from '../world.js'
import { candidatesIgnoringFreezes, eligibleIgnoringFreezes, unfitIgnoringFreezes } from './cleared.js'
import { nothingToStart } from './empty.js'

/** What an operator may ask of a service as a whole. */
export type TargetAction =
  | 'start'
  | 'stop'
  | 'restart'
  | 'switch'
  | 'takeover'
  | 'giveback'
  | 'provision'
  | 'unprovision'
  | 'purge'
  | 'delete'
  | 'freeze'
  | 'thaw'
  | 'abort'
  | 'clear'

export interface TargetAsk {
  readonly service: string
  readonly action: TargetAction
  readonly node: string | null
  readonly timeMs: number | null
  readonly author: string
  /** Names the target state that this ask may set. */
  readonly id: string
}

/** Registers to write, and the sentence for the operator. No writes: nothing to do, it is so already. */
export interface Granted {
  readonly writes: readonly RegisterWrite[]
  readonly message: string
  readonly target: { readonly id: string; readonly name: string } | null
}

/** Checks the sense of an ask and turns it into register writes, or refuses with the reason. */
export function askTarget(world: World, ask: TargetAsk): Result<Granted> {
  if (world.services[ask.service] === undefined) {
    return fail('UNKNOWN', `there is no service ${ask.service}: svcmon shows those that there are`)
  }
  const view = viewOf(world, ask.service)
  switch (ask.action) {
    case 'freeze':
      return ok(plain([{ kind: 'freeze', name: ask.service, value: true }], `service ${ask.service} frozen`))
    case 'thaw':
      return ok(plain(thaws(world, view.service.name, view.service.nodes), `service ${ask.service} thawed`))
    case 'clear':
      return ok(
        plain([{ kind: 'clear', name: ask.service, value: true }], `failed states of ${ask.service} cleared`),
      )
    case 'abort':
      return abort(world, ask)
    case 'delete':
      return remove(world, view)
    case 'start':
    case 'stop':
    case 'restart':
    case 'switch':
    case 'takeover':
    case 'giveback':
    case 'provision':
    case 'unprovision':
    case 'purge':
      return setTarget(world, view, ask)
  }
}

const plain = (writes: readonly RegisterWrite[], message: string): Granted => ({
  writes,
  message,
  target: null,
})

/** Thaws the service and its instances; a frozen node stays frozen. */
export function thaws(world: World, service: string, nodes: readonly string[]): readonly RegisterWrite[] {
  const names = [service, ...nodes.map((node) => `${service}@${node}`)]
  return names
    .filter((name) => world.registers[`freeze/${name}`]?.value === true)
    .map((name) => ({ kind: 'freeze', name, value: false }))
}

function abort(world: World, ask: TargetAsk): Result<Granted> {
  const target = targetOf(world, ask.service)
  if (target === null) return ok(plain([], `service ${ask.service} has no target state to abort`))
  const end = { how: 'aborted', why: `by ${ask.author}` } as const
  const message = `service ${ask.service} target state ${targetName(target.target)} aborted`
  return ok(plain([{ kind: 'target', name: ask.service, value: { ...target, end } }], message))
}

function remove(world: World, view: ServiceView): Result<Granted> {
  const { name } = view.service
  const held = holders(world, name)
  if (held.length > 0) {
    return fail(
      'CONFLICT',
      `${name} is not down on ${held.join(', ')}: stop it first (om ${name} stop), or run: om ${name} purge`,
    )
  }
  const busy = inFlight(world, view)
  if (busy !== null) return fail('CONFLICT', busy)
  return ok(
    plain([{ kind: 'config', name, value: { text: null, author: 'user' } }], `service ${name} deleted`),
  )
}

function setTarget(world: World, view: ServiceView, ask: TargetAsk): Result<Granted> {
  const kind = kindOf(world, view, ask)
  if (!kind.ok) return kind
  if (kind.value.kind === 'nothing') return ok(plain(kind.value.writes, kind.value.message))
  const target = kind.value.target
  const empty = starts(target) ? nothingToStart(view.service) : null
  if (empty !== null) return fail('CONFLICT', empty)
  const busy = inFlight(world, view)
  if (busy !== null) return fail('CONFLICT', busy)
  const { name } = view.service
  const deadlineWallMs = world.wallMs + (ask.timeMs ?? world.cluster.targetTimeoutMs)
  const freeze: readonly RegisterWrite[] =
    target.kind === 'stopped'
      ? [{ kind: 'freeze', name, value: true }]
      : thaws(world, view.service.name, view.service.nodes)
  const writes: readonly RegisterWrite[] = [
    ...freeze,
    // An operator's own action clears what failed before.
    { kind: 'clear', name, value: true },
    { kind: 'target', name, value: { id: ask.id, target, author: ask.author, deadlineWallMs, end: null } },
  ]
  const named = { id: ask.id, name: targetName(target) }
  return ok({ writes, message: `service ${name} target state set to ${named.name}`, target: named })
}

const starts = ({ kind }: TargetKind): boolean =>
  kind === 'started' || kind === 'placed' || kind === 'restarted' || kind === 'provisioned'

type Wanted =
  | { readonly kind: 'target'; readonly target: TargetKind }
  | { readonly kind: 'nothing'; readonly message: string; readonly writes: readonly RegisterWrite[] }

const wanted = (target: TargetKind): Result<Wanted> => ok({ kind: 'target', target })
const already = (message: string, writes: readonly RegisterWrite[] = []): Result<Wanted> =>
  ok({ kind: 'nothing', message, writes })

function kindOf(world: World, view: ServiceView, ask: TargetAsk): Result<Wanted> {
  const { name, nodes } = view.service
  const up = nodes.find((node) => hears(world, node) && isUp(instanceOn(world, node, name))) ?? null
  switch (ask.action) {
    case 'start':
      if (ask.node !== null) return place(world, view, ask.node)
      return up === null
        ? wanted({ kind: 'started' })
        : already(
            `service ${name} is already started on ${up}`,
            thaws(world, view.service.name, view.service.nodes),
          )
    case 'stop':
      return stop(world, view)
    case 'restart':
      return up === null
        ? fail('CONFLICT', `service ${name} is not up: start it with: om ${name} start`)
        : wanted({ kind: 'restarted', node: up })
    case 'switch':
      return ask.node === null ? elsewhere(world, view) : place(world, view, ask.node)
    case 'takeover':
      return place(world, view, ask.node ?? world.self)
    case 'giveback': {
      const best = candidatesIgnoringFreezes(world, view)[0]
      return best === undefined ? fail('CONFLICT', `no node can take ${name} now`) : place(world, view, best)
    }
    case 'provision':
      return provision(world, view, ask.node)
    case 'unprovision':
    case 'purge':
      return unmake(world, view, ask.action)
    case 'delete':
    case 'freeze':
    case 'thaw':
    case 'abort':
    case 'clear':
      return fail('INVALID', `${ask.action} sets no target state`)
  }
}

function stop(world: World, view: ServiceView): Result<Wanted> {
  const { name, nodes } = view.service
  const frozen = world.registers[`freeze/${name}`]?.value === true
  const down = nodes.every((node) => {
    const place = instanceOn(world, node, name)?.place.kind
    return place === 'none' || place === undefined
  })
  return down && frozen ? already(`service ${name} is already stopped`) : wanted({ kind: 'stopped' })
}

function place(world: World, view: ServiceView, node: string): Result<Wanted> {
  const { name, nodes, topology } = view.service
  if (!nodes.includes(node)) {
    return fail('INVALID', `${node} is not a member of ${name}: its nodes are ${nodes.join(', ')}`)
  }
  const elsewhere = holders(world, name).filter((n) => n !== node)
  if (isUp(instanceOn(world, node, name)) && elsewhere.length === 0)
    return already(`service ${name} is already up on ${node}`)
  const reason = unfitIgnoringFreezes(world, view, node)
  if (reason !== null) return fail('CONFLICT', `${name} cannot be placed on ${node}: ${reason}`)
  const lost = elsewhere.find((n) => !hears(world, n))
  if (lost !== undefined && topology === 'failover') {
    return fail(
      'CONFLICT',
      `${name} may still be up on ${lost}, which is not heard: bring it back, or if it is off run: om node confirm-off ${lost}, then om ${name} start`,
    )
  }
  return wanted({ kind: 'placed', node })
}

/** `switch` without a node: the best-ranked other member that can. */
function elsewhere(world: World, view: ServiceView): Result<Wanted> {
  const { name } = view.service
  const holding = holders(world, name)
  const able = candidatesIgnoringFreezes(world, view).filter((node) => !holding.includes(node))
  const best = able[0]
  if (best !== undefined) return place(world, view, best)
  const reasons = ranked(world, view.service)
    .filter((node) => !holding.includes(node))
    .map((node) => unfitIgnoringFreezes(world, view, node) ?? `${node} is not provisioned`)
  return fail(
    'CONFLICT',
    `no other node can take ${name}: ${[...new Set(reasons)].join('; ') || 'it has no other member'}`,
  )
}

function provision(world: World, view: ServiceView, node: string | null): Result<Wanted> {
  const { name, nodes } = view.service
  const all = nodes.every((n) => instanceOn(world, n, name)?.provisioned === true)
  if (all) return already(`service ${name} is already provisioned`)
  const leader = node ?? holders(world, name)[0] ?? eligibleIgnoringFreezes(world, view)[0]
  if (leader === undefined) {
    const reasons = nodes.map((n) => unfit(world, view.service, n) ?? `${n} could`)
    return fail('CONFLICT', `no node can provision ${name}: ${[...new Set(reasons)].join('; ')}`)
  }
  return wanted({ kind: 'provisioned', leader })
}

function unmake(world: World, view: ServiceView, action: 'unprovision' | 'purge'): Result<Wanted> {
  const { name, nodes } = view.service
  const unsure = nodes.filter((node) => !hears(world, node) && maybeHeld(instanceOn(world, node, name)))
  if (unsure.length > 0) {
    return fail(
      'CONFLICT',
      `${name} may be up on ${unsure.join(', ')}, which is not heard: nothing is unmade until it is back`,
    )
  }
  const leader = holders(world, name)[0] ?? nodes.find((node) => hears(world, node) && ready(world, node))
  if (leader === undefined) return fail('CONFLICT', `no member of ${name} is heard`)
  return wanted(action === 'purge' ? { kind: 'purged', leader } : { kind: 'unprovisioned', leader })
}

const maybeHeld = (instance: InstanceDocument | null): boolean =>
  instance === null || instance.place.kind !== 'none'

/** Something runs already, or another target state is set; null where the service is at rest. */
function inFlight(world: World, view: ServiceView): string | null {
  const { name, nodes } = view.service
  const target = targetOf(world, name)
  if (target !== null) {
    return `service ${name} is on its way to ${targetName(target.target)}: wait for it, or end it with: om ${name} abort`
  }
  for (const node of nodes) {
    const instance = instanceOn(world, node, name)
    if (instance === null || !hears(world, node)) continue
    const { monitor } = instance
    if (monitor !== 'idle' && !isFailed(monitor) && !monitor.startsWith('wait')) {
      return `the instance of ${name} on ${node} is ${monitor}: wait for it to end`
    }
  }
  return null
}
