import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Event } from '../../../src/core/event.js'
import { localOf } from '../../../src/core/view.js'
import type { World } from '../../../src/core/world.js'
import type { Agent } from '../../../src/daemon/agent/agent.js'
import { Probing } from '../../../src/daemon/agent/probing.js'
import { fsFlag } from '../../../src/resources/fs/flag/driver.js'
import { worldOf } from '../../cases/world.js'
import { testNode, type TestNode } from '../../drivers/node.js'
import { VirtualClock } from '../../sim/virtual-clock.js'

const soonMs = 100
const on = { node1: 'up' }
const idle = looked(worldOf({ why: 'it is up', on }))
const stops = looked(worldOf({ why: 'it is being stopped', on, running: { action: 'stop' } }))

/** By the configuration in force. */
function looked(of: World): World {
  const { version } = of.services['db1']?.service ?? { version: null }
  return { ...of, local: { db1: { ...localOf(of, 'db1'), probedVersion: version } } }
}

let clock: VirtualClock
let world: World
let probing: Probing
let node: TestNode
/** Looks that have begun, and what became of each: believed, or not. */
let looks: number
let believed: number
/** A look ends when this does. */
let held: Promise<void>

beforeEach(() => {
  clock = new VirtualClock()
  world = idle
  looks = 0
  believed = 0
  held = Promise.resolve()
  const driver: typeof fsFlag = {
    ...fsFlag,
    look: async (ctx, how) => {
      looks += 1
      await held
      return fsFlag.look(ctx, how)
    },
  }
  node = testNode([driver])
  const put = (event: Event): void => {
    if (event.kind === 'probed') believed += event.probes.length
  }
  const agent = {
    put,
    get world() {
      return world
    },
  } as unknown as Agent
  probing = new Probing({ agent, node, clock })
})
afterEach(() => {
  probing.stop()
  node.remove()
})

function turn(after: World): void {
  const before = world
  world = after
  probing.turned(before, after)
}

/** Lets looks that are due begin and end. */
async function soon(): Promise<void> {
  clock.pass(soonMs)
  await new Promise((done) => setImmediate(done))
}

const seen = (): Promise<void> => vi.waitFor(() => expect(believed).toBe(1))

test('what changes while an action runs is looked at when it has ended', async () => {
  turn(stops)
  probing.want('db1')
  await soon()
  expect(looks).toBe(0)
  turn(idle)
  await soon()
  await seen()
})

test('an action beside which nothing changed has looked itself', async () => {
  turn(stops)
  await soon()
  turn(idle)
  await soon()
  expect(looks).toBe(0)
})

test('a look that an action overtook is not believed, and made again when it has ended', async () => {
  let end = (): void => undefined
  held = new Promise((resolve) => (end = resolve))
  probing.want('db1')
  await soon()
  expect(looks).toBe(1)
  turn(stops)
  end()
  await vi.waitFor(async () => {
    await soon()
    expect(looks).toBe(1)
  })
  expect(believed).toBe(0)
  turn(idle)
  await soon()
  await seen()
  expect(looks).toBe(2)
})
