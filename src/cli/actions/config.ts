import { ok } from '../../core/result.js'
import { isPlain } from '../../core/selector.js'
import type { Action, Call } from '../command.js'
import { changeEach, configurations, oneConfiguration, type ConfigurationScope } from '../configuration.js'
import { refuse } from '../output.js'
import { sectionsOf, type Sections } from '../sections.js'
import { readText, sourceOf } from './create.js'

/** The text in force as it is; in the other formats its sections and keywords. */
export function printConfig(scope: ConfigurationScope): Action {
  return async (call) => {
    const meant = await configurations(call, scope)
    if (!meant.ok) return refuse(call.terminal, meant.error)
    const several = scope === 'service' && !isPlain(call.selector)
    const all: Record<string, Sections> = {}
    let failed = false
    for (const configuration of meant.value) {
      const answer = await configuration.read()
      if (!answer.ok) {
        refuse(call.terminal, answer.error)
        failed = true
      } else if (call.format === 'json') all[configuration.label] = await sectionsOf(answer.value.text)
      else printText(call, answer.value.text, several ? configuration.label : null)
    }
    if (call.format === 'json') {
      const value = several ? all : (Object.values(all)[0] ?? null)
      call.terminal.out(`${JSON.stringify(value, null, 2)}\n`)
    }
    return failed ? 1 : 0
  }
}

function printText(call: Call, text: string, label: string | null): void {
  const head = label === null ? '' : `--- # ${label}\n`
  call.terminal.out(head + (text.endsWith('\n') ? text : `${text}\n`))
}

/** `set --kw KEYWORD=VALUE …`: all of them or none. */
export function setKeywords(scope: ConfigurationScope): Action {
  return (call) => {
    const set = call.options.list('kw')
    if (set.length === 0) return Promise.resolve(refuse(call.terminal, missing('set')))
    return changeEach(call, scope, (configuration) => configuration.change({ set }))
  }
}

/** `unset --kw KEYWORD …`: all of them or none. */
export function unsetKeywords(scope: ConfigurationScope): Action {
  return (call) => {
    const unset = call.options.list('kw')
    if (unset.length === 0) return Promise.resolve(refuse(call.terminal, missing('unset')))
    return changeEach(call, scope, (configuration) => configuration.change({ unset }))
  }
}

export const missing = (
  verb: 'get' | 'set' | 'unset',
): { readonly code: 'INVALID'; readonly message: string } => ({
  code: 'INVALID',
  message: `which keyword? ${verb} --kw [section.]keyword${verb === 'set' ? '=value' : ''}`,
})

/** Checks the text in force, or a file as it would be taken. Nothing changes. */
export function validateConfig(scope: ConfigurationScope): Action {
  return async (call) => {
    const source = call.options.text('config')
    const given = source === null ? null : await readText(call, source)
    if (given !== null && !given.ok) return refuse(call.terminal, given.error)
    if (given !== null) {
      const one = oneConfiguration(call, scope)
      if (!one.ok) return refuse(call.terminal, one.error)
    }
    return changeEach(call, scope, async (configuration) => {
      const text = given === null ? await configuration.read() : ok({ text: given.value })
      if (!text.ok) return text
      return configuration.change({ text: text.value.text, ...sourceOf(source), validateOnly: true })
    })
  }
}
