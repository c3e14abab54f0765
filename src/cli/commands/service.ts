import type { TargetRequest } from '../../daemon/api/contract.js'
import type { Action, Command, CommandArgument, CommandOption } from '../command.js'
import { configurationCommands } from './configuration.js'
import { CONFIG, DRY_RUN, INSTANCE, KW, LOCAL, LOGS, RID, WAIT, YES } from './options.js'

const ENV: CommandOption = {
  flags: '--env <assignment>',
  help: 'name=value: replaces a value of the env section',
  repeat: 'values',
}

const NODE: CommandOption = { flags: '--node <node>', help: 'where to' }

/** `om SERVICE …`. */
export const serviceCommands: readonly Command[] = [
  service(
    'deploy',
    'create the service, provision it and start it on its best node',
    [CONFIG, KW, ENV, ...WAIT],
    async () => (await import('../actions/create.js')).deploy,
  ),
  service(
    'create',
    'create the service from a configuration',
    [CONFIG, KW, ENV],
    async () => (await import('../actions/create.js')).create,
  ),
  target('provision', 'make what its resources need: volume groups, filesystems, directories', [
    ...LOCAL,
    ...WAIT,
  ]),
  target('unprovision', 'destroy what its resources are made of, data included', [...LOCAL, YES, ...WAIT]),
  target('purge', 'unprovision and delete', [YES, ...WAIT]),
  target('delete', 'forget its configuration; resources stay as they are', WAIT),
  target('start', 'start it on its best node', [...LOCAL, DRY_RUN, ...WAIT]),
  target('stop', 'stop it everywhere and leave it frozen', [...LOCAL, DRY_RUN, ...WAIT]),
  target('restart', 'stop and start it where it is up', [...LOCAL, ...WAIT]),
  target(
    'switch',
    'move it to another node: the best one, or the one named',
    [NODE, DRY_RUN, ...WAIT],
    [{ flags: '[node]', help: 'where to' }],
  ),
  target('takeover', 'move it to this node', WAIT),
  target('giveback', 'move it to its best node', WAIT),
  target('freeze', 'keep the orchestrator away from it', [INSTANCE, ...WAIT]),
  target('thaw', 'let the orchestrator act on it again', [INSTANCE, ...WAIT]),
  target('clear', 'end failed states, so that the orchestrator may act again', []),
  target('abort', 'end the target state that is set', []),
  service(
    'enable',
    'take the service, or resources of it, into use again',
    [RID],
    async () => (await import('../actions/enable.js')).enable,
  ),
  service(
    'disable',
    'leave the service, or resources of it, out of every action',
    [RID],
    async () => (await import('../actions/enable.js')).disable,
  ),
  service(
    'print status',
    'its instances, and the resources of the one on this node',
    [],
    async () => (await import('../actions/status.js')).printServiceStatus,
  ),
  service(
    'status',
    'its availability; the exit code is its number',
    [],
    async () => (await import('../actions/status.js')).serviceStatus,
  ),
  service(
    'logs',
    'what happened to it, on all nodes, in the order of time',
    LOGS,
    async () => (await import('../actions/logs.js')).serviceLogs,
  ),
  service(
    'events',
    'what happens to it, as JSON, a line an event',
    [],
    async () => (await import('../actions/events.js')).serviceEvents,
  ),
  ...configurationCommands('service'),
]

function service(
  words: string,
  help: string,
  options: readonly CommandOption[],
  load: () => Promise<Action>,
): Command {
  return { scope: 'service', words, help, options, load }
}

/** An action that sets a target state, or with `--local` acts on one instance. */
function target(
  action: TargetRequest['action'],
  help: string,
  options: readonly CommandOption[],
  positional: readonly CommandArgument[] = [],
): Command {
  const load = async (): Promise<Action> => (await import('../actions/act.js')).act(action)
  return { scope: 'service', words: action, arguments: positional, help, options, load }
}
