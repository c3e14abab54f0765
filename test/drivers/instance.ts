import type { ResourceProbe } from '../../src/core/event.js'
import type { Service } from '../../src/core/service.js'
import type { InstanceAction, OrderSelection } from '../../src/core/world.js'
import type { ActionResult } from '../../src/daemon/agent/action/options.js'
import { runAction } from '../../src/daemon/agent/action/run-action.js'
import { probeResources } from '../../src/daemon/agent/action/probe.js'
import type { Node } from '../../src/daemon/agent/action/view.js'

/** One service on one node, acted upon as the agent does it. */
export interface Instance {
  readonly service: Service
  /** Commands and messages of the last action, `rid message`. */
  readonly log: string[]
  act(action: InstanceAction, rids?: readonly string[]): Promise<ActionResult>
  probe(): Promise<Readonly<Record<string, ResourceProbe>>>
}

const EVERYTHING: OrderSelection = { rids: [], tags: [], subsets: [], upto: null, downto: null, force: false }

export function instance(node: Node, service: Service): Instance {
  const log: string[] = []
  return {
    service,
    log,
    act: (action, rids = []) => {
      log.length = 0
      return runAction({
        node,
        service,
        action,
        selection: { ...EVERYTHING, rids },
        origin: 'user',
        leader: true,
        generation: 1,
        signal: new AbortController().signal,
        mayContinue: () => null,
        on: {
          log: (line) => void log.push(`${line.rid ?? '-'} ${line.message}`),
          progress: () => undefined,
          changed: () => undefined,
        },
      })
    },
    probe: () => probeResources(service, service.resources, 1, node),
  }
}
