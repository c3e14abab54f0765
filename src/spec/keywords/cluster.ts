import { hookEvents } from '../../core/cluster.js'
import { formatDuration } from '../../core/units.js'
import { profiles, type ProfileTimers } from '../cluster/profiles.js'
import { exampleDevice, usualGroup } from '../cluster/pulse-paths.js'
import type { Keyword, SectionSchema } from '../keyword.js'

const duration = (name: string, value: string, minimum: string, help: string): Keyword => ({
  name,
  type: 'duration',
  default: value,
  minimum,
  help,
})

const cluster: SectionSchema = {
  section: 'cluster',
  help: 'The cluster itself.',
  keywords: [
    { name: 'name', type: 'text', required: true, help: 'Name of the cluster.', example: 'paris' },
    {
      name: 'id',
      type: 'text',
      required: true,
      help: 'Drawn when the cluster is made; two clusters of one name stay apart by it.',
    },
    { name: 'nodes', type: 'list', required: true, help: 'Its members.', example: 'node1 node2' },
    {
      name: 'witnesses',
      type: 'list',
      help: 'Daemons that vote and run nothing (omd --witness), each with its addresses in a section node#NAME. A cluster of two nodes needs one for a majority without either node.',
      example: 'arbiter',
    },
    {
      name: 'quorum',
      type: 'boolean',
      default: 'false',
      help: 'Whether services run only where a majority of nodes and witnesses acknowledges this node, so that a partition never runs one twice. Without it a takeover rests on silence and on addresses that nobody answers for.',
    },
  ],
}

const listener: SectionSchema = {
  section: 'listener',
  help: 'Where peers and clients reach a node.',
  keywords: [
    {
      name: 'port',
      type: 'integer',
      default: '1215',
      minimum: '1',
      help: 'TCP port of peers and of the API.',
    },
  ],
}

const profiled = (name: keyof ProfileTimers, minimum: string, help: string, key: string): Keyword => ({
  name: key,
  type: 'duration',
  minimum,
  help: `${help} Default: that of heartbeat.profile (${Object.entries(profiles)
    .map(([profile, timers]) => `${profile} ${formatDuration(timers[name])}`)
    .join(', ')}).`,
  example: formatDuration(profiles.default[name]),
})

const heartbeat: SectionSchema = {
  section: 'heartbeat',
  help: 'How nodes tell that they are there.',
  keywords: [
    {
      name: 'profile',
      type: 'text',
      default: 'default',
      candidates: ['default', 'slow', 'fast'],
      help: 'The times that hold where a keyword does not say otherwise: slow for busy or emulated machines, fast for clusters with a fencing agent, since watchdogs that count whole seconds do not fit into its timeout.',
    },
    profiled('intervalMs', '50ms', 'Time between beats, on every path.', 'interval'),
    profiled(
      'timeoutMs',
      '150ms',
      'Silence on every path for so long makes a node unreachable. At least three intervals.',
      'timeout',
    ),
    profiled(
      'leaseMs',
      '100ms',
      'With quorum: how long a node may go on after the newest of its beats that a majority has acknowledged.',
      'lease',
    ),
  ],
}

const node: SectionSchema = {
  section: 'node',
  help: 'What every node goes by.',
  keywords: [
    {
      name: 'max_parallel',
      type: 'integer',
      default: '10',
      minimum: '1',
      help: 'Services that act at the same time on one node.',
    },
    duration(
      'rejoin_grace_period',
      '30s',
      '0s',
      'After a daemon start: how long peers are awaited before the node decides alone.',
    ),
    {
      name: 'claim_life',
      type: 'duration',
      help: 'A claim to start a service that is older is withdrawn. More than twice heartbeat.timeout. Default: 2.2 times it.',
      example: '11s',
    },
    profiled(
      'stopMaxMs',
      '50ms',
      'With quorum: time in which everything exclusive on a node can be stopped by force once its lease is over.',
      'stop_max',
    ),
    {
      name: 'self_fence',
      type: 'text',
      default: 'stop',
      candidates: ['stop', 'reboot', 'watchdog'],
      help: 'With quorum: what follows where that time was not enough: trying on (stop: another node may start it meanwhile), an immediate reset (reboot; also of a node that stood still until then), or the watchdog, which is then no longer fed (watchdog).',
    },
    {
      name: 'watchdog_dev',
      type: 'text',
      default: '/dev/watchdog',
      pattern: {
        match: String.raw`/\S+`,
        expects: 'an absolute path without spaces, such as /dev/watchdog1',
      },
      help: 'With self_fence=watchdog: the device that resets a node which hangs, is paused as a whole, or does not get rid of what it runs. No other program may feed it. It is armed while anything exclusive is held, and disarmed before omd leaves.',
      example: '/dev/watchdog1',
    },
    profiled(
      'watchdogPeriodMs',
      '1s',
      'With self_fence=watchdog: the device resets the node so long after it was last fed. Whole seconds; with the lease it fits into heartbeat.timeout.',
      'watchdog_period',
    ),
    duration(
      'status_interval',
      '1m',
      '1s',
      'Time between full probes of all resources, behind the events that tell of changes.',
    ),
    duration(
      'target_timeout',
      '5m',
      '1s',
      'How long a target state may take before it ends failed, where the command does not say.',
    ),
  ],
}

