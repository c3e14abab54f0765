import { hears } from '../membership.js'
import type { Service } from '../service.js'
import { instanceOn, isUp, placeOn } from '../view.js'
import type { World } from '../world.js'

/** First parent that is not up, in words; null where all are. `service` or `service@node`. */
export function missingParent(world: World, service: Service): string | null {
  for (const parent of service.parents) {
    const [name = '', node] = parent.split('@')
    if (name === service.name) continue
    const nodes = node === undefined ? (world.services[name]?.service.nodes ?? []) : [node]
    const up = nodes.some((member) => hears(world, member) && isUp(instanceOn(world, member, name)))
    if (!up) return `parent ${parent} is not up`
  }
  return null
}

/** First child that is not down, in words; null where all are. */
export function livingChild(world: World, service: Service): string | null {
  for (const child of service.children) {
    const [name = '', node] = child.split('@')
    if (name === service.name) continue
    const nodes = node === undefined ? (world.services[name]?.service.nodes ?? []) : [node]
    const up = nodes.some((member) => placeOn(world, member, name)?.kind === 'held')
    if (up) return `child ${child} is not down`
  }
  return null
}
