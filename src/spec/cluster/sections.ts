import { clusterSections } from '../keywords/cluster.js'
import type { SectionKind } from '../structure.js'
import { suggestion } from '../suggestion.js'
import type { Section } from '../text/document.js'

/** Which kind of section of the cluster's configuration that is. */
export function clusterSectionKind({ name }: Section): SectionKind {
  const [, head, rest = ''] = /^([^#]+#?)(.*)$/.exec(name) ?? []
  const schema = clusterSections.find(({ section }) => section === head)
  const named = schema?.section.endsWith('#') === true
  if (schema !== undefined && named === (rest !== '')) return { ok: true, schema, free: false }
  const known = clusterSections.map(({ section }) => section)
  if (schema !== undefined) return { ok: false, what: `section ${name} needs a name after #, as in ${name}1` }
  return { ok: false, what: `unknown section ${JSON.stringify(name)}${suggestion(name, known)}` }
}
