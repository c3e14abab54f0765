import { fail, ok, type Result } from '../../../core/result.js'
import { oneMoreChange } from '../../../core/rules-change.js'
import { changeCluster, parseCluster, takeCluster } from '../../../spec/cluster.js'
import { changeService, takeService } from '../../../spec/service/change.js'
import { configVersion } from '../../../spec/service.js'
import type { ClusterRoom } from '../../cluster-room.js'
import { answer, bodyOf, refused } from '../answer.js'
import { roomOf, type Api } from '../environment.js'
import type { ConfigAnswer, ConfigChange, ConfigRequest, HistoryAnswer } from '../contract.js'
import type { House } from '../house.js'
import { configRequest } from '../schema.js'

/** Configurations of services and of the cluster: read, change, history. */
export function configRoutes(api: Api, house: House): void {
  for (const [path, whose] of [
    ['/api/services/:name', 'config'],
    ['/api/cluster', 'cluster'],
  ] as const) {
    api.get(`${path}/config`, (c) => {
      const room = roomOf(house)
      return room.ok
        ? answer(c, read(room.value, whose, c.req.param('name') ?? 'cluster'))
        : refused(c, room.error)
    })
    api.post(`${path}/config`, async (c) => {
      const body = await bodyOf(c, configRequest)
      const room = roomOf(house)
      if (!body.ok) return refused(c, body.error)
      if (!room.ok) return refused(c, room.error)
      return answer(c, change(room.value, whose, c.req.param('name') ?? 'cluster', body.value))
    })
    api.get(`${path}/history`, (c) => {
      const room = roomOf(house)
      if (!room.ok) return refused(c, room.error)
      const entries = room.value.ports.store.history(`${whose}/${c.req.param('name') ?? 'cluster'}`)
      const history: HistoryAnswer = { entries }
      return c.json(history)
    })
  }
}

type Whose = 'config' | 'cluster'

function read(room: ClusterRoom, whose: Whose, name: string): Result<ConfigAnswer> {
  const entry = room.agent.world.registers[`${whose}/${name}`]
  if (
    entry === undefined ||
    (entry.kind !== 'config' && entry.kind !== 'cluster') ||
    entry.value.text === null
  ) {
    return fail('UNKNOWN', `there is no service ${name}: svcmon shows those that there are`)
  }
  const { text } = entry.value
  return ok({ name, version: configVersion(text), text })
}

/** Validates the whole before anything is written. */
function change(room: ClusterRoom, whose: Whose, name: string, request: ConfigRequest): Result<ConfigChange> {
  const current = read(room, whose, name)
  if (!current.ok) return current
  if (request.base !== undefined && request.base !== current.value.version) {
    return fail(
      'CONFLICT',
      `the configuration of ${name} has changed since (version ${current.value.version}): look at it again, then repeat the change`,
    )
  }
  const changed = changedText(room, whose, name, current.value.text, request)
  if (!changed.ok) return changed
  const text = changed.value
  const version = configVersion(text)
  if (request.validateOnly === true)
    return ok({ version, changed: false, message: `the configuration of ${name} is valid` })
  if (version === current.value.version)
    return ok({ version, changed: false, message: `the configuration of ${name} is already so` })
  const possible =
    whose === 'cluster'
      ? mayFollow(room, text)
      : room.configuration.mayFollow(name, text, room.agent.world, name)
  if (!possible.ok) return possible
  const value = { text, author: 'user' }
  const written = room.agent.write(
    whose === 'config' ? [{ kind: 'config', name, value }] : [{ kind: 'cluster', name: 'cluster', value }],
  )
  if (!written.ok) return written
  return ok({ version, changed: true, message: `configuration of ${name} set, version ${version}` })
}

function mayFollow(room: ClusterRoom, text: string): Result<void> {
  const next = parseCluster({ text, source: 'cluster' })
  return next.ok ? oneMoreChange(room.agent.world, next.value) : next
}

/** The whole new text, valid; or what is wrong with it, placed in the operator's own text where there is one. */
function changedText(
  room: ClusterRoom,
  whose: Whose,
  name: string,
  current: string,
  request: ConfigRequest,
): Result<string> {
  const { text, source = '-', set = [], unset = [] } = request
  const changes = set.length + unset.length > 0
  if (text !== undefined && changes)
    return fail('INVALID', 'give a whole text, or keywords to set and unset: not both at once')
  if (whose === 'cluster') {
    return text === undefined
      ? changeCluster({ text: current, source: name, set, unset })
      : takeCluster({ text, source, inForce: current })
  }
  const setting = room.configuration.setting(name, room.agent.world)
  const config =
    text === undefined
      ? changeService({ ...setting, text: current, source: name, set, unset })
      : takeService({ ...setting, text, source })
  return config.ok ? ok(config.value.text) : config
}
