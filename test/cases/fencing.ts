import { z } from 'zod'
import type { Fence, FencingAgent } from '../../src/core/fencing.js'

/** Nodes that can be powered off, with what became of an order to do so 5 s, or 20 s, ago. */
export const fences = z
  .record(z.string(), z.enum(['never ordered', 'ordered', 'off', 'off before its last start', 'failed', 'failed long ago']))
  .default({})

const agent = { agent: 'fence_test', options: [], timeoutMs: 1000, retries: 0, delayMs: 2000, powerOn: false }

export function fencingOf(
  asked: z.infer<typeof fences>,
  nowMs: number,
): {
  readonly agents: Readonly<Record<string, FencingAgent>>
  readonly fences: Readonly<Record<string, Fence>>
} {
  const known = Object.entries(asked).flatMap(([node, is]): [string, Fence][] => {
    if (is === 'never ordered') return []
    const state = is === 'failed long ago' ? 'failed' : is === 'off before its last start' ? 'off' : is
    const incarnation = is === 'off before its last start' ? 0 : 1
    const atMs = nowMs - (is === 'failed long ago' ? 20_000 : 5000)
    return [[node, { state, atMs, incarnation, detail: state === 'off' ? 'fence_test says that it is off' : 'no route' }]]
  })
  const agents = Object.keys(asked).map((node) => [node, agent] as const)
  return { agents: Object.fromEntries(agents), fences: Object.fromEntries(known) }
}
