import type { ClusterStatus, MessageAnswer, NodeRequest } from '../../daemon/api/contract.js'
import type { Action, Call } from '../command.js'
import type { EventStream } from '../events.js'
import { refuse, show } from '../output.js'
import { instancesOn, nodeOf, type NodeInstance } from './node.js'
import { timeLimit, waits } from './settle.js'

const DEFAULT_LIMIT_MS = 300_000
/** The status is asked for at least this often, should an event be missed. */
const LOOK_MS = 5_000

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
  return awaitEmpty(call, stream.value, request.node, time.value ?? DEFAULT_LIMIT_MS)
}

async function awaitEmpty(call: Call, stream: EventStream, node: string, limitMs: number): Promise<number> {
  const deadlineMs = performance.now() + limitMs
  let interrupted = false
  const forget = call.terminal.onInterrupt(() => {
    interrupted = true
    stream.close()
  })
  const moves = new Map<string, string>()
  try {
    for (;;) {
      const status = await call.client.get<ClusterStatus>('/api/status')
      if (!status.ok) return refuse(call.terminal, status.error)
      const left = instancesOn(status.value, node).filter(holds)
      const failed = left.filter(({ instance }) => instance.instance?.monitor === 'stop failed')
      const moving = movingNow(status.value, node, moves)
      if (left.length === 0 && moving.length === 0) return drained(call, node, lost(status.value, moves))
      if (failed.length > 0 && failed.length === left.length)
        return stuck(call, node, left, 'could not be stopped')
      if (interrupted) return 130
      if (performance.now() >= deadlineMs) {
        const how = left.length > 0 ? 'still there' : 'not up elsewhere'
        return stuck(call, node, left.length > 0 ? left : moving, `${how} when the time was over`)
      }
      stream.drain()
      const next = await stream.next(Math.min(LOOK_MS, deadlineMs - performance.now()))
      if (next === 'ended' && !interrupted) await new Promise((resolve) => setTimeout(resolve, 500))
    }
  } finally {
    forget()
    stream.close()
  }
}

/** Services on their way to another node; `moves` keeps by which target state, and is added to. */
function movingNow(status: ClusterStatus, node: string, moves: Map<string, string>): readonly Named[] {
  const moving = status.services.filter(({ name, target, instances }) => {
    const away = target?.name.startsWith('placed@') === true && target.name !== `placed@${node}`
    return away && (moves.get(name) === target.id || instances.some((each) => each.node === node))
  })
  for (const { name, target } of moving) if (target !== null) moves.set(name, target.id)
  return moving.map(({ name }) => ({ service: name }))
}

interface Named {
  readonly service: string
}

/** Services that left the node and did not arrive, with the reason. */
function lost(status: ClusterStatus, moves: ReadonlyMap<string, string>): readonly string[] {
  return status.services.flatMap(({ name, lastTarget }) => {
    const end = lastTarget?.id === moves.get(name) ? lastTarget?.end : undefined
    return end === undefined || end.how === 'met' ? [] : [`${name} is not up elsewhere: ${end.why}`]
  })
}

const holds = ({ instance }: NodeInstance): boolean => instance.instance?.place.kind === 'held'

function drained(call: Call, node: string, missing: readonly string[]): number {
  if (missing.length > 0) {
    const message = `node ${node} is drained, but not everything of it runs elsewhere`
    return refuse(call.terminal, { code: 'CONFLICT', message, details: missing })
  }
  if (call.format === 'table') call.terminal.out(`node ${node} is drained\n`)
  return 0
}

function stuck(call: Call, node: string, left: readonly Named[], how: string): number {
  const names = left.map(({ service }) => service).join(', ')
  const first = left[0]?.service ?? ''
  const message = `node ${node} is not drained: ${names} ${how}; see 'om ${first} print status'`
  return refuse(call.terminal, { code: 'CONFLICT', message })
}
