import { flagOf, listOf, numberOf, requiredText, textOf, type Context } from '../../driver.js'
import { engineFor } from '../engines.js'
import { LABEL } from './labels.js'
import { namespaceOption, namespacesOf } from './namespaces.js'

/** The whole `docker run` (`podman run`) command of a container resource. */
export function runCommand(ctx: Context): readonly string[] {
  const { resource } = ctx
  return [
    engineFor(resource).name,
    'run',
    `--name=${requiredText(resource, 'name')}`,
    ...withoutManaged(listOf(resource, 'run_args'), managedOptions(ctx)),
    ...(flagOf(resource, 'detach') ? ['--detach'] : []),
    ...namespacesOf(resource).map((namespace) => namespaceOption(ctx.service, namespace)),
    ...options(ctx),
    ...identity(ctx),
    ...labels(ctx),
    requiredText(resource, 'image'),
    ...entrypointArguments(ctx),
    ...listOf(resource, 'command'),
  ]
}

function options(ctx: Context): readonly string[] {
  const { resource } = ctx
  const text = (option: string, value: string | null): readonly string[] =>
    value === null ? [] : [`--${option}=${value}`]
  const flag = (keyword: string, option: string): readonly string[] =>
    flagOf(resource, keyword) ? [`--${option}`] : []
  return [
    ...text('pull', textOf(resource, 'image_pull_policy') === 'never' ? 'never' : null),
    ...text('hostname', hostnameOf(ctx)),
    ...text('user', textOf(resource, 'user')),
    ...text('workdir', textOf(resource, 'cwd')),
    ...text('entrypoint', listOf(resource, 'entrypoint')[0] ?? null),
    ...flag('privileged', 'privileged'),
    ...flag('interactive', 'interactive'),
    ...flag('tty', 'tty'),
    ...flag('init', 'init'),
    ...flag('read_only', 'read-only'),
    ...listOf(resource, 'volume_mounts').map((mount) => `--volume=${mount}`),
    ...listOf(resource, 'devices').map((device) => `--device=${device}`),
    ...listOf(resource, 'environment').map((variable) => `--env=${variable}`),
  ]
}

/** An engine takes a host name only where the container has a network namespace of its own. */
export function hostnameOf(ctx: Context): string | null {
  const own = (textOf(ctx.resource, 'netns') ?? 'none') === 'none'
  return own ? textOf(ctx.resource, 'hostname') : null
}

/** By these the guard finds every process of the service, and programs within learn whose they are. */
function identity(ctx: Context): readonly string[] {
  return [
    `--env=LONGSHORE_SERVICE=${ctx.service.name}`,
    `--env=LONGSHORE_RID=${ctx.resource.rid}`,
    `--env=LONGSHORE_NODE=${ctx.node}`,
    ...(ctx.generation === null ? [] : [`--env=LONGSHORE_GENERATION=${ctx.generation}`]),
  ]
}

function labels(ctx: Context): readonly string[] {
  return [
    `--label=${LABEL.service}=${ctx.service.name}`,
    `--label=${LABEL.rid}=${ctx.resource.rid}`,
    `--label=${LABEL.node}=${ctx.node}`,
    ...(ctx.generation === null ? [] : [`--label=${LABEL.generation}=${ctx.generation}`]),
  ]
}

/** The engine's option takes the program alone; its first arguments go before the command. */
const entrypointArguments = (ctx: Context): readonly string[] => listOf(ctx.resource, 'entrypoint').slice(1)

/** Options that have a keyword of their own win over `run_args`; `value`: whether the option takes one. */
interface Managed {
  readonly names: readonly string[]
  readonly value: boolean
}

const ALWAYS: readonly Managed[] = [
  { names: ['--name'], value: true },
  { names: ['--net', '--network'], value: true },
  { names: ['--detach', '-d'], value: false },
  { names: ['--rm'], value: false },
  { names: ['--restart'], value: true },
]

