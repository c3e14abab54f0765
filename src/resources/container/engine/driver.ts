import type { ResourceMessage } from '../../../core/document.js'
import type { Keyword } from '../../../spec/keyword.js'
import { flagOf, type Context, type Driver, type Feature, type Report } from '../../driver.js'
import { killService } from '../../kit/sever.js'
import { endedBadly, isAlive, wentDownWithEngine, type Container } from './container.js'
import { drift, lostNamespace } from './drift.js'
import type { ContainerEngine } from './engine.js'
import { assume, look, type Seen } from './seen.js'
import { clearSteps, nameAndImage, prepareSteps, restartCommand, startSteps, stopSteps } from './steps.js'

/** Containers by an engine's command; what it answers is read from its JSON alone. */
export const containerDriver = (
  engine: ContainerEngine,
  keywords: readonly Keyword[],
  features: readonly Feature[] = [],
): Driver<Seen> => ({
  group: 'container',
  type: engine.name,
  keywords,
  tools: [{ command: engine.name, package: engine.package }],
  features,
  events: [engine.name],
  label: (ctx) => `${engine.name} container ${nameAndImage(ctx)}`,
  // It is found by its service and rid, whatever its name and image are now.
  identity: () => engine.name,
  look,
  status,
  start: startSteps,
  stop: stopSteps,
  prepare: prepareSteps,
  clear: clearSteps,
  released: (_, seen) => seen.container === null || !isAlive(seen.container),
  sever: killService,
  assume,
})

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
      return {
        status: 'warn',
        messages: [{ level: 'warn', text: `paused: ${ctx.resource.type} unpause, or stop it` }],
      }
    case 'initialized':
      return {
        status: 'warn',
        messages: [{ level: 'warn', text: `set up and never begun: ${restartCommand(ctx)}` }],
      }
    case 'created':
    case 'removing':
    case 'exited':
    case 'unseen':
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
