import type { EventSource } from '../../../resources/driver.js'
import { LABEL } from '../../../resources/container/docker/labels.js'
import type { Cancel, Clock, Exec } from '../../ports.js'
import { keepFollowing } from './keep-following.js'

/** What the watch needs: `onChange` may come often, and says only where to look, never what is to be seen there. */
export interface Watch {
  readonly exec: Exec
  readonly clock: Clock
  onChange(source: EventSource): void
}

/**
 * Calls back when the node's mounts, containers or addresses may have changed, from the event streams that the system has. It is a wake-up
 * and no more: a stream that is not there, or ends, is tried again ever more slowly, and the full probe goes on regardless. Addresses
 * inside the namespaces of containers have no stream; they come and go with their containers.
 */
export function watchNode(watch: Watch): Cancel {
  const streams = Object.entries(STREAMS).map(([source, argv]) =>
    keepFollowing({
      exec: watch.exec,
      clock: watch.clock,
      argv,
      onChange: () => watch.onChange(source as EventSource),
    }),
  )
  return () => {
    for (const cancel of streams) cancel()
  }
}

/** Health checks and the like, which happen all the time, are left out. */
const CONTAINER_EVENTS = ['create', 'start', 'die', 'destroy', 'pause', 'unpause', 'rename', 'oom']

/** By source; what their lines say is not read. */
export const STREAMS: Readonly<Record<EventSource, readonly string[]>> = {
  mounts: ['findmnt', '--poll', '--pairs', '--output', 'ACTION,TARGET'],
  containers: [
    'docker',
    'events',
    '--format',
    '{{json .}}',
    '--filter',
    'type=container',
    '--filter',
    `label=${LABEL.service}`,
    ...CONTAINER_EVENTS.flatMap((event) => ['--filter', `event=${event}`]),
  ],
  addresses: ['ip', 'monitor', 'address', 'link'],
}