/** By keyword: dropped from `run_args` where the keyword is set. */
const BY_KEYWORD: Readonly<Record<string, Managed>> = {
  pidns: { names: ['--pid'], value: true },
  ipcns: { names: ['--ipc'], value: true },
  utsns: { names: ['--uts'], value: true },
  userns: { names: ['--userns'], value: true },
  hostname: { names: ['--hostname', '-h'], value: true },
  user: { names: ['--user', '-u'], value: true },
  cwd: { names: ['--workdir', '-w'], value: true },
  entrypoint: { names: ['--entrypoint'], value: true },
  privileged: { names: ['--privileged'], value: false },
  interactive: { names: ['--interactive', '-i'], value: false },
  tty: { names: ['--tty', '-t'], value: false },
  init: { names: ['--init'], value: false },
  read_only: { names: ['--read-only'], value: false },
}

function managedOptions(ctx: Context): readonly Managed[] {
  const set = Object.entries(BY_KEYWORD).filter(([keyword]) => isSet(ctx, keyword))
  return [...ALWAYS, ...set.map(([, managed]) => managed)]
}

function isSet(ctx: Context, keyword: string): boolean {
  const value = ctx.resource.keywords[keyword]
  return Array.isArray(value) ? value.length > 0 : value !== null && value !== undefined && value !== false
}

/** The words without the managed options, in whichever of the engine's spellings: `--net=x`, `--net x`, `-u x`, `-ux`, `-dit`. */
function withoutManaged(words: readonly string[], managed: readonly Managed[]): readonly string[] {
  const kept: string[] = []
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? ''
    const option = managed.find(({ names }) => names.includes(word.replace(/=.*$/s, '')))
    const short = option === undefined ? withoutShort(word, managed) : null
    if (option === undefined) kept.push(...(short === '' || short === null ? [] : [short]))
    else if (option.value && !word.includes('=')) i += 1
  }
  return kept
}

/** A cluster of one-letter flags loses the managed ones; empty where none is left. Other words stay as they are. */
function withoutShort(word: string, managed: readonly Managed[]): string {
  const attached = managed.some(({ names, value }) => value && names.includes(word.slice(0, 2)))
  if (attached && /^-[a-z]./.test(word)) return ''
  if (!/^-[dit]{2,}$/.test(word)) return word
  const letters = Array.from(word.slice(1)).filter(
    (letter) => !managed.some(({ names }) => names.includes(`-${letter}`)),
  )
  return letters.length === 0 ? '' : `-${letters.join('')}`
}

/** User as a number and group, where both that the container's first process has are known without its image. */
export function numericOwner(ctx: Context): { readonly uid: number; readonly gid: number } | null {
  const user = textOf(ctx.resource, 'user') ?? optionValue(listOf(ctx.resource, 'run_args'), ['--user', '-u'])
  const match = /^(\d+)(?::(\d+))?$/.exec(user ?? '')
  if (match === null) return null
  return { uid: Number(match[1]), gid: Number(match[2] ?? 0) }
}

/** The last value given for an option. */
function optionValue(words: readonly string[], names: readonly string[]): string | null {
  return optionValues(words, names).at(-1) ?? null
}

/** Values of an option in an argument list, written as `--name value` or `--name=value`. */
export function optionValues(words: readonly string[], names: readonly string[]): readonly string[] {
  return words.flatMap((word, i) => {
    for (const name of names) {
      const next = words[i + 1]
      if (word === name) return next === undefined ? [] : [next]
      if (word.startsWith(`${name}=`)) return [word.slice(name.length + 1)]
      if (!name.startsWith('--') && word.startsWith(name)) return [word.slice(name.length)]
    }
    return []
  })
}

/** From SIGTERM to SIGKILL. Where everything has to be down soon, half of that time is for the rest. */
export function stopSeconds(ctx: Context): number {
  const ownMs = numberOf(ctx.resource, 'stop_timeout') ?? DEFAULT_STOP_MS
  return ctx.withinMs === undefined
    ? Math.ceil(ownMs / 1000)
    : Math.floor(Math.min(ownMs, ctx.withinMs / 2) / 1000)
}

const DEFAULT_STOP_MS = 10_000
