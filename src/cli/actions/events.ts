import type { ApiEvent } from '../../daemon/api/contract.js'
import type { Action, Call } from '../command.js'
import { refuse } from '../output.js'
import { chosen } from '../services.js'

/** What happens to the services, as it comes: a JSON a line. */
export const serviceEvents: Action = async (call) => {
  const names = await chosen(call)
  if (!names.ok) return refuse(call.terminal, names.error)
  return follow(call, (event) => subjects(event).some((name) => names.value.includes(name)))
}

/** Everything. */
export const nodeEvents: Action = (call) => follow(call, () => true)

async function follow(call: Call, wanted: (event: ApiEvent) => boolean): Promise<number> {
  const stream = await call.client.follow(['changed', 'log', 'target', 'progress'])
  if (!stream.ok) return refuse(call.terminal, stream.error)
  let interrupted = false
  const forget = call.terminal.onInterrupt(() => {
    interrupted = true
    stream.value.close()
  })
  try {
    for (;;) {
      const event = await stream.value.next(60_000)
      if (event === 'ended') break
      if (event !== 'silence' && wanted(event)) call.terminal.out(`${JSON.stringify(event)}\n`)
    }
  } finally {
    forget()
  }
  if (interrupted) return 0
  return refuse(call.terminal, { code: 'UNAVAILABLE', message: 'omd ended the stream of events' })
}

function subjects(event: ApiEvent): readonly string[] {
  switch (event.kind) {
    case 'changed':
      return event.services
    case 'log':
      return event.entry.service === null ? [] : [event.entry.service]
    case 'target':
    case 'progress':
      return [event.service]
  }
}
