import type { FencingAgent } from '../../core/fencing.js'
import type { Result } from '../../core/result.js'
import type { Clock, Exec } from '../ports.js'
import { askState, setPower } from './fencing.js'

/** So long an order waits for a question that was ended for it: it is killed, which takes no time, unless it hangs in the kernel. */
const endingMs = 2000

interface Order {
  readonly agent: FencingAgent
  readonly to: 'off' | 'on'
  readonly done: Promise<Result<string>>
}

interface Question {
  readonly ending: AbortController
  readonly over: Promise<unknown>
}

/**
 * What this node has to say to fencing agents. Many power devices take one session at a time, and several nodes may hang on one of them: no question is asked while
 * anything is ordered, and one that is under way ends for it, since an order is what others wait for. Orders on a node follow each other, each within the times of
 * its agent; the same one again is the one that is under way.
 */
export class Power {
  private readonly orders = new Map<string, Order>()
  private question: Question | null = null

  constructor(private readonly io: { readonly exec: Exec; readonly clock: Clock }) {}

  set(node: string, agent: FencingAgent, to: 'off' | 'on'): Promise<Result<string>> {
    const last = this.orders.get(node)
    if (last?.to === to && last.agent === agent) return last.done
    const done = this.carryOut(last, agent, to).finally(() => {
      if (this.orders.get(node)?.done === done) this.orders.delete(node)
    })
    this.orders.set(node, { agent, to, done })
    return done
  }

  /** Can the agent say whether its node is on? Null where an order came before the answer. */
  async ask(agent: FencingAgent, signal: AbortSignal): Promise<Result<void> | null> {
    while (this.question !== null) await this.question.over
    if (this.orders.size > 0) return null
    const ending = new AbortController()
    const over = askState(this.io.exec, agent, AbortSignal.any([signal, ending.signal]))
    this.question = { ending, over }
    const state = await over
    this.question = null
    return ending.signal.aborted ? null : state
  }

  private async carryOut(
    last: Order | undefined,
    agent: FencingAgent,
    to: 'off' | 'on',
  ): Promise<Result<string>> {
    await last?.done
    await this.quiet()
    return setPower(this.io.exec, agent, to)
  }

  private async quiet(): Promise<void> {
    const { question } = this
    if (question === null) return
    question.ending.abort()
    const { clock } = this.io
    await new Promise<void>((resolve) => {
      const cancel = clock.at(clock.nowMs() + endingMs, resolve)
      void question.over.then(() => {
        cancel()
        resolve()
      })
    })
  }
}
