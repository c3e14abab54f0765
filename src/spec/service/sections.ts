import { GROUPS, type Group } from '../../core/service.js'
import { envSection } from '../keywords/service.js'
import { defaultType, groupOf, typesOf, type Schema } from '../schema.js'
import type { SectionKind } from '../structure.js'
import { suggestion } from '../suggestion.js'
import type { Section } from '../text/document.js'

/** Which kind of section of a service that is: `DEFAULT`, `env`, `subset#group:name`, or a resource of some driver. */
export function serviceSectionKind(schema: Schema): (section: Section) => SectionKind {
  return (section) => {
    if (section.name === 'DEFAULT') return { ok: true, schema: schema.service, free: false }
    if (section.name === 'env') return { ok: true, schema: envSection, free: true }
    if (section.name.startsWith('subset#')) return subset(schema, section.name)
    const group = groupOf(section.name)
    return group === null ? unknown(section.name) : resource(schema, group, section)
  }
}

function subset(schema: Schema, name: string): SectionKind {
  const [, group] = /^subset#(\w+):\S+$/.exec(name) ?? []
  if (GROUPS.some((known) => known === group)) return { ok: true, schema: schema.subset, free: false }
  return { ok: false, what: `section ${name} must name a group and a part of it, as in subset#fs:data` }
}

function unknown(name: string): SectionKind {
  const [head = ''] = name.split('#')
  const known = ['DEFAULT', 'env', 'subset', ...GROUPS.filter((group) => group !== 'sync')]
  if (known.includes(head))
    return { ok: false, what: `section ${name} needs a name after ${head}, as in ${head}#1` }
  return { ok: false, what: `unknown section ${JSON.stringify(name)}${suggestion(head, known)}` }
}

function resource(schema: Schema, group: Group, section: Section): SectionKind {
  const { name } = section
  if (group === 'sync') {
    return {
      ok: false,
      what: `${name}: sync resources are not written; sync#i0, which replicates the configuration, is always there`,
    }
  }
  if (!/^[a-z]+#[\w.-]{1,60}$/.test(name)) {
    return { ok: false, what: `${JSON.stringify(name)}: the name after # is letters, digits, _, . and -` }
  }
  const entry = section.entries.find(({ key }) => key === 'type')
  const types = typesOf(schema, group)
  const type = entry?.value.trim() ?? defaultType(group)
  if (type === null) return { ok: false, what: `${name} needs type: one of ${types.join(', ')}` }
  const found = schema.resources.get(`${group}.${type}`)
  if (found !== undefined) return { ok: true, schema: found, free: false }
  const what = `${name}.type must be one of ${types.join(', ')}, not ${JSON.stringify(type)}${nearType(type, types)}`
  return entry === undefined ? { ok: false, what } : { ok: false, what, at: entry.valueAt }
}

function nearType(type: string, types: readonly string[]): string {
  const hint = suggestion(type, types)
  return hint.startsWith('; did') ? hint : ''
}
