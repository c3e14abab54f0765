import { hears } from '../../../core/membership.js'
import type { ClusterRoom } from '../../cluster-room.js'
import type { LogEntry, LogQuery } from '../../ports.js'
import { roomOf, type Api, type ApiContext } from '../environment.js'
import { refused } from '../answer.js'
import type { LogsAnswer } from '../contract.js'
import type { House } from '../house.js'

const defaultLimit = 1000
const highestLimit = 100_000

/** Log lines of all nodes in time order. Members ask each other for their own lines with `own=1`. */
export function logRoutes(api: Api, house: House): void {
  api.get('/api/logs', async (c) => {
    const room = roomOf(house)
    if (!room.ok) return refused(c, room.error)
    const query = queryOf(c)
    const own = c.req.query('own') === '1'
    const only = c.req.query('node')
    const names = room.value.agent.world.cluster.nodes.map(({ name }) => name)
    if (only !== undefined && !names.includes(only)) {
      const message = `the cluster has no node ${only}: its nodes are ${names.join(', ')}`
      return refused(c, { code: 'UNKNOWN', message })
    }
    const answer = own ? ownLines(room.value, query) : await allLines(house, room.value, c, query, only)
    return c.json(answer)
  })
}

function queryOf(c: ApiContext): LogQuery {
  const text = (key: string): string | undefined => c.req.query(key)
  const number = (key: string): number | undefined => {
    const value = Number(text(key) ?? Number.NaN)
    return Number.isFinite(value) ? value : undefined
  }
  const level = text('level')
  const known =
    level === 'debug' || level === 'info' || level === 'warn' || level === 'error' ? level : 'info'
  const limit = Math.min(Math.max(1, number('limit') ?? defaultLimit), highestLimit)
  return {
    limit,
    level: known,
    ...(text('service') === undefined ? {} : { service: text('service') as string }),
    ...(text('rid') === undefined ? {} : { rid: text('rid') as string }),
    ...(number('since') === undefined ? {} : { sinceWallMs: number('since') as number }),
  }
}

function ownLines(room: ClusterRoom, query: LogQuery): LogsAnswer {
  room.logbook.flush()
  return { entries: room.ports.store.queryLog(query), missing: [] }
}

async function allLines(
  house: House,
  room: ClusterRoom,
  c: ApiContext,
  query: LogQuery,
  only: string | undefined,
): Promise<LogsAnswer> {
  const { world } = room.agent
  const search = new URL(c.req.url).searchParams
  search.set('own', '1')
  search.delete('node')
  const nodes = world.cluster.nodes
    .map(({ name }) => name)
    .filter((name) => only === undefined || name === only)
  const missing: string[] = []
  const parts = await Promise.all(
    nodes.map(async (node): Promise<readonly LogEntry[]> => {
      if (node === world.self) return ownLines(room, query).entries
      const answer = hears(world, node)
        ? await house.ask<LogsAnswer>(node, `/api/logs?${search.toString()}`)
        : null
      if (answer?.ok === true) return answer.value.entries
      missing.push(node)
      return []
    }),
  )
  const entries = parts.flat().sort((a, b) => a.wallMs - b.wallMs)
  return { entries: entries.slice(-query.limit), missing: missing.sort() }
}
