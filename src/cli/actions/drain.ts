import { setTimeout as sleep } from 'node:timers/promises'
import { fail, type Result } from '../../core/result.js'
import { isAtRest, isFailed, isUp } from '../../core/view.js'
import type { ClusterStatus, MessageAnswer, NodeRequest } from '../../daemon/api/contract.js'
import { clusterStatus } from '../cluster-status.js'
import type { Action, Call } from '../command.js'
import type { EventStream } from '../events.js'
import { refuse, show } from '../output.js'
import { instancesOn, nodeOf, type NodeInstance } from './node.js'
import { timeLimit, waits } from './settle.js'

const DEFAULT_LIMIT_MS = 300_000
/** The status is asked for at least this often, should an event be missed. */
const LOOK_MS = 5_000
/** A daemon that does not answer for so long is given up. */
const AWAY_MS = 60_000
const AGAIN_MS = 500

/** Freezes a node and moves its services away; done when nothing is held there any longer and what left is up elsewhere. */
export const nodeDrain: Action = async (call) => {
  const asked = await nodeOf(call)
  if (!asked.ok) return refuse(call.terminal, asked.error)
  const time = timeLimit(call)
  if (!time.ok) return refuse(call.terminal, time.error)
  const stream = waits(call) ? await call.client.follow(['changed']) : null
  if (stream !== null && !stream.ok) return refuse(call.terminal, stream.error)
  const request: NodeRequest = { node: asked.value.node.name }
  const answer = await call.client.post<MessageAnswer>('/api/node/drain', request)
  if (!answer.ok) {
    stream?.value.close()
    return refuse(call.terminal, answer.error)
  }
  await show(call, answer.value, () => [answer.value.message])
  if (stream === null) return 0
  const moves = { ids: new Map<string, string>(), held: namesOf(asked.value.instances.filter(holds)) }
  return awaitEmpty(call, stream.value, { node: request.node, moves }, time.value ?? DEFAULT_LIMIT_MS)
}

/** The services that a drain takes away. */
interface Moves {
  /** Target states, by service. */
  readonly ids: Map<string, string>
  /** What the node held at the last look. */
  held: readonly string[]
}

async function awaitEmpty(
  call: Call,
  stream: EventStream,
  { node, moves }: { readonly node: string; readonly moves: Moves },
  limitMs: number,
): Promise<number> {
  const deadlineMs = performance.now() + limitMs
  let interrupted = false
  const forget = call.terminal.onInterrupt(() => {
    interrupted = true
    stream.close()
  })
  const isOver = (): boolean => interrupted || performance.now() >= deadlineMs
  try {
    for (;;) {
      const status = await statusFrom(call, isOver)
      if (!status.ok && !interrupted) return refuse(call.terminal, status.error)
      const end = status.ok ? outcome(call, status.value, node, moves) : null
      if (end !== null) return end
      if (interrupted) return 130
      if (status.ok && isOver()) return outOfTime(call, status.value, node, moves)
      stream.drain()
      const next = await stream.next(Math.min(LOOK_MS, deadlineMs - performance.now()))
      if (next === 'ended' && !interrupted) await sleep(AGAIN_MS)
    }
  } finally {
    forget()
    stream.close()
  }
}

/** A daemon that does not answer may be starting again: what was asked of it goes on then. */
async function statusFrom(call: Call, isOver: () => boolean): Promise<Result<ClusterStatus>> {
  const untilMs = performance.now() + AWAY_MS
  for (;;) {
    const status = await clusterStatus(call)
    if (status.ok || status.error.code !== 'UNAVAILABLE') return status
    if (isOver() || performance.now() >= untilMs)
      return fail('UNAVAILABLE', `${status.error.message}; the drain may go on`)
    await sleep(AGAIN_MS)
  }
}

