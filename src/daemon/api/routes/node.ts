import { askNode } from '../../../core/request/node.js'
import { fail, ok, type Result } from '../../../core/result.js'
import { nodeCheck } from '../../agent/node-check.js'
import type { ClusterRoom } from '../../cluster-room.js'
import { answer, bodyOf, messageOf, refused } from '../answer.js'
import { roomOf, type Api } from '../environment.js'
import type { CheckAnswer, MessageAnswer } from '../contract.js'
import type { House } from '../house.js'
import { nodeRequest } from '../schema.js'

const actions = ['freeze', 'thaw', 'drain', 'confirm-off'] as const

/** Nodes and the daemon itself. */
export function nodeRoutes(api: Api, house: House): void {
  for (const action of actions) {
    api.post(`/api/node/${action}`, async (c) => {
      const body = await bodyOf(c, nodeRequest)
      const room = roomOf(house)
      if (!body.ok) return refused(c, body.error)
      return room.ok ? answer(c, act(room.value, action, body.value.node)) : refused(c, room.error)
    })
  }

  api.post('/api/node/fence', async (c) => {
    const body = await bodyOf(c, nodeRequest)
    const room = roomOf(house)
    if (!body.ok) return refused(c, body.error)
    return room.ok ? answer(c, await powerOff(room.value, body.value.node)) : refused(c, room.error)
  })

  api.get('/api/node/check', async (c) => {
    const room = roomOf(house)
    if (!room.ok) return refused(c, room.error)
    const node = c.req.query('node') ?? house.self
    if (node !== house.self) return answer(c, await house.ask<CheckAnswer>(node, '/api/node/check'))
    return c.json(await nodeCheck(room.value.node, room.value.agent.world.cluster))
  })

  for (const how of ['stop', 'shutdown'] as const) {
    api.post(`/api/daemon/${how}`, async (c) => answer(c, messageOf(await house.stop(how))))
  }
}

async function powerOff(room: ClusterRoom, node: string): Promise<Result<MessageAnswer>> {
  const { cluster, self } = room.agent.world
  if (node === self)
    return fail('INVALID', `this command runs on ${node}: power it off from another node of the cluster`)
  const names = cluster.nodes.map(({ name }) => name)
  if (!names.includes(node))
    return fail('UNKNOWN', `there is no node ${node}: the cluster's nodes are ${names.join(', ')}`)
  const fenced = await room.powerOff(node)
  return fenced.ok ? ok({ message: `node ${node} is off: ${fenced.value}` }) : fenced
}

function act(room: ClusterRoom, action: (typeof actions)[number], node: string): Result<MessageAnswer> {
  const { agent, ports } = room
  const granted = askNode(agent.world, {
    action,
    node,
    author: `user@${room.node.name}`,
    id: () => ports.rng.id(),
  })
  if (!granted.ok) return granted
  const written = agent.write(granted.value.writes)
  return written.ok ? ok({ message: granted.value.message }) : written
}
