import { hears } from '../membership.js'
import type { RegisterWrite } from '../register.js'
import { fail, ok, type Result } from '../result.js'
import type { Service } from '../service.js'
import { instanceOn, isUp, ready } from '../view.js'
import type { World } from '../world.js'
import { targetName } from '../register.js'
import { nothingToStart } from './empty.js'
import type { Granted } from './target.js'
import { askTarget, thaws } from './target.js'

export interface CreateAsk {
  readonly service: Service
  readonly text: string
  /** Create, provision and start; else create alone. */
  readonly deploy: boolean
  readonly id: string
  readonly author: string
}

/** A new service, or the same one again, which is fine. Another text under a known name is refused. */
export function askCreate(world: World, ask: CreateAsk): Result<Granted> {
  const { name } = ask.service
  const empty = ask.deploy ? nothingToStart(ask.service) : null
  if (empty !== null) return fail('INVALID', empty)
  const known = world.registers[`config/${name}`]
  if (known !== undefined && known.kind === 'config' && known.value.text !== null) {
    if (known.value.text !== ask.text) {
      return fail(
        'CONFLICT',
        `service ${name} is there already, with another configuration: change it with 'om ${name} set --kw …' or 'om ${name} edit config'`,
      )
    }
    return ask.deploy
      ? again(world, ask)
      : ok({ writes: [], message: `service ${name} is already so`, target: null })
  }
  const config: RegisterWrite = { kind: 'config', name, value: { text: ask.text, author: ask.author } }
  if (!ask.deploy) return ok({ writes: [config], message: `service ${name} created`, target: null })
  const leader = ask.service.nodes.find((node) => hears(world, node) && ready(world, node))
  if (leader === undefined) {
    return fail(
      'CONFLICT',
      `none of the nodes of ${name} is heard and ready: ${ask.service.nodes.join(', ')}`,
    )
  }
  const target = { kind: 'provisioned', leader } as const
  const deadlineWallMs = world.wallMs + world.cluster.targetTimeoutMs
  const value = { id: ask.id, target, author: ask.author, deadlineWallMs, end: null }
  return ok({
    // Freezes and failures of an earlier service of this name are no concern of the new one.
    writes: [...thaws(world, name, ask.service.nodes), config, { kind: 'target', name, value }],
    message: `service ${name} target state set to ${targetName(target)}`,
    target: { id: ask.id, name: targetName(target) },
  })
}

/** Deployed before: provisioned and up is `already so`, else what is missing is done. */
function again(world: World, ask: CreateAsk): Result<Granted> {
  const { name, nodes } = ask.service
  const provisioned = nodes.every((node) => instanceOn(world, node, name)?.provisioned === true)
  const up = nodes.some((node) => hears(world, node) && isUp(instanceOn(world, node, name)))
  if (provisioned && up) return ok({ writes: [], message: `service ${name} is already so`, target: null })
  const action = provisioned ? 'start' : 'provision'
  return askTarget(world, { service: name, action, node: null, timeMs: null, author: ask.author, id: ask.id })
}
