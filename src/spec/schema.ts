import { GROUPS, type Group } from '../core/service.js'
import type { Keyword, SectionSchema } from './keyword.js'
import { resourceKeywords } from './keywords/resource.js'
import { serviceSection, subsetSection } from './keywords/service.js'

/** Everything that a service's configuration may contain, drivers included. */
export interface Schema {
  readonly drivers: readonly SectionSchema[]
  /** `DEFAULT`: the service's own keywords and those that resources inherit. */
  readonly service: SectionSchema
  readonly subset: SectionSchema
  /** Driver sections with the keywords common to all resources, by `group.type`. */
  readonly resources: ReadonlyMap<string, SectionSchema>
}

/** Puts the drivers' sections (`fs.xfs`, …) beside the keywords that every service and resource has. */
export function schemaOf(drivers: readonly SectionSchema[]): Schema {
  const resources = new Map(drivers.map((driver) => [driver.section, withCommon(driver)]))
  const own = new Set(serviceSection.keywords.map((keyword) => keyword.name))
  const inherited = [...resources.values()]
    .flatMap(({ keywords }) => keywords)
    .filter((keyword) => keyword.inherited)
  const once = new Map(inherited.map((keyword) => [keyword.name, keyword]))
  const lent = [...once.values()].filter((keyword) => !own.has(keyword.name)).map(withoutDefault)
  const service = { ...serviceSection, keywords: [...serviceSection.keywords, ...lent] }
  return { drivers, service, subset: subsetSection, resources }
}

/** The type that a resource of the group has where none is written; null where it must be written. */
export function defaultType(group: Group): string | null {
  switch (group) {
    case 'app':
      return 'forking'
    case 'container':
      return 'docker'
    case 'ip':
      return 'host'
    case 'disk':
      return 'vg'
    case 'fs':
    case 'sync':
      return null
  }
}

/** `fs#1` is of group `fs`; null where the section is no resource. */
export function groupOf(section: string): Group | null {
  const [, group] = /^([^#]+)#./.exec(section) ?? []
  return GROUPS.find((known) => known === group) ?? null
}

/** Types of a group's drivers, in the order of the registry. */
export function typesOf(schema: Schema, group: Group): string[] {
  return schema.drivers.flatMap((driver) => (driver.group === group ? [driver.type ?? ''] : []))
}

/** The keyword of that name or alias. */
export function keywordOf(section: SectionSchema, name: string): Keyword | null {
  return section.keywords.find((keyword) => keyword.name === name || keyword.alias?.includes(name)) ?? null
}

// A driver's own keyword stands before a common one of the same name.
function withCommon(driver: SectionSchema): SectionSchema {
  const own = new Set(driver.keywords.map((keyword) => keyword.name))
  return {
    ...driver,
    keywords: [...driver.keywords, ...resourceKeywords.filter((keyword) => !own.has(keyword.name))],
  }
}

// In DEFAULT an inherited keyword has no value until one is written: each resource knows its own default.
function withoutDefault(keyword: Keyword): Keyword {
  const { default: _, required: __, ...rest } = keyword
  return rest
}
