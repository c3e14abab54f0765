import type { Keyword, SectionSchema } from './keyword.js'
import { clusterSections } from './keywords/cluster.js'
import { resourceKeywords } from './keywords/resource.js'
import { envSection, serviceSection, subsetSection } from './keywords/service.js'
import type { Schema } from './schema.js'

/** A chapter of the reference: one kind of section with the keywords that it has of its own. */
export interface Chapter {
  /** How the section is written: `DEFAULT`, `fs#NAME with type: xfs`, `hook#NAME`. */
  readonly written: string
  /** How `om help` names it: `fs.xfs`, `resource`, `heartbeat`. */
  readonly name: string
  readonly help: string
  readonly keywords: readonly Keyword[]
}

/** Everything that may be written in a service's configuration, in the order of the reference. */
export function serviceChapters(schema: Schema): readonly Chapter[] {
  const drivers = schema.drivers.filter(({ group }) => group !== 'sync')
  return [
    chapter(serviceSection, 'DEFAULT'),
    {
      name: 'resource',
      written: 'every resource',
      help: 'Keywords that every resource takes, whatever its driver. Those marked “inherited” may stand in DEFAULT, for all resources.',
      keywords: resourceKeywords,
    },
    ...drivers.map((driver) => chapter(driver, `${driver.group}#NAME with type: ${driver.type}`)),
    chapter(subsetSection, 'subset#GROUP:NAME'),
    chapter(envSection, 'env'),
  ]
}

/** Everything that may be written in the cluster's configuration. */
export function clusterChapters(): readonly Chapter[] {
  return clusterSections.map((section) => chapter(section, section.section.replace(/#$/, '#NAME')))
}

function chapter(section: SectionSchema, written: string): Chapter {
  return { name: section.section, written, help: section.help, keywords: section.keywords }
}

/** `duration, at least 100ms`; `no, start or ha`. */
export function typeWords(keyword: Keyword): string {
  if (keyword.candidates !== undefined) return keyword.candidates.join(' | ')
  const least =
    keyword.minimum === undefined || keyword.minimum === '0s' ? '' : `, ${keyword.minimum} or more`
  return typeName(keyword) + least
}

function typeName({ type }: Keyword): string {
  switch (type) {
    case 'words':
      return 'shell words'
    case 'mode':
      return 'octal permissions'
    case 'number':
    case 'text':
    case 'integer':
    case 'boolean':
    case 'duration':
    case 'size':
    case 'size or percentage':
    case 'list':
    case 'nodes':
    case 'boolean or nodes':
      return type
  }
}
