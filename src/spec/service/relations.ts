import { NAMESPACES } from '../../core/namespaces.js'
import type { Resource, Service } from '../../core/service.js'
import { nameProblem } from './name.js'
import { suggestion } from '../suggestion.js'
import { textOf } from './resource.js'

/** `section` and `keyword` say where the reader finds it. */
export type Report = (section: string, keyword: string, what: string) => void

/** What no keyword shows alone: references between resources, and two resources that claim the same thing. */
export function checkRelations(
  service: Service,
  clusterNodes: readonly string[] | null,
  report: Report,
): void {
  const active = service.resources.filter((resource) => !resource.disable)
  namespaces(service.resources, report)
  namespaceLoops(service.resources, report)
  for (const keyword of ['mnt', 'ipname', 'file']) unique(active, keyword, report)
  unique(
    active.filter(({ group }) => group === 'container'),
    'name',
    report,
  )
  for (const keyword of ['parents', 'children'] as const) {
    for (const other of service[keyword]) {
      const what = relativeProblem(service.name, other, clusterNodes)
      if (what !== null) report('DEFAULT', keyword, what)
    }
  }
}

function namespaces(resources: readonly Resource[], report: Report): void {
  const engines = new Map(
    resources.filter(({ group }) => group === 'container').map(({ rid, type }) => [rid, type]),
  )
  const containers = [...engines.keys()]
  for (const { rid, group, type, keywords } of resources) {
    for (const keyword of NAMESPACES) {
      const target = textOf(keywords[keyword])
      if (target === null || (group === 'container' && !target.includes('#'))) continue
      if (target === rid) report(rid, keyword, 'names the container itself')
      else if (!containers.includes(target)) {
        report(
          rid,
          keyword,
          `names ${target}, which is no container of this service${suggestion(target, containers)}`,
        )
      } else if (group === 'container' && engines.get(target) !== type) {
        report(
          rid,
          keyword,
          `names ${target}, which ${engines.get(target)} runs: a container shares namespaces with containers of its own engine (${type}) alone; give both the same type`,
        )
      }
    }
  }
}

function namespaceLoops(resources: readonly Resource[], report: Report): void {
  const owner = new Map(resources.map(({ rid, keywords }) => [rid, textOf(keywords['netns'])]))
  for (const { rid, group } of resources) {
    if (group !== 'container') continue
    const path = [rid]
    for (
      let next = owner.get(rid);
      next !== undefined && next !== null && !path.includes(next);
      next = owner.get(next)
    )
      path.push(next)
    const last = owner.get(path.at(-1) ?? '')
    if (path.length > 1 && last === rid)
      report(rid, 'netns', `goes round in a circle: ${[...path, rid].join(' → ')}`)
  }
}

function unique(resources: readonly Resource[], keyword: string, report: Report): void {
  const owners = new Map<string, string>()
  for (const { rid, keywords } of resources) {
    const value = textOf(keywords[keyword])
    if (value === null) continue
    const same = value.startsWith('/') && value.length > 1 ? value.replace(/\/+$/, '') : value
    const owner = owners.get(same)
    if (owner === undefined) owners.set(same, rid)
    else report(rid, keyword, `is ${value}, and ${owner} has the same`)
  }
}

function relativeProblem(
  service: string,
  other: string,
  clusterNodes: readonly string[] | null,
): string | null {
  const [name = '', node] = other.split('@')
  if (name === service) return 'names the service itself'
  const wrong = nameProblem(name)
  if (wrong !== null) return `holds ${JSON.stringify(other)}: ${wrong}`
  if (node === undefined || clusterNodes === null || clusterNodes.includes(node)) return null
  return `holds ${other}: ${node} is no node of this cluster${suggestion(node, clusterNodes)}`
}
