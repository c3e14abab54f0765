import type { Result } from '../../core/result.js'
import { statusCode } from '../../core/status.js'
import type { ClusterStatus, ServiceStatus } from '../../daemon/api/contract.js'
import type { Action, Call } from '../command.js'
import { refuse, show } from '../output.js'
import { printStatus } from '../render/print-status.js'
import { chosenAmong, oneOrAll } from '../services.js'

export const printServiceStatus: Action = async (call) => {
  const found = await selected(call)
  if (!found.ok) return refuse(call.terminal, found.error)
  const { node, services } = found.value
  const screen = { node, paint: call.paint, terminalColumns: call.terminal.size()?.columns ?? null }
  await show(call, oneOrAll(call, services), () =>
    services.flatMap((service) => printStatus(service, screen)),
  )
  return 0
}

/** The exit code is that of the status; of the highest one where several services are selected. */
export const serviceStatus: Action = async (call) => {
  const found = await selected(call)
  if (!found.ok) return refuse(call.terminal, found.error)
  const { services } = found.value
  const values = services.map(({ name, avail, overall }) => ({ name, avail, overall }))
  await show(call, oneOrAll(call, values), () =>
    values.map(({ name, avail }) => (values.length === 1 ? avail : `${name} ${avail}`)),
  )
  return Math.max(...services.map((service) => statusCode(service.avail)))
}

interface Selected {
  readonly node: string
  readonly services: readonly ServiceStatus[]
}

async function selected(call: Call): Promise<Result<Selected>> {
  const status = await call.client.get<ClusterStatus>('/api/status')
  if (!status.ok) return status
  const names = chosenAmong(call.selector, status.value)
  if (!names.ok) return names
  const services = status.value.services.filter((service) => names.value.includes(service.name))
  return { ok: true, value: { node: status.value.node, services } }
}
