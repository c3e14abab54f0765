import type { Action, Call } from '../command.js'
import { changeEach } from '../configuration.js'

export const enable: Action = (call) => setDisable(call, 'false')

export const disable: Action = (call) => setDisable(call, 'true')

/** The keyword `disable`, of the service or of the resources that are named. */
function setDisable(call: Call, value: string): Promise<number> {
  const rids = call.options.list('rid')
  const set = rids.length === 0 ? [`disable=${value}`] : rids.map((rid) => `${rid}.disable=${value}`)
  return changeEach(call, 'service', (configuration) => configuration.change({ set }))
}