/** How the drain ended, as an exit code; null while there is something to wait for. */
function outcome(call: Call, status: ClusterStatus, node: string, moves: Moves): number | null {
  const left = instancesOn(status, node).filter(holds)
  if (movingNow(status, node, moves).length > 0) return null
  const names = left.map(({ service }) => service)
  if (names.length === 0) return drained(call, node, lost(status, moves, names))
  // Its last word of what it does is no sign that it still does it.
  if (status.nodes.find(({ name }) => name === node)?.reachable === false)
    return unheard(call, status, node, names)
  if (left.some((each) => goesOn(status, each))) return null
  const failed = left.every(({ instance }) => instance.instance?.monitor === 'stop failed')
  const how = failed ? 'could not be stopped' : 'did not move away'
  return stuck(call, node, names, how, lost(status, moves, names))
}

/** Something is still done about it, or wanted of it. */
function goesOn(status: ClusterStatus, { service, instance }: NodeInstance): boolean {
  const monitor = instance.instance?.monitor ?? 'idle'
  const isWanted = status.services.some(({ name, target }) => name === service && target !== null)
  return isWanted || !(isAtRest(monitor) || isFailed(monitor))
}

function outOfTime(call: Call, status: ClusterStatus, node: string, moves: Moves): number {
  const left = instancesOn(status, node).filter(holds)
  const names = (left.length > 0 ? left : movingNow(status, node, moves)).map(({ service }) => service)
  return stuck(
    call,
    node,
    names,
    `${left.length > 0 ? 'still there' : 'not up elsewhere'} when the time was over`,
  )
}

/** It held these when it was last heard, and nothing moves any more. */
function unheard(call: Call, status: ClusterStatus, node: string, names: readonly string[]): number {
  const details = names.map((name) => {
    const service = status.services.find((each) => each.name === name)
    const up = service?.instances.find(
      (each) => each.node !== node && each.reachable && isUp(each.instance),
    )?.node
    return up === undefined
      ? `${name} is not up elsewhere: see 'om ${name} print status'`
      : `${name} is up on ${up}`
  })
  const message = `node ${node} is not drained: it is not heard any more, and held ${names.join(', ')} when it last was`
  return refuse(call.terminal, { code: 'CONFLICT', message, details })
}

/** What is on its way from this node to another one; `moves` is brought up to date. Others may be moved between other nodes meanwhile. */
function movingNow(status: ClusterStatus, node: string, moves: Moves): readonly Named[] {
  const held = namesOf(instancesOn(status, node).filter(holds))
  const moving = status.services.filter(({ name, target }) => {
    const away = target?.name.startsWith('placed@') === true && target.name !== `placed@${node}`
    return away && (moves.ids.get(name) === target.id || [...held, ...moves.held].includes(name))
  })
  moves.held = held
  for (const { name, target } of moving) if (target !== null) moves.ids.set(name, target.id)
  return moving.map(({ name }) => ({ service: name }))
}

interface Named {
  readonly service: string
}

/** Services that did not arrive, with the reason; `held`: those that the node still has. */
function lost(status: ClusterStatus, moves: Moves, held: readonly string[]): readonly string[] {
  return status.services.flatMap(({ name, lastTarget }) => {
    const end = lastTarget?.id === moves.ids.get(name) ? lastTarget?.end : undefined
    if (end === undefined || end.how === 'met') return []
    return [`${name} ${held.includes(name) ? 'stays' : 'is not up elsewhere'}: ${end.why}`]
  })
}

const namesOf = (instances: readonly NodeInstance[]): readonly string[] =>
  instances.map(({ service }) => service)

const holds = ({ instance }: NodeInstance): boolean => instance.instance?.place.kind === 'held'

function drained(call: Call, node: string, missing: readonly string[]): number {
  if (missing.length > 0) {
    const message = `node ${node} is drained, but not everything of it runs elsewhere`
    return refuse(call.terminal, { code: 'CONFLICT', message, details: missing })
  }
  if (call.format === 'table') call.terminal.out(`node ${node} is drained\n`)
  return 0
}

function stuck(
  call: Call,
  node: string,
  names: readonly string[],
  how: string,
  details: readonly string[] = [],
): number {
  const message = `node ${node} is not drained: ${names.join(', ')} ${how}; see 'om ${names[0] ?? ''} print status'`
  return refuse(call.terminal, { code: 'CONFLICT', message, details })
}
