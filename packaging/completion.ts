import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command, CommandOption, Scope } from '../src/cli/command.js'
import { COMMON } from '../src/cli/commands/options.js'
import { commands } from '../src/cli/table.js'
import { driverSections } from '../src/resources/sections.js'
import { clusterChapters, serviceChapters, type Chapter } from '../src/spec/catalogue.js'
import { schemaOf } from '../src/spec/schema.js'

/** Programs that it completes. */
export const completed = ['om', 'svcmon', 'svcmgr', 'nodemgr'] as const

/** bash's completion: what is fixed as tables from the catalogue, then the function that reads them. */
export function completionText(): string {
  const service = serviceChapters(schemaOf(driverSections))
  const cluster = clusterChapters()
  const scopes: readonly Scope[] = ['service', 'node', 'cluster', 'daemon', 'alone']
  const own = (scope: Scope): readonly string[] =>
    commands.filter((command) => command.scope === scope).map((command) => command.words)
  const key = ({ scope, words }: Command): string => `${scope} ${words}`
  return [
    '# bash completion of om, svcmon, svcmgr and nodemgr. Made from the catalogue of commands and keywords.',
    assigned(
      'commands',
      scopes.map((scope) => [scope, own(scope).join('\n')]),
    ),
    assigned(
      'options',
      commands.map((command) => [key(command), optionsOf(command).join(' ')]),
    ),
    assigned(
      'arguments',
      commands.flatMap((command) =>
        command.arguments?.length ? [[key(command), argumentOf(command)] as const] : [],
      ),
    ),
    assigned('words', [
      ['service keyword', keywords(service, 'DEFAULT')],
      ['cluster keyword', keywords(cluster, null)],
      ['topic', [...topics([...service, ...cluster]), ...scopes, ...commands.map(firstWord)].join(' ')],
    ]),
    readFileSync(join(import.meta.dirname, 'debian/completion.bash'), 'utf8'),
  ].join('\n')
}

/** An associative array of the shell. */
function assigned(name: string, entries: readonly (readonly [string, string])[]): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`
  const lines = entries.map(([key, value]) => `  [${quoted(key)}]=${quoted(value)}`)
  return [`declare -gA _longshore_${name}=(`, ...lines, ')'].join('\n')
}

/** `--node:node`, `-n:number`, `--dry-run`: what follows the colon is what its value is. */
function optionsOf(command: Command): readonly string[] {
  return [...command.options, ...COMMON]
    .flatMap((option) => {
      const flags = [...option.flags.matchAll(/--?[a-z][a-z-]*/g)].map(([flag]) => flag)
      const value = valueOf(option)
      return flags.map((flag) => (value === null ? flag : `${flag}:${value}`))
    })
    .concat('--help')
}

function valueOf({ flags }: CommandOption): string | null {
  const value = /<([a-z]+)>/.exec(flags)?.[1]
  if (value === undefined) return null
  return flags.startsWith('--kw') ? 'keyword' : value
}

const argumentOf = ({ arguments: all = [] }: Command): string =>
  all.map(({ flags }) => flags.replaceAll(/[^a-z]/g, '')).join(' ')

const firstWord = ({ words }: Command): string => words.split(' ')[0] ?? words

/** As `--kw` takes them: those of the section `plain` without its name; those of numbered sections only with an index, which nobody knows here. */
function keywords(chapters: readonly Chapter[], plain: string | null): string {
  return chapters
    .filter(({ written }) => !written.includes('#') && written !== 'every resource')
    .flatMap(({ name, keywords: own }) =>
      own.map((keyword) => (name === plain ? keyword.name : `${name}.${keyword.name}`)),
    )
    .join(' ')
}

/** As `om help` takes them. */
function topics(chapters: readonly Chapter[]): readonly string[] {
  return chapters.flatMap(({ name, keywords: own }) => {
    const section = name.replace(/#$/, '')
    return [section, ...own.map((keyword) => `${section}.${keyword.name}`)]
  })
}
