import type { CommandOption } from '../command.js'

/** Options that every command has. */
export const COMMON: readonly CommandOption[] = [
  { flags: '--format <format>', help: 'table, json or yaml' },
  { flags: '--color <when>', help: 'auto, always or never' },
]

export const WAIT: readonly CommandOption[] = [
  { flags: '--wait', help: 'return when it is done (the default on a terminal)' },
  { flags: '--no-wait', help: 'return as soon as it is asked for' },
  { flags: '--time <duration>', help: 'give up after this long' },
]

export const RID: CommandOption = {
  flags: '--rid <rids>',
  help: 'only these resources (fs#1, fs, fs.xfs)',
  repeat: 'commas',
}

export const INSTANCE: CommandOption = { flags: '--local', help: "act on this node's instance alone" }

/** Narrowing an action to resources implies `--local`. */
export const LOCAL: readonly CommandOption[] = [
  INSTANCE,
  RID,
  { flags: '--tags <tags>', help: 'only resources with one of these tags, a+b for both', repeat: 'commas' },
  { flags: '--subsets <subsets>', help: 'only resources of these subsets', repeat: 'commas' },
  { flags: '--upto <rid>', help: 'start up to this resource or group, included' },
  { flags: '--downto <rid>', help: 'stop down to this resource or group, included' },
  { flags: '--force', help: 'of a stop: standby resources too' },
]

export const DRY_RUN: CommandOption = {
  flags: '--dry-run',
  help: 'print what each node would run, in order, and run nothing',
}

export const YES: CommandOption = { flags: '--yes', help: 'do not ask' }

export const KW: CommandOption = {
  flags: '--kw <assignment>',
  help: '[section.]keyword[@node]=value; += adds a word, -= removes one, |= adds a missing one',
  repeat: 'values',
}

export const KW_NAME: CommandOption = {
  flags: '--kw <name>',
  help: '[section.]keyword[@node]',
  repeat: 'values',
}

export const CONFIG: CommandOption = {
  flags: '--config <file>',
  help: 'YAML, JSON or INI; - is standard input',
}

export const LOGS: readonly CommandOption[] = [
  { flags: '-f, --follow', help: 'go on with new lines as they come' },
  { flags: '--since <duration>', help: 'not older than this: 1h, 30m' },
  { flags: '--rid <rid>', help: 'only this resource' },
  { flags: '--level <level>', help: 'at least debug, info, warn or error' },
  { flags: '--node <node>', help: 'only what this node says' },
  { flags: '-n, --lines <number>', help: 'at most this many lines, the newest (default: 1000)' },
]
