import { GROUPS } from '../core/service.js'
import type { Keyword, SectionSchema } from './keyword.js'
import { defaultType, typesOf, type Schema } from './schema.js'

export type Json = string | number | boolean | null | readonly Json[] | JsonObject

export interface JsonObject {
  readonly [key: string]: Json
}

/** JSON Schema (draft-07) of `services.d/NAME.yaml`, for editors: names, types, candidates and help. References always pass. */
export function jsonSchema(schema: Schema): Json {
  const definitions = new Definitions()
  const groups = GROUPS.filter((group) => group !== 'sync').map((group): readonly [string, Json] => {
    const drivers = [...schema.resources.values()].filter((driver) => driver.group === group)
    return [`^${group}#[\\w.-]+$`, resource(drivers, typesOf(schema, group), defaultType(group), definitions)]
  })
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Longshore service',
    type: 'object',
    properties: {
      DEFAULT: section(schema.service, definitions),
      env: { type: 'object', additionalProperties: { type: [...SCALAR] } },
    },
    patternProperties: {
      ...Object.fromEntries(groups),
      '^subset#\\w+:\\S+$': section(schema.subset, definitions),
    },
    additionalProperties: false,
    definitions: definitions.all(),
  }
}

const SCALAR = ['string', 'number', 'boolean', 'null'] as const

// Many sections share a keyword: each is described once.
class Definitions {
  private readonly names = new Map<Keyword, string>()

  ref(keyword: Keyword): Json {
    const known = this.names.get(keyword)
    if (known !== undefined) return { $ref: `#/definitions/${known}` }
    const taken = new Set(this.names.values())
    let name = keyword.name
    for (let n = 2; taken.has(name); n += 1) name = `${keyword.name}-${n}`
    this.names.set(keyword, name)
    return { $ref: `#/definitions/${name}` }
  }

  all(): Json {
    return Object.fromEntries([...this.names].map(([keyword, name]) => [name, value(keyword)]))
  }
}

function resource(
  drivers: readonly SectionSchema[],
  types: readonly string[],
  fallback: string | null,
  definitions: Definitions,
): Json {
  return {
    type: 'object',
    properties: { type: { enum: types } },
    required: fallback === null ? ['type'] : [],
    anyOf: drivers.map((driver) => ({
      ...section(driver, definitions),
      properties: { type: { const: driver.type ?? '' } },
      required: driver.type === fallback ? [] : ['type'],
    })),
  }
}

function section({ help, keywords }: SectionSchema, definitions: Definitions): JsonObject {
  const patterns = keywords.flatMap((keyword) =>
    names(keyword).map((name): readonly [string, Json] => [name, definitions.ref(keyword)]),
  )
  return {
    type: 'object',
    description: help,
    patternProperties: Object.fromEntries(patterns),
    additionalProperties: false,
  }
}

function names(keyword: Keyword): string[] {
  const scope = keyword.scopable === true ? '(@[\\w.-]+)?' : ''
  return [keyword.name, ...(keyword.alias ?? [])].map((name) => `^${name}${scope}$`)
}

function value(keyword: Keyword): Json {
  const example = keyword.example === undefined ? '' : ` Example: ${keyword.example}`
  const described: Json = { description: keyword.help + example, ...fallback(keyword) }
  if (keyword.candidates === undefined) return { ...described, type: [...SCALAR] }
  return { ...described, anyOf: [{ enum: keyword.candidates }, { type: 'string', pattern: '[{$]' }] }
}

const fallback = (keyword: Keyword): JsonObject =>
  keyword.default === undefined ? {} : { default: keyword.default }
