import type { Failure } from '../../../core/result.js'
import type { Resource, Service } from '../../../core/service.js'
import type { AnyDriver, Feature, Tool } from '../../../resources/driver.js'
import type { Files } from '../../ports.js'
import type { Node } from './view.js'

const PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** Why this node could not run a service, in sentences: missing drivers, tools, kernel features. Empty where it can. */
export async function obstacles(service: Service, node: Node): Promise<readonly string[]> {
  const resources = service.resources.filter((resource) => !resource.disable)
  const unknown = resources
    .filter((resource) => node.registry.find(resource) === null)
    .map((resource) => `${resource.rid}: there is no driver ${resource.group}.${resource.type}`)
  const missing = await missingFeature(service, resources, node)
  const tools = await missingTools(driversOf(resources, node), node)
  return [
    ...unknown,
    ...(missing === null ? [] : [missing.message, ...(missing.details ?? [])]),
    ...tools.map((tool) => `${tool.command} is not on this node: install the package ${tool.package}`),
  ]
}

/** What the kernel lacks for these resources; `details` say for each what to do, where it lacks several. */
export async function missingFeature(
  service: Service,
  resources: readonly Resource[],
  node: Node,
): Promise<Failure | null> {
  const missing: { readonly feature: Feature; readonly rids: string }[] = []
  for (const [feature, rids] of needed(resources, node)) {
    if (!(await node.kernel.has(feature, node.io))) missing.push({ feature, rids: rids.join(', ') })
  }
  const sentences = missing.map(
    ({ feature, rids }) => `this node cannot run ${rids} of ${service.name}: ${feature.sentence}`,
  )
  const [only, ...more] = sentences
  if (only === undefined) return null
  if (more.length === 0) return { code: 'UNAVAILABLE', message: only }
  const lacking = missing.map(({ feature, rids }) => `no ${feature.name} (for ${rids})`).join(' and ')
  const message = `this node cannot run ${service.name}: its kernel has ${lacking}`
  return { code: 'UNAVAILABLE', message, details: sentences }
}

/** Features with the rids that need them. */
function needed(resources: readonly Resource[], node: Node): ReadonlyMap<Feature, readonly string[]> {
  const rids = new Map<Feature, string[]>()
  for (const resource of resources) {
    for (const feature of node.registry.find(resource)?.features ?? []) {
      if (feature.neededBy?.(resource) === false) continue
      rids.set(feature, [...(rids.get(feature) ?? []), resource.rid])
    }
  }
  return rids
}

function driversOf(resources: readonly Resource[], node: Node): ReadonlySet<AnyDriver> {
  return new Set(
    resources.map((resource) => node.registry.find(resource)).filter((driver) => driver !== null),
  )
}

async function missingTools(drivers: ReadonlySet<AnyDriver>, node: Node): Promise<readonly Tool[]> {
  const byCommand = new Map(
    [...drivers].flatMap((driver) => driver.tools).map((tool) => [tool.command, tool]),
  )
  const found = await Promise.all(
    [...byCommand.values()].map((tool) => toolPath(tool.command, node.io.files)),
  )
  return [...byCommand.values()].filter((_, index) => found[index] === null)
}

/** Where a command is, as the agent would find it; null where it is not. */
async function toolPath(command: string, files: Files): Promise<string | null> {
  for (const directory of PATH) {
    const path = `${directory}/${command}`
    const found = await files.stat(path)
    if (found?.kind === 'file') return path
  }
  return null
}
