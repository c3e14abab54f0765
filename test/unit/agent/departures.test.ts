import { expect, onTestFinished, test } from 'vitest'
import type { World } from '../../../src/core/world.js'
import type { Follower } from '../../../src/daemon/agent/agent.js'
import { Departures } from '../../../src/daemon/agent/departures.js'
import { Executors, type ExecutorPorts } from '../../../src/daemon/agent/executors.js'
import type { Preparations } from '../../../src/daemon/agent/preparations.js'
import { fsFlag } from '../../../src/resources/fs/flag/driver.js'
import { worldOf } from '../../cases/world.js'
import { systemPorts, testNode } from '../../drivers/node.js'

/** node1's world: the switch to node2 is ordered; what both say of the service. */
const at = (node2: unknown, node1: unknown = 'up', more = {}): World =>
  worldOf({ why: 'a switch', target: 'placed@node2', on: { node1, node2 }, ...more })
const preparing = { is: 'down', monitor: 'preparing' }

function looksOf(...worlds: readonly World[]): readonly string[] {
  const looks: string[] = []
  const look = ({ name }: { name: string }, action: string): void => void looks.push(`${name} ${action}`)
  const departures = new Departures({ look } as unknown as Preparations)
  for (const [n, world] of worlds.slice(1).entries()) departures.turned(worlds[n] as World, world)
  return looks
}

test.each([
  ['once while the other node prepares its start', [at('down'), at(preparing), at(preparing), at('down')], 1],
  ['not before', [at('down', 'down'), at('down')], 0],
  ['not where it holds nothing', [at('down', 'down'), at(preparing, 'down')], 0],
  ['not for a node that prepares something else', [at('down'), at(preparing, 'up', { target: null })], 0],
  ['not while it acts itself', [at('down'), at(preparing, 'up', { running: { action: 'restart' } })], 0],
])('the holder looks ahead %s', (_, worlds, times) => {
  expect(looksOf(...worlds)).toEqual(Array.from({ length: times }, () => 'db1 stop'))
})

test('a node that executes looks so, with its drivers', () => {
  const looked: string[] = []
  const look: typeof fsFlag.look = (ctx, how) => {
    looked.push(ctx.resource.rid)
    return fsFlag.look(ctx, how)
  }
  const node = testNode([{ ...fsFlag, look }], systemPorts())
  onTestFinished(() => node.remove())
  const followers: Follower[] = []
  const agent = { follow: (follower: Follower) => followers.push(follower) }
  new Executors({ agent, node } as unknown as ExecutorPorts)
  for (const follower of followers) follower.turned(at('down'), at(preparing))
  expect(looked).toEqual(['fs#1'])
})
