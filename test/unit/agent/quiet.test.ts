import { expect, test } from 'vitest'
import { decide, houseWakes } from '../../../src/core/decide/index.js'
import { reduce } from '../../../src/core/reduce/index.js'
import { rulesOf } from '../../../src/core/rules.js'
import { Agent } from '../../../src/daemon/agent/agent.js'
import { nowMs, worldOf } from '../../cases/world.js'
import { memoryStore } from '../../sim/memory-store.js'
import { VirtualClock } from '../../sim/virtual-clock.js'

const EVERY_MS = 500
const MINUTE_MS = 60_000

/** node1, which hears node2 each half second, and counts how often it looks at its services. */
function quietNode() {
  const clock = new VirtualClock()
  clock.pass(nowMs)
  const world = worldOf({
    why: 'all is as it should be',
    service: { orchestrate: 'ha' },
    on: { node1: 'up' },
  })
  let looks = 0
  const rng = { random: () => 0.5, id: () => 'id' }
  const counted: typeof decide = (w) => {
    looks += 1
    return decide(w)
  }
  const agent = new Agent(
    world,
    { clock, rng, store: memoryStore() },
    { reduce, decide: counted, houseWakes },
  )
  agent.begin(() => undefined)
  return {
    agent,
    looks: () => looks,
    hear(ms: number) {
      for (let passed = 0; passed < ms; passed += EVERY_MS) {
        agent.put({ kind: 'beat', peer: 'node2', path: 'path', pledge: null })
        clock.pass(EVERY_MS)
      }
    },
    silence: (ms: number) => clock.pass(ms),
  }
}

test('as long as peers only go on beating, services are not looked at', () => {
  const node = quietNode()
  const before = node.looks()
  node.hear(10 * MINUTE_MS)
  expect(node.looks()).toBe(before)
})

test('a silence is seen when it is due, however many beats came before it', () => {
  const node = quietNode()
  node.hear(MINUTE_MS)
  expect(node.agent.world.documents['node1']?.hears).toEqual(['node2'])
  node.silence(4400)
  expect(node.agent.world.documents['node1']?.hears).toEqual(['node2'])
  node.silence(200)
  expect(node.agent.world.documents['node1']?.hears).toEqual([])
})

test('a word that falls due between beats is saved and told like anything else', () => {
  const clock = new VirtualClock()
  clock.pass(nowMs)
  const world = worldOf({ why: 'rules', nodes: ['node1', 'node2', 'node3'], quorum: true, lease: 'valid' })
  const newest = rulesOf(world.cluster)
  const former = { ...newest, timeoutMs: 4000 }
  const saysAtMs = nowMs + 1000
  const waiting = { ...world, rules: { ...world.rules, newest, earlier: [former], saysAtMs } }
  const store = memoryStore()
  const agent = new Agent(waiting, { clock, rng: { random: () => 0.5, id: () => 'id' }, store })
  const told: (string | undefined)[] = []
  agent.follow({ turned: (_, after) => told.push(JSON.stringify(after.documents['node1']?.rules)) })
  agent.begin(() => undefined)
  clock.pass(1100)
  const word = JSON.stringify({ version: null, newest, earlier: [former] })
  expect(told.at(-1)).toBe(word)
  expect(JSON.parse(store.get('rules') ?? '{}')).toMatchObject({ said: true, all: [former, newest] })
})
