import type { Resource, Service, Value } from '../../core/service.js'
import { freeKeyword, type Structure } from '../structure.js'
import type { Keyword } from '../keyword.js'
import { nodesOf } from '../nodes.js'
import type { Position, Problem } from '../problem.js'
import { readKeyword, readSection, type Reading } from '../read.js'
import { written, type Scene } from '../scene.js'
import { groupOf, keywordOf, type Schema } from '../schema.js'
import { suggestion } from '../suggestion.js'
import { withExclusive } from './exclusive.js'
import { checkRelations } from './relations.js'
import { requirementsOf } from './requires.js'
import { implicitSync, numberOf, resourceOf, textOf, wordsOf } from './resource.js'

export interface Setting {
  readonly name: string
  readonly version: string
  readonly clusterNodes: readonly string[]
  readonly clusterName: string
  /** Unknown nodes are problems, not left out. */
  readonly strict: boolean
  readonly structure: Structure
  readonly schema: Schema
  /** Absent while the keyword `nodes` itself is evaluated. */
  readonly nodes?: readonly string[]
}

type Report = (problem: Problem) => void

/** What references may name when a service is evaluated for a node; null: for none in particular. */
export function serviceScene(setting: Setting, node: string | null): Scene {
  const { structure, schema, name, nodes } = setting
  return {
    sections: structure.sections,
    schemaOf: (section) =>
      section === 'DEFAULT' ? schema.service : (structure.schemas.get(section) ?? null),
    node,
    isMember: node !== null && (nodes?.includes(node) ?? false),
    found: new Map(),
    words: {
      name,
      svcname: name,
      path: name,
      svcpath: name,
      nodename: node,
      short_nodename: node?.replace(/\..*$/, '') ?? null,
      clustername: setting.clusterName,
      clusternodes: setting.clusterNodes.join(' '),
    },
  }
}

/** Nodes that may run the service, in the order of the keyword. */
export function membersOf(setting: Setting, report: Report): readonly string[] {
  const keyword = keywordOf(setting.schema.service, 'nodes')
  if (keyword === null) return setting.clusterNodes
  const reading = readingOf(setting, null, report)
  let failed = false
  const value = readKeyword(
    { ...reading, report: (problem) => (report(problem), (failed = true)) },
    'DEFAULT',
    keyword,
  )
  if (failed) return []
  const { nodes, unknown } = nodesOf(wordsOf(value), setting.clusterNodes)
  const at = written(reading.scene, 'DEFAULT', 'nodes')?.valueAt ?? reading.placeOf('DEFAULT')
  const complaints = setting.strict ? unknown : []
  for (const node of complaints) {
    report({
      at,
      what: `DEFAULT.nodes: ${node} is no node of this cluster${suggestion(node, setting.clusterNodes)}`,
    })
  }
  if (nodes.length === 0 && complaints.length === 0)
    report({ at, what: 'DEFAULT.nodes names no node of this cluster' })
  return nodes
}

/** The service as a member node sees it; what is wrong there is reported. */
export function serviceOn(
  setting: Setting & { readonly nodes: readonly string[] },
  node: string,
  report: Report,
): Service {
  const reading = readingOf(setting, node, report)
  const { structure, schema } = setting
  const own = readSection(reading, 'DEFAULT', {
    ...schema.service,
    keywords: schema.service.keywords.filter(({ name }) => name !== 'nodes'),
  })
  const rids = [...structure.sections.keys()].filter((section) => groupOf(section) !== null)
  const resources = rids.map((rid) => readResource(reading, setting, rid, rids))
  const statusMs = numberOf(own['status_timeout']) ?? 60_000
  const service: Service = {
    name: setting.name,
    version: setting.version,
    nodes: setting.nodes,
    topology: chosen(own['topology'], ['failover', 'flex']),
    orchestrate: chosen(own['orchestrate'], ['no', 'start', 'ha']),
    placement: chosen(own['placement'], ['nodes order', 'none', 'load avg']),
    priority: numberOf(own['priority']) ?? 0,
    parents: wordsOf(own['parents']),
    children: wordsOf(own['children']),
    monitorAction: chosen(own['monitor_action'], ['none', 'freezestop', 'switch', 'reboot', 'crash']),
    preMonitorAction: textOf(own['pre_monitor_action']),
    rollback: own['rollback'] === true,
    disable: own['disable'] === true,
    showDisabled: own['show_disabled'] === true,
    onDuplicate: chosen(own['on_duplicate'], ['stop oldest', 'stop newest', 'placement', 'freeze']),
    resources: [...withExclusive(resources), implicitSync('sync', statusMs)],
    parallelSubsets: parallelSubsets(reading, setting),
    env: environment(reading, structure),
  }
  checkRelations(service, setting.strict ? setting.clusterNodes : null, (section, keyword, what) => {
    const at = written(reading.scene, section, keyword)?.valueAt ?? reading.placeOf(section)
    report({ at, what: `${section}.${keyword} ${what}` })
  })
  return service
}

function readResource(reading: Reading, setting: Setting, rid: string, rids: readonly string[]): Resource {
  const schema = setting.structure.schemas.get(rid)
  if (schema === undefined) throw new TypeError(`${rid} has no schema`)
  const values = readSection(reading, rid, schema)
  const others = rids.filter((other) => other !== rid)
  const requires = requirementsOf(values, others, (keyword, what) => {
    const at = written(reading.scene, rid, keyword)?.valueAt ?? reading.placeOf(rid)
    reading.report({ at, what: `${rid}.${keyword} ${what}` })
  })
  const driver = setting.schema.drivers.find(({ section }) => section === schema.section)
  const ownKeywords = new Set(driver?.keywords.map(({ name }) => name))
  return resourceOf({ rid, schema, values, ownKeywords, requires })
}

function parallelSubsets(reading: Reading, setting: Setting): string[] {
  const subsets = [...setting.structure.sections.keys()].filter((section) => section.startsWith('subset#'))
  return subsets.flatMap((section) => {
    const values = readSection(reading, section, setting.schema.subset)
    return values['parallel'] === true ? [section.slice('subset#'.length)] : []
  })
}

function environment(reading: Reading, structure: Structure): Record<string, string> {
  const names = [...(structure.sections.get('env')?.keys() ?? [])].map((key) => key.replace(/@.*$/, ''))
  const keywords = [...new Set(names)]
    .map(freeKeyword)
    .filter((keyword): keyword is Keyword => keyword !== null)
  return Object.fromEntries(
    keywords.map((keyword) => [keyword.name, textOf(readKeyword(reading, 'env', keyword)) ?? '']),
  )
}

function readingOf(setting: Setting, node: string | null, report: Report): Reading {
  const placeOf = (section: string): Position | null => setting.structure.places.get(section) ?? null
  return {
    scene: serviceScene(setting, node),
    clusterNodes: setting.clusterNodes,
    strict: setting.strict,
    placeOf,
    report,
  }
}

// The schema has checked the candidates; the first one stands where a problem was reported.
function chosen<T extends string>(value: Value | undefined, candidates: readonly [T, ...T[]]): T {
  return candidates.find((candidate) => candidate === value) ?? candidates[0]
}
