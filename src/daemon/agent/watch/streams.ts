import { LABEL } from '../../../resources/container/engine/labels.js'
import type { EventSource } from '../../../resources/driver.js'

/** A command whose lines tell of changes; what they say is not read any further than `concerns` does. */
export interface Told {
  readonly argv: readonly string[]
  /** Absent: each line is of concern. */
  readonly concerns?: (line: string) => boolean
}

/** Health checks and the like, which happen all the time, are left out. */
const DOCKER_EVENTS = ['create', 'start', 'die', 'destroy', 'pause', 'unpause', 'rename', 'oom']
const PODMAN_EVENTS = ['create', 'start', 'died', 'remove', 'pause', 'unpause', 'rename']

const only = (events: readonly string[]): readonly string[] => [
  '--filter',
  'type=container',
  ...events.flatMap((event) => ['--filter', `event=${event}`]),
]

export const STREAMS: Readonly<Record<EventSource, Told>> = {
  mounts: { argv: ['findmnt', '--poll', '--pairs', '--output', 'ACTION,TARGET'] },
  docker: {
    argv: [
      'docker',
      'events',
      '--format',
      '{{json .}}',
      '--filter',
      `label=${LABEL.service}`,
      ...only(DOCKER_EVENTS),
    ],
  },
  podman: {
    argv: ['podman', 'events', '--format', 'json', ...only(PODMAN_EVENTS)],
    // podman 4 knows no filter for a label with any value
    concerns: (line) => line.includes(`"${LABEL.service}"`),
  },
  addresses: { argv: ['ip', 'monitor', 'address', 'link'] },
}
