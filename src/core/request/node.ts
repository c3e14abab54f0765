import type { ClusterNode } from '../cluster.js'
import { heardBy, lives, newestTold, silent } from '../membership.js'
import { candidates } from '../placement.js'
import { targetName, type RegisterWrite, type TargetKind } from '../register.js'
import { fail, ok, type Result } from '../result.js'
import { parties, unsaid } from '../rules.js'
import { placeOn, targetOf } from '../view.js'
import type { World } from '../world.js'

/** Registers to write for a node, and a sentence for the operator. */
export interface NodeGrant {
  readonly writes: readonly RegisterWrite[]
  readonly message: string
  /** Of a drain: services that stay. */
  readonly left?: readonly string[]
}

export interface NodeAsk {
  readonly action: 'freeze' | 'thaw' | 'drain' | 'confirm-off'
  readonly node: string
  readonly author: string
  /** Names the target states that a drain sets: `id(service)`. */
  readonly id: (service: string) => string
}

/** An operator's ask of one node: the register writes that grant it, or why not. */
export function askNode(world: World, ask: NodeAsk): Result<NodeGrant> {
  const known = ask.action === 'confirm-off' ? awaitedNodes(world) : namesOf(world.cluster.nodes)
  if (!known.includes(ask.node)) {
    const names = known.join(', ')
    return fail('UNKNOWN', `there is no node ${ask.node}: the cluster's nodes are ${names}`)
  }
  const { node } = ask
  switch (ask.action) {
    case 'freeze':
      return ok({
        writes: [{ kind: 'freeze', name: `@${node}`, value: true }],
        message: `node ${node} frozen`,
      })
    case 'thaw':
      return ok({
        writes: [{ kind: 'freeze', name: `@${node}`, value: false }],
        message: `node ${node} thawed`,
      })
    case 'drain':
      return drain(world, ask)
    case 'confirm-off':
      return confirmOff(world, node)
  }
}

const namesOf = (nodes: readonly ClusterNode[]): readonly string[] => nodes.map(({ name }) => name)

/** Of one that was taken out, an operator's word may still be needed: for the former rules, for what it held, or so that another machine may have its name. */
const awaitedNodes = (world: World): readonly string[] => [
  ...new Set([...namesOf(parties(world)), ...formerMembers(world), ...Object.keys(world.documents)]),
]

const formerMembers = ({ services }: World): readonly string[] =>
  Object.values(services).flatMap((view) => view.formerMembers)

/** Nothing starts there any more; what is there moves to the best other node, and stays where there is none. */
function drain(world: World, ask: NodeAsk): Result<NodeGrant> {
  const frozen = frozenAlready(world, ask.node)
  const writes: RegisterWrite[] = [{ kind: 'freeze', name: `@${ask.node}`, value: true }]
  let moved = 0
  const stay: string[] = []
  /** What else is done about a service. */
  const busy: Record<string, string> = {}
  for (const { service } of Object.values(world.services)) {
    const { name } = service
    if (placeOn(world, ask.node, name)?.kind !== 'held') continue
    const under = targetOf(world, name)?.target
    const to = candidates(frozen, service).find((node) => node !== ask.node)
    // By an earlier drain, or an operator's word.
    const isMoving = under?.kind === 'placed' && under.node !== ask.node
    if (isMoving) moved += 1
    else if (under !== undefined) busy[name] = targetName(under)
    else if (to === undefined) stay.push(name)
    else {
      moved += 1
      const deadlineWallMs = world.wallMs + world.cluster.targetTimeoutMs
      const target: TargetKind = { kind: 'placed', node: to }
      const value = { id: ask.id(name), target, author: ask.author, deadlineWallMs, end: null }
      writes.push({ kind: 'target', name, value })
    }
  }
  const words = [
    `node ${ask.node} frozen, ${moved} ${moved === 1 ? 'service moves' : 'services move'} away`,
    ...(stay.length === 0 ? [] : [`no other node can take ${stay.join(', ')} now: ${staying(stay)}`]),
    ...Object.entries(busy).map(
      ([name, on]) => `${name} is on its way to ${on}: drain again once it has ended`,
    ),
  ]
  return ok({ writes, message: words.join('; '), left: [...stay, ...Object.keys(busy)] })
}

const staying = (names: readonly string[]): string => (names.length === 1 ? 'it stays' : 'they stay')

/** The world as it will be when nothing may start on the node. */
function frozenAlready(world: World, node: string): World {
  const stamp = { wallMs: 0, count: 0, node: world.self }
  const freeze = { kind: 'freeze', name: `@${node}`, value: true, stamp } as const
  return { ...world, registers: { ...world.registers, [`freeze/@${node}`]: freeze } }
}

function confirmOff(world: World, node: string): Result<NodeGrant> {
  if (node === world.self) return fail('INVALID', `this command runs on ${node}, so ${node} is not off`)
  if (!silent(world, node) || lives(world, node)) {
    return fail(
      'CONFLICT',
      `${node} is heard: it is not off. Power it off first, and wait until svcmon shows it as unreachable`,
    )
  }
  const hearing = heardBy(world, node)
  if (hearing.length > 0)
    return fail('CONFLICT', `${hearing.join(', ')} still hears ${node}: it is not off. Power it off first`)
  const known = newestTold(world, node) ?? { incarnation: 0, generation: 0 }
  const value = { off: true, incarnation: known.incarnation, generation: known.generation }
  return ok({
    writes: [{ kind: 'off', name: node, value }],
    message: `node ${node} is declared off: its services may start elsewhere${ended(world, node)}`,
  })
}

/** What the word means for former rules of the cluster. */
const ended = (world: World, node: string): string =>
  world.rules.earlier.length > 0 && unsaid(world).includes(node)
    ? ', and the votes and times of the cluster as they were before the last change do not wait for it any more'
    : ''
