import { askCreate } from '../../../core/request/create.js'
import { askLocal } from '../../../core/request/local.js'
import { askTarget } from '../../../core/request/target.js'
import { fail, ok, type Result } from '../../../core/result.js'
import { takeService } from '../../../spec/service/change.js'
import { evaluate } from '../../../spec/service.js'
import type { ClusterRoom } from '../../cluster-room.js'
import { obstacles } from '../../agent/action/obstacles.js'
import { answer, bodyOf, refused } from '../answer.js'
import { roomOf, type Api } from '../environment.js'
import type {
  ClusterStatus,
  CreateRequest,
  LocalAnswer,
  LocalRequest,
  TargetAnswer,
  TargetRequest,
} from '../contract.js'
import type { House } from '../house.js'
import { createRequest, localRequest, targetRequest } from '../schema.js'
import { clusterPlan, everything, localPlan } from '../plans.js'
import { pathStatuses } from '../path-status.js'
import { clusterStatus } from '../status.js'

/** A local action may take this long before its caller is told that it goes on alone. */
const localLimitMs = 3_600_000

/** Services: status, create, targets, local actions, plans. */
export function serviceRoutes(api: Api, house: House): void {
  api.get('/api/status', (c) => c.json(statusOf(house)))

  api.post('/api/services', async (c) => {
    const body = await bodyOf(c, createRequest)
    const room = roomOf(house)
    if (!body.ok) return refused(c, body.error)
    return room.ok ? answer(c, await create(room.value, body.value)) : refused(c, room.error)
  })

  api.post('/api/services/:name/target', async (c) => {
    const body = await bodyOf(c, targetRequest)
    const room = roomOf(house)
    if (!body.ok) return refused(c, body.error)
    return room.ok
      ? answer(c, setTarget(room.value, c.req.param('name'), body.value))
      : refused(c, room.error)
  })

  api.post('/api/services/:name/local', async (c) => {
    const body = await bodyOf(c, localRequest)
    const room = roomOf(house)
    if (!body.ok) return refused(c, body.error)
    if (!room.ok) return refused(c, room.error)
    const name = c.req.param('name')
    if (body.value.dryRun === true)
      return answer(c, await localPlan(room.value, name, { ...body.value, prepared: false }))
    return answer(c, await actLocally(room.value, name, body.value))
  })

  api.get('/api/services/:name/plan', async (c) => {
    const room = roomOf(house)
    if (!room.ok) return refused(c, room.error)
    const action = c.req.query('action') ?? 'start'
    const name = c.req.param('name')
    const prepared = c.req.query('prepared') === '1'
    const plan =
      c.req.query('local') === '1'
        ? await localPlan(room.value, name, { action, selection: everything, prepared })
        : await clusterPlan(house, room.value, name, action, c.req.query('node') ?? null)
    return answer(c, plan)
  })
}

function statusOf(house: House): ClusterStatus {
  const { room } = house
  const daemon = {
    version: house.version,
    pid: process.pid,
    startedWallMs: room?.startedWallMs ?? 0,
    paths: [],
    loopDelay: room?.loopWatch.figures ?? null,
  }
  if (room === null) {
    return {
      node: house.self,
      cluster: null,
      protection: 'no cluster',
      gaps: [],
      wallMs: 0,
      daemon,
      nodes: [],
      services: [],
    }
  }
  const world = { ...room.agent.world, nowMs: room.ports.clock.nowMs(), wallMs: room.ports.clock.wallMs() }
  const { nowMs, cluster } = world
  const paths = pathStatuses(room.peering.pathViews, { nowMs, heartbeat: cluster.heartbeat })
  return clusterStatus({ world, notes: room.agent.notes, daemon: { ...daemon, paths } })
}

/** Nothing is written unless the whole configuration validates and, for a deploy, this node has what it needs. */
async function create(room: ClusterRoom, request: CreateRequest): Promise<Result<TargetAnswer>> {
  const { name, text, env } = request
  const setting = room.configuration.setting(name, room.agent.world)
  const config = takeService({ ...setting, text, env, source: request.source ?? '-' })
  if (!config.ok) return config
  const service = evaluate(config.value, room.node.name)
  if (request.deploy && service.nodes.includes(room.node.name)) {
    const [first, ...more] = await obstacles(service, room.node)
    if (first !== undefined) return fail('UNAVAILABLE', first, more)
  }
  const { agent, ports } = room
  const granted = askCreate(agent.world, {
    service,
    text: config.value.text,
    deploy: request.deploy,
    id: ports.rng.id(),
    author: 'user',
  })
  if (!granted.ok) return granted
  const written = agent.write(granted.value.writes)
  return written.ok ? ok({ target: granted.value.target, message: granted.value.message }) : written
}

function setTarget(room: ClusterRoom, service: string, request: TargetRequest): Result<TargetAnswer> {
  const { agent, ports } = room
  const granted = askTarget(agent.world, {
    service,
    action: request.action,
    node: request.node ?? null,
    timeMs: request.timeMs ?? null,
    author: `user@${room.node.name}`,
    id: ports.rng.id(),
  })
  if (!granted.ok) return granted
  const written = agent.write(granted.value.writes)
  return written.ok ? ok({ target: granted.value.target, message: granted.value.message }) : written
}

async function actLocally(
  room: ClusterRoom,
  service: string,
  request: LocalRequest,
): Promise<Result<LocalAnswer>> {
  const { agent, orders, ports, node } = room
  const { action, selection } = request
  if (action === 'freeze' || action === 'thaw') {
    if (agent.world.services[service] === undefined) return fail('UNKNOWN', `there is no service ${service}`)
    const written = agent.write([
      { kind: 'freeze', name: `${service}@${node.name}`, value: action === 'freeze' },
    ])
    if (!written.ok) return written
    return ok({
      action,
      message: `instance of ${service} on ${node.name} ${action === 'freeze' ? 'frozen' : 'thawed'}`,
    })
  }
  const order = askLocal(agent.world, service, { id: ports.rng.id(), action, selection })
  if (!order.ok) return order
  const whole =
    selection.rids.length + selection.tags.length + selection.subsets.length === 0 &&
    selection.downto === null
  // Stopped by hand, it stays down: nothing automatic starts it again here.
  if (action === 'stop' && whole) {
    const frozen = agent.write([{ kind: 'freeze', name: `${service}@${node.name}`, value: true }])
    if (!frozen.ok) return frozen
  }
  const ended = orders.wait(order.value.id, localLimitMs)
  agent.put({ kind: 'ordered', service, order: order.value })
  const result = await ended
  return result.ok ? ok({ action, message: result.value }) : result
}
