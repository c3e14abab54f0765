import type { ActIntent, Intent } from '../intent.js'
import type { InstanceAction } from '../world.js'

/** What one rule says about one service: what to do, what to say, when to ask again. */
export interface Verdict {
  readonly intents: readonly Intent[]
  readonly note: string | null
  /** Monotonic milliseconds. */
  readonly wakesMs: readonly number[]
  /** What the instance's monitor state shows that it waits for. */
  readonly waiting?: 'wait parents' | 'wait children'
}

export const nothing: Verdict = { intents: [], note: null, wakesMs: [] }

export const note = (text: string, wakeAtMs?: number | null): Verdict => ({
  intents: [],
  note: text,
  wakesMs: wakeAtMs === undefined || wakeAtMs === null ? [] : [wakeAtMs],
})

export const intend = (...intents: readonly Intent[]): Verdict => ({
  intents,
  note: intents[0]?.why ?? null,
  wakesMs: [],
})

/** Defaults of an action that serves no target, no order and is not narrowed. */
export function act(
  service: string,
  action: InstanceAction,
  why: string,
  more: Partial<Omit<ActIntent, 'do' | 'service' | 'action' | 'why'>> = {},
): ActIntent {
  return {
    do: 'act',
    service,
    action,
    why,
    generation: null,
    leader: true,
    target: null,
    order: null,
    selection: null,
    origin: 'daemon',
    addressesSilent: false,
    restart: false,
    monitorAction: false,
    giveUp: null,
    ...more,
  }
}
