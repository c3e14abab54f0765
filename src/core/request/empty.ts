import type { Service } from '../service.js'

/** A service with nothing but its configuration cannot be up: why it is not started; null where it has resources. */
export function nothingToStart(service: Service): string | null {
  if (service.resources.some(({ group }) => group !== 'sync')) return null
  return `service ${service.name} has no resource that could be started: add one with 'om ${service.name} edit config', or with set --kw, such as fs#1.type=flag`
}
