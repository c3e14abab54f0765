import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openLab } from '../lab/index.js'
import { placeOf } from '../lab/place.js'
import { clusterOn, type Cluster } from './cluster.js'
import { until } from './failure.js'

// The lab's watchdog in the place of /dev/watchdog: what reads it stands outside of the nodes, and resets them.

const DEVICE = '/dev/longshore-watchdog'
const PERIOD_MS = 2000
const SERVICE = JSON.stringify({ DEFAULT: { orchestrate: 'ha' }, 'fs#1': { type: 'flag' } })
const GUARD_LOG = 'cat /run/longshore/guard.log'

let cluster: Cluster
const set = (word: string): Promise<string> => cluster.done(1, `om cluster set --kw ${word}`)
/** Asked on the node itself: of a silent one the others know only what it said last. */
const isUpOn = (node: number) => async (): Promise<boolean> =>
  (await cluster.type(node, 'test -e /run/longshore/flags/db1/fs#1.flag')).exit === 0

beforeAll(async () => {
  cluster = clusterOn(await openLab({ name: 'watchd', nodes: 3, docker: false, watchdogMs: PERIOD_MS }))
  await cluster.done(1, 'om cluster set --kw cluster.quorum=true --kw node.self_fence=watchdog')
})
afterAll(() => cluster?.end())

it('a node without the watchdog that its cluster wants starts nothing, and says why', async () => {
  await set('node.watchdog_dev=/dev/no-watchdog')
  expect((await cluster.type(1, 'om node check')).stdout).toMatch(/watchdog \/dev\/no-watchdog +missing/)
  const deployed = await cluster.type(1, 'om db1 deploy --config=- --wait', { input: SERVICE })
  expect(deployed.exit).toBe(1)
  expect(deployed.stderr).toContain('there is no watchdog /dev/no-watchdog: load its module')
  await set(`node.watchdog_dev=${DEVICE}`)
  await cluster.done(1, 'om db1 provision --wait')
  await until('db1 is up', isUpOn(1))
})

it('a daemon that is killed has its guard end the service, and the node is not reset', async () => {
  await cluster.lab.node(1).killDaemon()
  await until('db1 is up on the next node', isUpOn(2))
  expect(await cluster.done(1, GUARD_LOG)).toMatch(/db1 is ended\n.*the watchdog .* is disarmed/)
  await sleep(2 * PERIOD_MS)
  expect(resets()).toEqual([])
  await cluster.lab.node(1).startDaemon()
  await until('node1 is back', async () => (await cluster.type(1, 'om mon')).exit === 0)
})

it('a node that is paused as a whole is reset by the time another one starts what it ran', async () => {
  await cluster.lab.node(2).pause()
  await until('db1 is up on the first node', isUpOn(1))
  expect(resets()).toEqual(['node2'])
})

it('a stop disarms it', async () => {
  await cluster.done(1, 'om db1 stop --wait')
  await sleep(2 * PERIOD_MS)
  expect(resets()).toEqual(['node2'])
})

/** The nodes that were reset, in that order. */
function resets(): readonly string[] {
  const log = readFileSync(join(placeOf(cluster.lab.name).run, 'watchdog.log'), 'utf8')
  return [...log.matchAll(/ (node\d): no byte for /g)].map(([, node = '']) => node)
}