const log: SectionSchema = {
  section: 'log',
  help: 'The event log that each node keeps.',
  keywords: [
    duration('max_age', '30d', '1h', 'Older lines are dropped.'),
    {
      name: 'max_lines',
      type: 'integer',
      default: '200000',
      minimum: '1000',
      help: 'Lines beyond this number are dropped, oldest first.',
    },
  ],
}

const member: SectionSchema = {
  section: 'node#',
  help: 'One node or witness, as in node#node1.',
  keywords: [
    {
      name: 'addresses',
      type: 'list',
      help: 'Its addresses; each is a heartbeat path. Host names or IP addresses, with a port where it differs. Default: its name.',
      example: '192.0.2.1 198.51.100.1',
    },
  ],
}

const hook: SectionSchema = {
  section: 'hook#',
  help: 'A command that is told of events, as in hook#1. The event is JSON on its standard input.',
  keywords: [
    {
      name: 'events',
      type: 'list',
      required: true,
      help: `Kinds of events that it is told of: ${hookEvents.join(', ')}, or * for all.`,
      example: 'target_ended node_silent',
    },
    {
      name: 'command',
      type: 'words',
      required: true,
      help: 'Command, run without a shell.',
      example: '/usr/local/bin/notify --cluster',
    },
    duration('timeout', '10s', '100ms', 'Time limit of the command, which is then killed.'),
  ],
}

const heartbeatPath: SectionSchema = {
  section: 'hb#',
  help: 'A heartbeat path besides the addresses of the nodes, as in hb#1. It proves that a node lives and carries nothing else: a node that is heard on it alone is not taken for dead where quorum is off, and keeps no lease where it is on.',
  keywords: [
    {
      name: 'type',
      type: 'text',
      required: true,
      candidates: ['disk', 'unicast', 'multicast'],
      help: 'disk: every node writes a block of a shared disk at each interval, and reads those of the others. unicast, multicast: a datagram goes to every address of every other node, or to a group.',
      example: 'disk',
    },
    {
      name: 'dev',
      type: 'text',
      help: 'With type disk: a block device that every node reaches by this name, or a file on a shared filesystem; a mebibyte is enough. An empty one is prepared by the first node; one that holds anything else is refused and left alone.',
      example: exampleDevice,
    },
    {
      name: 'port',
      type: 'integer',
      minimum: '1',
      help: 'With type unicast or multicast: UDP port, the same on every node. Each path has its own; default: the number of listener.port. A witness that serves several clusters needs another one for each.',
      example: '1216',
    },
    {
      name: 'address',
      type: 'text',
      help: `With type multicast: the IPv4 group, joined on the interface that the route to it names. Default: ${usualGroup}.`,
      example: usualGroup,
    },
  ],
}

const stonith: SectionSchema = {
  section: 'stonith#',
  help: 'How a node is powered off, as in stonith#node1: a program of the fence-agents project, or one that behaves like them.',
  keywords: [
    {
      name: 'agent',
      type: 'text',
      required: true,
      help: 'Name or path of the program. It is called with action=off, which must end with 0, then with action=status, which must end with 2 (off). Every other node asks for the status now and then, too, and om cluster check names one whose program is missing or ends with neither 0 (on) nor 2.',
      example: 'fence_ipmilan',
    },
    {
      name: 'options',
      type: 'words',
      help: 'What else it reads on its standard input, a word a line.',
      example: 'ip=192.0.2.9 username=admin password=secret',
    },
    duration('timeout', '60s', '1s', 'Time limit of each call of the program, which is then killed.'),
    {
      name: 'retries',
      type: 'integer',
      default: '1',
      minimum: '0',
      help: 'Further tries where one fails; 15 s later all of it is tried again.',
    },
    duration(
      'delay',
      '0s',
      '0s',
      'Waited once the node is silent. Where quorum is off, give each node another one, further apart than powering off takes, so that in a partition they do not power each other off.',
    ),
    {
      name: 'power_on',
      type: 'boolean',
      default: 'false',
      help: 'Whether the node is powered on again once it was confirmed off: action=on, which must end with 0, then action=status, which must end with 0 (on). Where that fails, the log says so.',
    },
  ],
}

/** Sections of the cluster's configuration; those that end in # are followed by a name. */
export const clusterSections: readonly SectionSchema[] = [
  cluster,
  listener,
  heartbeat,
  node,
  log,
  member,
  heartbeatPath,
  hook,
  stonith,
]
