import { deviceOf, isSameAgent, type FencingAgent } from '../../core/fencing.js'
import { fail, type Result } from '../../core/result.js'
import type { Clock, Exec } from '../ports.js'
import { askState, setPower } from './fencing.js'

/** So long an order waits for what was ended for it: it is killed, which takes no time, unless it hangs in the kernel. */
const endingMs = 2000

interface Order {
  readonly node: string
  readonly agent: FencingAgent
  readonly to: 'off' | 'on'
  readonly ending: AbortController
  readonly done: Promise<Result<string>>
}

interface Question {
  readonly ending: AbortController
  /** Never rejects. */
  readonly over: Promise<unknown>
}

/**
 * What this node has to say to fencing agents. Many power devices take one session at a time, and several nodes may hang on one of them: no question is asked while
 * anything is ordered, and one that is under way ends for it, since an order is what others wait for. Orders on a node follow each other, each within the times of
 * its agent; the same one again is the one that is under way, and one by another agent or with other options, as after a correction, ends those before it. Orders on
 * other nodes by the same device come first, for the time that its agent has for a call.
 */
export class Power {
  private readonly orders = new Set<Order>()
  private question: Question | null = null

  constructor(private readonly io: { readonly exec: Exec; readonly clock: Clock }) {}

  set(node: string, agent: FencingAgent, to: 'off' | 'on'): Promise<Result<string>> {
    const before = [...this.orders]
    const last = before.findLast((order) => order.node === node)
    if (last?.to === to && isSameAgent(last.agent, agent)) return last.done
    const ending = new AbortController()
    const done = this.carryOut({ node, agent, to, ending }, before).finally(() => this.orders.delete(order))
    const order = { node, agent, to, ending, done }
    this.orders.add(order)
    return done
  }

  /** Can the agent say whether its node is on? Null where an order came before the answer. */
  async ask(agent: FencingAgent, signal: AbortSignal): Promise<Result<void> | null> {
    while (this.question !== null) await this.question.over
    if (this.orders.size > 0) return null
    const ending = new AbortController()
    const asked = askState(this.io.exec, agent, AbortSignal.any([signal, ending.signal]))
    this.question = { ending, over: asked.catch(() => undefined) }
    try {
      const state = await asked
      return ending.signal.aborted ? null : state
    } finally {
      this.question = null
    }
  }

  private async carryOut(
    { node, agent, to, ending }: Omit<Order, 'done'>,
    before: readonly Order[],
  ): Promise<Result<string>> {
    const onNode = before.filter((order) => order.node === node)
    const others = onNode.filter((order) => !isSameAgent(order.agent, agent))
    for (const other of others) other.ending.abort()
    const device = deviceOf(agent)
    const beside = before.filter((order) => order.node !== node && deviceOf(order.agent) === device)
    await Promise.all([
      ...onNode.filter((order) => !others.includes(order)).map((order) => order.done),
      this.within(endingMs, over(others)),
      this.within(agent.timeoutMs, over(beside)),
    ])
    await this.quiet()
    const ended = fail(
      'ABORTED',
      `the order to ${agent.agent} was ended: another one, with other options, took its place`,
    )
    if (ending.signal.aborted) return ended
    const set = await setPower(this.io.exec, agent, to, ending.signal)
    return set.ok || !ending.signal.aborted ? set : ended
  }

  private async quiet(): Promise<void> {
    const { question } = this
    if (question === null) return
    question.ending.abort()
    await this.within(endingMs, question.over)
  }

  private async within(limitMs: number, awaited: Promise<unknown>): Promise<void> {
    const { clock } = this.io
    await new Promise<void>((resolve) => {
      const cancel = clock.at(clock.nowMs() + limitMs, resolve)
      void awaited.then(() => {
        cancel()
        resolve()
      })
    })
  }
}

const over = (orders: readonly Order[]): Promise<unknown> =>
  Promise.allSettled(orders.map(({ done }) => done))
