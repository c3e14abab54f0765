import type { Keyword } from '../../../spec/keyword.js'

const action = (name: string, help: string, example: string): Keyword => ({
  name,
  type: 'text',
  scopable: true,
  help,
  example,
})

const limit = (name: string, type: 'size' | 'duration' | 'integer', help: string): Keyword => ({
  name: `limit_${name}`,
  type,
  scopable: true,
  help,
})

const commands: readonly Keyword[] = [
  {
    name: 'script',
    type: 'text',
    scopable: true,
    help: 'Program that takes start, stop, status or info as its argument, for actions set to true or to a number.',
    example: '/etc/init.d/app',
  },
  action(
    'start',
    'A command, true for the script, a number for the script in that order within the group, or false for nothing.',
    '/usr/bin/app --daemon',
  ),
  action('stop', 'As start. Numbers order the stop.', '/usr/bin/app --stop'),
  action('check', 'As start. Its exit code is the status, by retcodes.', 'pgrep -F /run/app.pid'),
  action('info', 'As start. Prints key: value lines.', 'true'),
  {
    name: 'retcodes',
    type: 'text',
    default: '0:up 1:down',
    scopable: true,
    pattern: {
      match: String.raw`\d+:(up|down|warn|n/a)(\s+\d+:(up|down|warn|n/a))*`,
      expects: 'exit codes with their status, such as 0:up 1:down',
    },
    help: 'Status for each exit code of check. Codes not named are warn.',
  },
  {
    name: 'status_log',
    type: 'boolean',
    default: 'false',
    scopable: true,
    help: 'Show the output of check as messages in the status.',
  },
  {
    name: 'check_timeout',
    type: 'duration',
    default: '30s',
    minimum: '100ms',
    scopable: true,
    inherited: true,
    help: 'Time limit of check.',
  },
  {
    name: 'info_timeout',
    type: 'duration',
    default: '30s',
    minimum: '100ms',
    scopable: true,
    inherited: true,
    help: 'Time limit of info.',
  },
]

const surroundings: readonly Keyword[] = [
  {
    name: 'umask',
    type: 'mode',
    scopable: true,
    help: 'Mask of the permissions of files it makes, in octal.',
    example: '022',
  },
  { name: 'user', type: 'text', scopable: true, help: 'User that runs the commands.', example: 'app' },
  { name: 'group', type: 'text', scopable: true, help: 'Group that runs the commands.', example: 'app' },
  {
    name: 'cwd',
    type: 'text',
    scopable: true,
    help: 'Working directory of the commands.',
    example: '/opt/app',
  },
  {
    name: 'environment',
    type: 'words',
    scopable: true,
    help: 'Variables, NAME=value.',
    example: 'PORT=8080 MODE="very fast"',
  },
]

const limits: readonly Keyword[] = [
  limit('as', 'size', 'Limit of address space.'),
  limit('core', 'size', 'Limit of a core file.'),
  limit('cpu', 'duration', 'Limit of processor time.'),
  limit('data', 'size', 'Limit of the data segment.'),
  limit('fsize', 'size', 'Limit of a file’s size.'),
  limit('memlock', 'size', 'Limit of locked memory.'),
  limit('nofile', 'integer', 'Limit of open files.'),
  limit('nproc', 'integer', 'Limit of processes of the user.'),
  limit('rss', 'size', 'Limit of resident memory.'),
  limit('stack', 'size', 'Limit of the stack.'),
  limit('vmem', 'size', 'Limit of virtual memory.'),
]

/** Of every application. The time limits of start and stop are the common `start_timeout` and `stop_timeout`. */
export const commandKeywords: readonly Keyword[] = [...commands, ...surroundings, ...limits]

export const keywords: readonly Keyword[] = commandKeywords
