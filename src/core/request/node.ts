import type { ClusterNode } from '../cluster.js'
import { heardBy, lives, newestTold, silent } from '../membership.js'
import { candidates } from '../placement.js'
import type { RegisterWrite, TargetKind } from '../register.js'
import { fail, ok, type Result } from '../result.js'
import { parties, unsaid } from '../rules.js'
import { placeOn, targetOf } from '../view.js'
import type { World } from '../world.js'

/** Registers to write for a node, and a sentence for the operator. */
export interface NodeGrant {
  readonly writes: readonly RegisterWrite[]
  readonly message: string
  /** Of a drain: services that no other node can take. */
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
  const frozen: World = {
    ...world,
    registers: {
      ...world.registers,
      [`freeze/@${ask.node}`]: {
        kind: 'freeze',
        name: `@${ask.node}`,
        value: true,
        stamp: { wallMs: 0, count: 0, node: world.self },
      },
    },
  }
  const writes: RegisterWrite[] = [{ kind: 'freeze', name: `@${ask.node}`, value: true }]
  const moved: string[] = []
  const left: string[] = []
  for (const { service } of Object.values(world.services)) {
    if (placeOn(world, ask.node, service.name)?.kind !== 'held') continue
    const to = candidates(frozen, service).find((name) => name !== ask.node)
    if (to === undefined || targetOf(world, service.name) !== null) {
      left.push(service.name)
      continue
    }
    const target: TargetKind = { kind: 'placed', node: to }
    const deadlineWallMs = world.wallMs + world.cluster.targetTimeoutMs
    const value = { id: ask.id(service.name), target, author: ask.author, deadlineWallMs, end: null }
    writes.push({ kind: 'target', name: service.name, value })
    moved.push(service.name)
  }
  const stays =
    left.length === 0
      ? ''
      : `; no other node can take ${left.join(', ')} now: ${left.length === 1 ? 'it stays' : 'they stay'}`
  const moves = moved.length === 1 ? '1 service moves' : `${moved.length} services move`
  return ok({ writes, message: `node ${ask.node} frozen, ${moves} away${stays}`, left })
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
