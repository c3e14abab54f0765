import type { Client } from './client.js'
import type { Options } from './options.js'
import type { Paint } from './render/paint.js'
import type { Terminal } from './terminal.js'

/** `om SERVICE …`, `om node …`, `om cluster …`, `om daemon …`, or `om …` alone. */
export type Scope = 'service' | 'node' | 'cluster' | 'daemon' | 'alone'

/** A command as data: what binds, helps and completes it. */
export interface Command {
  readonly scope: Scope
  /** As typed, joined by spaces; an underscore or a dash does as well. */
  readonly words: string
  /** Positional arguments in commander's notation: `[node]`, `<token>`. */
  readonly arguments?: readonly CommandArgument[]
  readonly options: readonly CommandOption[]
  readonly help: string
  /** Loads what carries it out, and nothing before it is wanted. */
  readonly load: () => Promise<Action>
}

export interface CommandArgument {
  readonly flags: string
  readonly help: string
}

export interface CommandOption {
  /** In commander's notation: `-n, --lines <number>`. */
  readonly flags: string
  readonly help: string
  /** May be given several times, and each value may hold several, separated by commas where `commas`. */
  readonly repeat?: 'values' | 'commas'
}

/** Resolves to the exit code. */
export type Action = (call: Call) => Promise<number>

export type Format = 'table' | 'json' | 'yaml'

/** One command line, understood. */
export interface Call {
  /** Which services; empty outside their scope. */
  readonly selector: string
  readonly arguments: readonly string[]
  readonly options: Options
  readonly format: Format
  readonly paint: Paint
  readonly client: Client
  readonly terminal: Terminal
}
