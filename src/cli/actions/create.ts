import { readFile, stat } from 'node:fs/promises'
import { getSystemErrorMap } from 'node:util'
import { fail, ok, type Result } from '../../core/result.js'
import type { CreateRequest, TargetAnswer } from '../../daemon/api/contract.js'
import { TEXT_LIMIT } from '../../spec/text/limit.js'
import type { Action, Call } from '../command.js'
import { refuse } from '../output.js'
import { oneName } from '../services.js'
import { timeLimit } from './settle.js'
import { pursue } from './targets.js'

/** `create` and, with it, provision and start. */
export const deploy: Action = (call) => make(call, true)

export const create: Action = (call) => make(call, false)

/** A text of the greatest length that a configuration may have takes less than this. */
const MAX_BYTES = 768 * 1024
/** Until the configuration is checked and stored. */
const CREATE_LIMIT_MS = 60_000

async function make(call: Call, deploying: boolean): Promise<number> {
  const request = await requestOf(call, deploying)
  if (!request.ok) return refuse(call.terminal, request.error)
  const time = timeLimit(call)
  if (!time.ok) return refuse(call.terminal, time.error)
  return pursue(call, [request.value.name], time.value, () =>
    call.client.post<TargetAnswer>('/api/services', request.value, CREATE_LIMIT_MS),
  )
}

async function requestOf(call: Call, deploying: boolean): Promise<Result<CreateRequest>> {
  const name = oneName(call.selector)
  if (!name.ok) return name
  const env = assignments(call.options.list('env'))
  if (!env.ok) return env
  const text = await configurationText(call)
  if (!text.ok) return text
  const named = sourceOf(call.options.text('config'))
  return ok({ name: name.value, text: text.value, env: env.value, deploy: deploying, ...named })
}

function assignments(list: readonly string[]): Result<Readonly<Record<string, string>>> {
  const env: Record<string, string> = {}
  for (const text of list) {
    const at = text.indexOf('=')
    if (at < 1) return fail('INVALID', `--env ${text}: write --env name=value`)
    env[text.slice(0, at)] = text.slice(at + 1)
  }
  return ok(env)
}

/** From `--config` or from `--kw`. */
async function configurationText(call: Call): Promise<Result<string>> {
  const source = call.options.text('config')
  const keywords = call.options.list('kw')
  if (source !== null && keywords.length > 0) {
    return fail('INVALID', "give --config or --kw; 'om SERVICE set --kw' changes keywords afterwards")
  }
  if (keywords.length > 0) return fromKeywords(keywords)
  if (source !== null) return readText(call, source)
  return fail('INVALID', 'what shall it be made of? --config=FILE, --config=- for standard input, or --kw')
}

/** What messages call a text that came from `--config`; nothing where standard input, or no file, was given. */
export const sourceOf = (config: string | null): { readonly source?: string } =>
  config === null || config === '-' ? {} : { source: config }

/** A file's text, or standard input's for `-`. */
export async function readText(call: Call, source: string): Promise<Result<string>> {
  const text = await textOf(call, source)
  return text.ok && text.value.length > TEXT_LIMIT ? tooLong(source) : text
}

function tooLong(source: string): Result<never> {
  const what = source === '-' ? 'standard input' : source
  return fail(
    'INVALID',
    `${what} is too long for a configuration, which has ${TEXT_LIMIT} characters at most: is it the right file?`,
  )
}

async function textOf(call: Call, source: string): Promise<Result<string>> {
  if (source === '-') {
    const text = await call.terminal.input(MAX_BYTES)
    return text === null ? tooLong(source) : ok(text)
  }
  try {
    const { size } = await stat(source)
    return size > MAX_BYTES ? tooLong(source) : ok(await readFile(source, 'utf8'))
  } catch (error) {
    return fail('INVALID', `${source} cannot be read: ${systemReason(error)}`)
  }
}

/** `no such file or directory` */
function systemReason(error: unknown): string {
  const { errno } = error as NodeJS.ErrnoException
  return getSystemErrorMap().get(errno ?? 0)?.[1] ?? String(error)
}

/** `--kw fs#1.type=flag --kw nodes=*` as a configuration of its own. */
function fromKeywords(list: readonly string[]): Result<string> {
  const sections: Record<string, Record<string, string>> = {}
  for (const text of list) {
    const parts = /^([^=]+?)=(.*)$/s.exec(text)
    const [, name = '', value = ''] = parts ?? []
    if (parts === null || /[+|-]$/.test(name))
      return fail('INVALID', `--kw ${text}: write --kw [section.]keyword=value`)
    const at = (name.split('@')[0] ?? '').lastIndexOf('.')
    const section = at < 0 ? 'DEFAULT' : name.slice(0, at)
    sections[section] = { ...sections[section], [name.slice(at + 1)]: value }
  }
  const { DEFAULT: first, ...others } = sections
  return ok(JSON.stringify(first === undefined ? others : { DEFAULT: first, ...others }))
}
