import { fail, ok, type Failure, type Result } from '../../core/result.js'
import type { Keyword } from '../keyword.js'
import { parsePath } from '../operation.js'
import { valueOf } from '../scene.js'
import { keywordOf } from '../schema.js'
import type { ServiceConfig } from '../service.js'
import { suggestion } from '../suggestion.js'

export interface Question {
  readonly config: ServiceConfig
  /** `[section.]key[@scope]` */
  readonly keyword: string
  /** Evaluate as this node sees it: scoping, inheritance, defaults, references. Null: as it is written. */
  readonly as: string | null
}

/** The text of one keyword. A keyword without a value is a failure: scripts shall notice. */
export function getKeyword({ config, keyword, as }: Question): Result<string, Failure> {
  const path = parsePath(keyword)
  if (!path.ok) return path
  const { section, key, scope } = path.value
  const scene = config.sceneOn(as ?? config.nodes[0] ?? '')
  const schema = scene.schemaOf(section)
  const entries = scene.sections.get(section)
  if (schema === null || (entries === undefined && section !== 'DEFAULT')) {
    return fail(
      'UNKNOWN',
      `${config.name} has no section ${section}${suggestion(section, [...scene.sections.keys()])}`,
    )
  }
  const known = keywordOf(schema, key)
  const name = known?.name ?? key
  const written = entries?.get(scope === null ? name : `${name}@${scope}`)
  if (known === null && written === undefined && section !== 'env') {
    return fail(
      'UNKNOWN',
      `${section} has no keyword ${JSON.stringify(key)}${suggestion(
        key,
        schema.keywords.map((each) => each.name),
      )}`,
    )
  }
  if (as === null || scope !== null) return written === undefined ? unset(keyword, known) : ok(written.value)
  const found = valueOf(scene, section, name)
  if (!found.ok) return fail('INVALID', found.error.what)
  return found.value === null ? unset(keyword, known) : ok(found.value.text)
}

function unset(keyword: string, known: Keyword | null): Result<never, Failure> {
  const fallback = known?.default === undefined ? '' : `; its default is ${known.default}`
  return fail('UNKNOWN', `${keyword} is not set${fallback}`)
}
