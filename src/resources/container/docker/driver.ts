import type { ResourceMessage } from '../../../core/document.js'
import { flagOf, type Context, type Driver, type Report } from '../../driver.js'
import type { Container } from '../../kit/docker.js'
import { killService } from '../../kit/sever.js'
import { drift, lostNamespace } from './drift.js'
import { keywords } from './keywords.js'
import { assume, endedBadly, isAlive, look, wentDownWithEngine, type Seen } from './seen.js'
import { clearSteps, nameAndImage, prepareSteps, restartCommand, startSteps, stopSteps } from './steps.js'

/** Containers by the docker command; what it answers is read from its JSON alone. */
export const dockerContainer: Driver<Seen> = {
  group: 'container',
  type: 'docker',
  keywords,
  tools: [{ command: 'docker', package: 'docker.io' }],
  events: ['containers'],
  label: (ctx) => `docker container ${nameAndImage(ctx)}`,
  look,
  status,
  start: startSteps,
  stop: stopSteps,
  prepare: prepareSteps,
  clear: clearSteps,
  released: (_, seen) => seen.container === null || !isAlive(seen.container),
  sever: killService,
  assume,
}

function status(ctx: Context, seen: Seen): Report {
  const { container } = seen
  if (seen.silent !== null) return { status: 'down', messages: [{ level: 'warn', text: seen.silent }] }
  if (container === null) return { status: flagOf(ctx.resource, 'detach') ? 'down' : 'n/a', messages: [] }
  if (!flagOf(ctx.resource, 'detach')) return { status: 'n/a', messages: ending(seen, container) }
  switch (container.state) {
    case 'running':
    case 'restarting':
      return running(ctx, seen, container)
    case 'paused':
      return { status: 'warn', messages: [{ level: 'warn', text: 'paused: docker unpause, or stop it' }] }
    case 'created':
    case 'removing':
    case 'exited':
    case 'dead':
      return { status: 'down', messages: ending(seen, container) }
  }
}

function running(ctx: Context, seen: Seen, container: Container): Report {
  const lost = lostNamespace(ctx, seen, container)
  if (lost === null) return { status: 'up', messages: drift(ctx, seen, container) }
  const text = `it still runs in the namespace of an earlier ${lost.rid}, which is gone: ${restartCommand(ctx)}`
  return { status: 'down', messages: [{ level: 'error', text }] }
}

/** How it ended, and its last words where that was an error. */
function ending(seen: Seen, container: Container): readonly ResourceMessage[] {
  if (!endedBadly(container)) return []
  if (wentDownWithEngine(container))
    return [{ level: 'info', text: 'it ended with the node or the engine, which did not see how' }]
  const why = container.error === '' ? `exited with code ${container.exitCode}` : container.error
  return [{ level: 'error', text: why }, ...seen.lastLines.map((text) => ({ level: 'error' as const, text }))]
}
