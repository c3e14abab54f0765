import type { World } from './world.js'

/** A program that powers a node off, as `stonith#NODE` names it. */
export interface FencingAgent {
  /** Name or path of a `fence_*` program. */
  readonly agent: string
  /** What it reads on its standard input besides the action: `ip=192.0.2.9`. */
  readonly options: readonly string[]
  /** Time for each call of the agent, in milliseconds. */
  readonly timeoutMs: number
  /** Further tries where one fails. */
  readonly retries: number
  /** Waited before the node is powered off by itself: of two nodes that take each other for dead one is to be first. Milliseconds. */
  readonly delayMs: number
  /** Power it on again once it was confirmed off. */
  readonly powerOn: boolean
}

/** Do both ask the same of the same program? Each reading of the configuration makes them anew. */
export function isSameAgent(one: FencingAgent, other: FencingAgent): boolean {
  const asked = ({ agent, options, timeoutMs, retries }: FencingAgent): string =>
    JSON.stringify([agent, options, timeoutMs, retries])
  return asked(one) === asked(other)
}

/** What an agent talks to, which may have the plugs of several nodes: its address where it has one, else all of its options but the plug. */
export function deviceOf({ agent, options }: FencingAgent): string {
  const keyOf = (option: string): string => option.slice(0, option.indexOf('='))
  const hasAddress = options.some((option) => ADDRESS.has(keyOf(option)))
  const kept = options.filter((option) =>
    hasAddress ? ADDRESS.has(keyOf(option)) || keyOf(option) === 'ipport' : !PLUG.has(keyOf(option)),
  )
  return [agent, ...kept.toSorted()].join('\n')
}

/** By their names of now and of before (FenceAgentAPI). */
const ADDRESS = new Set(['ip', 'ipaddr'])
const PLUG = new Set(['plug', 'port'])

/** What became of the order to power a node off; only the node that ordered it knows. */
export interface Fence {
  readonly state: 'ordered' | 'off' | 'failed'
  /** Monotonic milliseconds of that. */
  readonly atMs: number
  /** Of the node when the order was given: what has a newer one was on again since. */
  readonly incarnation: number
  /** The agent's words, or why it failed. */
  readonly detail: string
}

/** A failed order is given again after this long, in milliseconds. */
const againMs = 15_000

/** When an order may be given to power the node off: at once, or after a failed one's time; null while one is under way. */
export function fenceDueMs(world: World, node: string): number | null {
  const fence = world.fences[node]
  switch (fence?.state) {
    case undefined:
    case 'off':
      return world.nowMs
    case 'ordered':
      return null
    case 'failed':
      return fence.atMs + againMs
  }
}
