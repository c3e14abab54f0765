import { Hono, type MiddlewareHandler } from 'hono'
import type { Failure } from '../../core/result.js'
import { StoreFailure } from '../store-failure.js'
import { refused } from './answer.js'
import type { Api, ApiEnvironment } from './environment.js'
import type { House } from './house.js'
import { clusterRoutes } from './routes/cluster.js'
import { configRoutes } from './routes/config.js'
import { eventRoutes } from './routes/events.js'
import { logRoutes } from './routes/logs.js'
import { nodeRoutes } from './routes/node.js'
import { serviceRoutes } from './routes/services.js'

/** What members may ask each other; everything else is for operators on the node itself. */
const forMembers = new Set(['/api/logs', '/api/events', '/api/node/check'])
const forStrangers = new Set(['/api/cluster/enrol'])

/** The whole API over one daemon. `caller` comes with each request from the listener that took it. */
export function buildApi(house: House): Api {
  const api: Api = new Hono<ApiEnvironment>()
  api.use('*', admit)
  api.onError((error, c) => refused(c, failureOf(error)))
  api.notFound((c) =>
    refused(c, { code: 'UNKNOWN', message: `the API has no ${c.req.method} ${c.req.path}` }),
  )
  serviceRoutes(api, house)
  configRoutes(api, house)
  nodeRoutes(api, house)
  clusterRoutes(api, house)
  logRoutes(api, house)
  eventRoutes(api, house)
  return api
}

/** A store that cannot be used says so itself; anything else that was thrown is a defect. */
function failureOf(error: Error): Failure {
  if (error instanceof StoreFailure) return error.failure
  return {
    code: 'INTERNAL',
    message: `omd failed on this request: ${error.message}: this is a defect, please report it with the log`,
  }
}

const admit: MiddlewareHandler<ApiEnvironment> = async (c, next) => {
  const { caller } = c.env
  const { path } = c.req
  const allowed =
    caller.kind === 'operator' ||
    forStrangers.has(path) ||
    (caller.kind === 'member' && (forMembers.has(path) || path.endsWith('/plan')))
  if (!allowed) return refused(c, { code: 'FORBIDDEN', message: 'operators use om on the node itself' })
  await next()
  return undefined
}
