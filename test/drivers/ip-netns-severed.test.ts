import { spawn } from 'node:child_process'
import { expect, it, onTestFinished } from 'vitest'
import { severingOf } from '../../src/daemon/agent/severing.js'
import { clock, compileGuard, ground, until, watching } from '../adapters/guard-ground.js'
import { container } from './docker-engine.js'
import { macvlan, netnsNode } from './netns-node.js'

const at = netnsNode()
compileGuard()

/** Keeps a namespace as the kernel does that still has to tell a client that its connection is closed, and for as long as the test lasts. */
function bystanderIn(path: string): void {
  const child = spawn('nsenter', [path, 'sleep', '60'], { stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
}

it('is taken out of the namespace before what runs there is ended by force, since the namespace may live on', async () => {
  const one = at.db1(container('container#0'), macvlan(), container('container#1', { netns: 'container#0' }))
  await one.act('start')
  bystanderIn(/--net=\/\S+/.exec(one.log.join('\n'))?.[0] ?? '')
  expect(await at.network().answers('seg1', '192.0.2.14')).toBe(true)
  const { guard, events } = await watching(ground())
  guard.extend(clock.nowMs() + 300)
  guard.hold('db1', severingOf(at.node(), one.service))
  await until(() => events.length > 0)
  expect(events).toEqual([{ kind: 'severed', service: 'db1' }])
  expect(await at.network().answers('seg1', '192.0.2.14')).toBe(false)
})
