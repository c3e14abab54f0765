import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { World } from '../../../src/core/world.js'
import type { Agent, Follower } from '../../../src/daemon/agent/agent.js'
import { Handovers } from '../../../src/daemon/agent/handovers.js'
import { worldOf } from '../../cases/world.js'
import { VirtualClock } from '../../sim/virtual-clock.js'

const there = (node2: unknown): World =>
  worldOf({ why: 'node1 has given the service up', on: { node1: 'down', node2 } })
const claimed = there('claimed')
const starting = there({ is: 'held', monitor: 'starting' })
const up = there('up')
const gaveUp = there('down')

/** What node1 does with the rest while it sees these worlds, each a number of milliseconds after it gave the service up. */
function handedOver(first: World, later: Readonly<Record<number, World>> = {}, abortedAtMs?: number) {
  const clock = new VirtualClock()
  const followers: Follower[] = []
  const agent = { world: first, follow: (follower: Follower) => followers.push(follower) }
  const handovers = new Handovers(agent as unknown as Agent, clock)
  const ending = new AbortController()
  let atMs: number | null = null
  for (const [ms, world] of Object.entries(later))
    clock.at(Number(ms), () => {
      const before = agent.world
      agent.world = world
      for (const follower of followers) follower.turned(before, world)
    })
  if (abortedAtMs !== undefined) clock.at(abortedAtMs, () => ending.abort())
  const taken = handovers.taken('db1', ending.signal).then(() => (atMs = clock.nowMs()))
  return async (): Promise<number> => {
    for (let ms = 0; ms < 2000 && atMs === null; ms += 10) {
      clock.pass(10)
      await setImmediate()
    }
    await taken
    return atMs ?? NaN
  }
}

test.each([
  ['nobody is about to take it', handedOver(gaveUp), 0],
  ['the other node has it up', handedOver(claimed, { 100: starting, 250: up }), 250],
  ['the other node gives up', handedOver(claimed, { 100: starting, 200: gaveUp }), 200],
  ['the action is ended', handedOver(claimed, { 100: starting }, 150), 150],
  ['the other node takes its time', handedOver(claimed, { 100: starting, 5000: up }), 300],
])('what is left on a node is removed once %s', async (_, removed, atMs) => {
  expect(await removed()).toBe(atMs)
})
