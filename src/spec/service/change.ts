import { type Failure, ok, type Result } from '../../core/result.js'
import { canonicalText, editText } from '../edit.js'
import { parseService, type ServiceConfig, type ServiceText } from '../service.js'
import { serviceSectionKind } from './sections.js'

/** A configuration as an operator gives it, `--env` overrides included. The value's `text` is what is kept: canonical YAML. */
export function takeService(
  o: ServiceText & { readonly env?: Readonly<Record<string, string>> },
): Result<ServiceConfig, Failure> {
  // As written first, so that places in problems are those of the operator's own text.
  const given = canonicalText(o)
  if (!given.ok) return given
  if (given.value === o.text) return parseService(o)
  const overridden = Object.keys(o.env ?? {}).length > 0
  const asWritten = overridden ? ok(null) : parseService(o)
  return asWritten.ok ? parseService({ ...o, text: given.value }) : asWritten
}

/** Keyword operations as `set --kw` and `unset --kw` take them: the new text validates as a whole, or nothing is changed. */
export function changeService(
  o: ServiceText & { readonly set: readonly string[]; readonly unset: readonly string[] },
): Result<ServiceConfig, Failure> {
  const text = editText({
    text: o.text,
    source: o.source,
    set: o.set,
    unset: o.unset,
    kindOf: serviceSectionKind(o.schema),
  })
  return text.ok ? parseService({ ...o, text: text.value, source: '' }) : text
}
