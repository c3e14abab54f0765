import { isFailed } from '../view.js'
import { candidates, eligible, unfit } from '../placement.js'
import type { ServiceView, World } from '../world.js'

/** A target thaws the service and clears its failed states, so neither counts against a node here. */
export function unfitIgnoringFreezes(world: World, view: ServiceView, node: string): string | null {
  return unfit(asCleared(world, view), view.service, node)
}

/** Members that could run the service once the request has thawed and cleared it. */
export function candidatesIgnoringFreezes(world: World, view: ServiceView): readonly string[] {
  return candidates(asCleared(world, view), view.service)
}

/** Members that could start it then, best first. */
export function eligibleIgnoringFreezes(world: World, view: ServiceView): readonly string[] {
  return eligible(asCleared(world, view), view.service)
}

/** The world as it will be once the target's writes are in. */
function asCleared(world: World, view: ServiceView): World {
  const { name, nodes } = view.service
  const registers = { ...world.registers }
  for (const key of [name, ...nodes.map((node) => `${name}@${node}`)]) delete registers[`freeze/${key}`]
  const documents = { ...world.documents }
  for (const node of nodes) {
    const document = documents[node]
    const instance = document?.instances[name]
    if (document === undefined || instance === undefined || !isFailed(instance.monitor)) continue
    const cleared = { ...instance, monitor: 'idle', failure: null } as const
    documents[node] = { ...document, instances: { ...document.instances, [name]: cleared } }
  }
  return { ...world, registers, documents }
}
