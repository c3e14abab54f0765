import type { ResourceAction } from '../../core/service.js'
import type { Keyword } from '../keyword.js'

export const RESOURCE_ACTIONS = [
  'start',
  'stop',
  'provision',
  'unprovision',
] as const satisfies readonly ResourceAction[]

const flag = (name: string, value: string, inherited: boolean, help: string): Keyword => ({
  name,
  type: 'boolean',
  default: value,
  scopable: true,
  inherited,
  help,
})

const identity: readonly Keyword[] = [
  {
    name: 'type',
    type: 'text',
    help: 'Driver within the group. Default: vg for disk, host for ip, docker for container, forking for app.',
  },
  { name: 'comment', type: 'text', help: 'Words for the reader.' },
  {
    name: 'subset',
    type: 'text',
    scopable: true,
    help: 'Part of the group that it belongs to; parts are handled in the order of their names.',
  },
  {
    name: 'tags',
    type: 'list',
    scopable: true,
    help: 'Words to select resources by (--tags). noaction: its status is shown and nothing is done; nostatus: its status is n/a.',
  },
]

const roles: readonly Keyword[] = [
  flag('disable', 'false', false, 'Leave it alone; its status is n/a.'),
  flag(
    'optional',
    'false',
    true,
    'Its failures do not fail an action, and its status does not count for the availability.',
  ),
  flag('monitor', 'false', true, 'Being down after all restarts triggers monitor_action.'),
  {
    name: 'standby',
    type: 'boolean or nodes',
    default: 'false',
    scopable: true,
    help: 'Kept up on passive nodes too: true, or the nodes where it is.',
  },
  flag('shared', 'false', true, 'The same thing seen from every node: one node alone provisions it.'),
  flag('provision', 'true', true, 'May it be provisioned?'),
  flag(
    'unprovision',
    'true',
    true,
    'May it be unprovisioned? Where not, its content survives om SERVICE unprovision.',
  ),
]

const restarts: readonly Keyword[] = [
  {
    name: 'restart',
    type: 'integer',
    default: '0',
    minimum: '0',
    scopable: true,
    inherited: true,
    help: 'How many times it is restarted in place when it fails, until it has been up again.',
  },
  {
    name: 'restart_delay',
    type: 'duration',
    default: '500ms',
    scopable: true,
    inherited: true,
    help: 'Pause before each restart in place.',
  },
]

const timeouts: readonly Keyword[] = [
  {
    name: 'timeout',
    type: 'duration',
    default: '10m',
    minimum: '100ms',
    scopable: true,
    inherited: true,
    help: 'Time limit of each action on the resource; commands that are still running then are killed.',
  },
  ...RESOURCE_ACTIONS.map((action): Keyword => ({
    name: `${action}_timeout`,
    type: 'duration',
    minimum: '100ms',
    scopable: true,
    inherited: true,
    help: `Time limit of ${action}. Default: timeout.`,
    example: '2m',
  })),
  {
    name: 'status_timeout',
    type: 'duration',
    default: '1m',
    minimum: '100ms',
    scopable: true,
    inherited: true,
    help: 'Time limit of a look at the resource.',
  },
]

const requirements: readonly Keyword[] = RESOURCE_ACTIONS.map((action) => ({
  name: `${action}_requires`,
  type: 'text',
  scopable: true,
  help: `Resources that must be in one of some states before ${action}; without states: up or stdby up.`,
  example: 'fs#1(up,stdby up) ip#0',
}))

const triggers: readonly Keyword[] = RESOURCE_ACTIONS.flatMap((action) =>
  (['pre', 'post'] as const).flatMap((when): Keyword[] => {
    const place = when === 'pre' ? 'before' : 'after'
    return [
      {
        name: `${when}_${action}`,
        type: 'words',
        scopable: true,
        help: `Command run ${place} ${action}; a failure is logged.`,
        example: '/usr/local/bin/notify {rid}',
      },
      {
        name: `blocking_${when}_${action}`,
        type: 'words',
        scopable: true,
        help: `Command run ${place} ${action}; a failure ends the action.`,
        example: '/usr/local/bin/allowed {rid}',
      },
    ]
  }),
)

/** Of every resource, whatever its driver. */
export const resourceKeywords: readonly Keyword[] = [
  ...identity,
  ...roles,
  ...restarts,
  ...timeouts,
  ...requirements,
  ...triggers,
]
