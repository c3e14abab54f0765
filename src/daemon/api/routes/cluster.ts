import { ok } from '../../../core/result.js'
import { answer, bodyOf, messageOf, refused } from '../answer.js'
import type { Api } from '../environment.js'
import type { TokenAnswer } from '../contract.js'
import type { House } from '../house.js'
import { enrolRequest, initRequest, joinRequest } from '../schema.js'

/** Making, joining and leaving a cluster. */
export function clusterRoutes(api: Api, house: House): void {
  api.post('/api/cluster/init', async (c) => {
    const body = await bodyOf(c, initRequest)
    if (!body.ok) return refused(c, body.error)
    return answer(c, messageOf(await house.init(body.value.name, body.value.addresses ?? [])))
  })

  api.post('/api/cluster/token', async (c) => {
    const token = await house.token()
    if (!token.ok) return refused(c, token.error)
    const value: TokenAnswer = {
      token: token.value,
      message: `valid for one hour, for one node: run there 'om cluster join ${token.value}'`,
    }
    return answer(c, ok(value))
  })

  api.post('/api/cluster/join', async (c) => {
    const body = await bodyOf(c, joinRequest)
    if (!body.ok) return refused(c, body.error)
    return answer(c, messageOf(await house.join(body.value.token, body.value.addresses ?? [])))
  })

  api.post('/api/cluster/leave', async (c) => answer(c, messageOf(await house.leave())))

  api.post('/api/cluster/enrol', async (c) => {
    const body = await bodyOf(c, enrolRequest)
    if (!body.ok) return refused(c, body.error)
    const { caller } = c.env
    return answer(c, await house.enrol(body.value, caller.kind === 'stranger' ? caller.address : null))
  })
}
