import type { Keyword } from '../../../spec/keyword.js'
import type { ContainerEngine } from './engine.js'

const namespace = (name: string, what: string, container: boolean): Keyword => ({
  name,
  type: 'text',
  scopable: true,
  pattern: container
    ? {
        match: String.raw`host|private|container#\S+`,
        expects: 'host, private or the id of a container resource',
      }
    : { match: 'host|private', expects: 'host or private' },
  help: `${what} namespace: the node’s (host), ${container ? 'that of another container (container#0), ' : ''}or one of its own.`,
  example: container ? 'container#0' : 'host',
})

const flag = (name: string, help: string): Keyword => ({
  name,
  type: 'boolean',
  default: 'false',
  scopable: true,
  help,
})

/** What the keywords of an engine say differently. */
export interface Words {
  readonly command: ContainerEngine['name']
  readonly image: { readonly help: string; readonly example: string }
  readonly init: string
}

const image = ({ image }: Words): readonly Keyword[] => [
  { name: 'image', type: 'text', required: true, scopable: true, ...image },
  {
    name: 'image_pull_policy',
    type: 'text',
    default: 'once',
    scopable: true,
    inherited: true,
    candidates: ['once', 'always', 'never'],
    help: 'When the image is pulled: where it is missing, at each start, or never.',
  },
  {
    name: 'pull_timeout',
    type: 'duration',
    default: '2m',
    minimum: '1s',
    scopable: true,
    inherited: true,
    help: 'Time limit of a pull.',
  },
]

const program: readonly Keyword[] = [
  {
    name: 'name',
    type: 'text',
    default: '{name}.container.{rindex}',
    scopable: true,
    help: 'Name of the container.',
    pattern: {
      match: '[a-zA-Z0-9][a-zA-Z0-9_.-]*',
      expects: 'letters, digits, dots, dashes and underscores',
    },
  },
  {
    name: 'command',
    type: 'words',
    scopable: true,
    help: 'Command and arguments instead of the image’s.',
    example: 'postgres -c fsync=on',
  },
  {
    name: 'entrypoint',
    type: 'words',
    scopable: true,
    help: 'Entry point instead of the image’s.',
    example: '/bin/init.sh',
  },
]

const runArguments = ({ command }: Words): Keyword => ({
  name: 'run_args',
  type: 'words',
  scopable: true,
  help: `More arguments for ${command} run. What has a keyword of its own (--name, --net, --detach, …) belongs there.`,
  example: '-v /srv/{svcname}/data:/var/lib/postgresql:rw --user=999:999',
})

const process: readonly Keyword[] = [
  {
    name: 'detach',
    type: 'boolean',
    default: 'true',
    scopable: true,
    help: 'Run in the background. Where not, start waits for its end and the status is n/a.',
  },
  flag('rm', 'Remove the container when it stops.'),
  {
    name: 'user',
    type: 'text',
    scopable: true,
    help: 'User and group inside the container.',
    example: '999:999',
  },
  {
    name: 'hostname',
    type: 'text',
    scopable: true,
    help: 'Host name inside a network namespace of its own.',
    example: '{svcname}',
  },
  {
    name: 'cwd',
    type: 'text',
    scopable: true,
    help: 'Working directory inside the container.',
    example: '/opt',
  },
  {
    name: 'environment',
    type: 'words',
    scopable: true,
    help: 'Variables, NAME=value.',
    example: 'POSTGRES_DB=app',
  },
]

const rights = ({ init }: Words): readonly Keyword[] => [
  {
    name: 'volume_mounts',
    type: 'words',
    scopable: true,
    help: 'Bind mounts, source:target[:options].',
    example: '/srv/{svcname}/data:/data:rw',
  },
  {
    name: 'devices',
    type: 'words',
    scopable: true,
    help: 'Devices of the node, source[:target[:permissions]].',
    example: '/dev/fuse',
  },
  flag('privileged', 'Give it full access to the node.'),
  flag('interactive', 'Keep its standard input open.'),
  flag('tty', 'Give it a terminal.'),
  flag('init', init),
  flag('read_only', 'Mount its root file system read only.'),
]

const namespaces: readonly Keyword[] = [
  {
    name: 'netns',
    type: 'text',
    default: 'none',
    scopable: true,
    pattern: {
      match: String.raw`none|host|container#\S+`,
      expects: 'none, host or the id of a container resource',
    },
    help: 'Network namespace: one of its own without any interface (none), the node’s (host), or that of another container of this service.',
    example: 'container#0',
  },
  namespace('pidns', 'Process', true),
  namespace('ipcns', 'IPC', true),
  namespace('utsns', 'UTS', false),
  namespace('userns', 'User', false),
]

/**
 * `start_timeout` and `stop_timeout` are waits inside the action: for the container to run, and from SIGTERM to SIGKILL.
 * The action's own time limit is longer by a margin (and by `pull_timeout` at start).
 */
const waits = ({ command }: Words): readonly Keyword[] => [
  {
    name: 'start_timeout',
    type: 'duration',
    default: '5s',
    minimum: '100ms',
    scopable: true,
    help: `How long the container may take to run once ${command} answered.`,
  },
  {
    name: 'stop_timeout',
    type: 'duration',
    default: '10s',
    minimum: '1s',
    scopable: true,
    help: 'How long the container may take to end before it is killed.',
    example: '2m',
  },
]

/** The keywords of a container resource: the same with each engine. */
export const containerKeywords = (words: Words): readonly Keyword[] => [
  ...image(words),
  ...program,
  runArguments(words),
  ...process,
  ...rights(words),
  ...namespaces,
  ...waits(words),
]
