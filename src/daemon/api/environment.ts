import type { Context, Hono } from 'hono'
import { fail, type Result } from '../../core/result.js'
import type { ClusterRoom } from '../cluster-room.js'
import type { Caller, House } from './house.js'

export interface ApiEnvironment {
  Variables: { caller: Caller }
  Bindings: { caller: Caller }
}

export type ApiContext = Context<ApiEnvironment>
export type Api = Hono<ApiEnvironment>

/** The cluster room, or the sentence that says how to get one. */
export function roomOf(house: House): Result<ClusterRoom> {
  if (house.room !== null) return { ok: true, value: house.room }
  return fail(
    'CONFLICT',
    "this node belongs to no cluster: run 'om cluster init' here, or 'om cluster join TOKEN' with a member's token",
  )
}
