import type { Action, Command, CommandArgument, CommandOption } from '../command.js'
import { CONFIG, KW, KW_NAME } from './options.js'

const BASE: CommandOption = {
  flags: '--base <version>',
  help: 'refuse where another version than this is in force by now',
}

const EVAL: readonly CommandOption[] = [
  { flags: '--eval', help: 'as this node sees it: scopes, references and defaults resolved' },
  { flags: '--impersonate <node>', help: 'as that node sees it' },
]

const VERSION: CommandArgument = { flags: '<version>', help: 'as in history; its beginning is enough' }

/** What is done to a configuration, a service's or the cluster's. */
export function configurationCommands(scope: 'service' | 'cluster'): readonly Command[] {
  const one = (
    words: string,
    help: string,
    options: readonly CommandOption[],
    load: () => Promise<Action>,
    positional: readonly CommandArgument[] = [],
  ): Command => ({ scope, words, help, options, load, arguments: positional })
  return [
    one('print config', 'the configuration in force', [], async () =>
      (await import('../actions/config.js')).printConfig(scope),
    ),
    one('get', 'the value of a keyword', scope === 'service' ? [KW_NAME, ...EVAL] : [KW_NAME], async () =>
      (await import('../actions/get.js')).getKeyword(scope),
    ),
    one('set', 'change keywords', [KW], async () =>
      (await import('../actions/config.js')).setKeywords(scope),
    ),
    one('unset', 'remove keywords', [KW_NAME], async () =>
      (await import('../actions/config.js')).unsetKeywords(scope),
    ),
    one('edit config', 'change the configuration in $EDITOR', [CONFIG, BASE], async () =>
      (await import('../actions/edit.js')).editConfig(scope),
    ),
    one('validate config', 'check the configuration in force, or a file', [CONFIG], async () =>
      (await import('../actions/config.js')).validateConfig(scope),
    ),
    one('history', 'every version that was accepted', [], async () =>
      (await import('../actions/history.js')).history(scope),
    ),
    one(
      'diff',
      'what changed between two versions (default: the last change)',
      [],
      async () => (await import('../actions/history.js')).diff(scope),
      [
        { flags: '[from]', help: VERSION.help },
        { flags: '[to]', help: 'default: the one in force' },
      ],
    ),
    one(
      'restore',
      'bring an older version into force again',
      [],
      async () => (await import('../actions/history.js')).restore(scope),
      [VERSION],
    ),
  ]
}
