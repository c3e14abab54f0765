import { createHash } from 'node:crypto'
import { must } from '../core/invariant.js'
import { type Failure, ok, type Result } from '../core/result.js'
import type { Service } from '../core/service.js'
import { refusal, type Problem } from './problem.js'
import type { Schema } from './schema.js'
import { membersOf, serviceOn, serviceScene, type Setting } from './service/evaluation.js'
import { nameProblem } from './service/name.js'
import { serviceSectionKind } from './service/sections.js'
import type { Scene } from './scene.js'
import { structureOf } from './structure.js'
import { parseText } from './text.js'
import type { ConfigDocument } from './text/document.js'

/** A valid configuration of a service. `evaluate` gives it as one node sees it. */
export interface ServiceConfig {
  readonly name: string
  /** Identity of the text. */
  readonly version: string
  /** As it was given. */
  readonly text: string
  readonly document: ConfigDocument
  readonly nodes: readonly string[]
  /** By member node. */
  readonly services: ReadonlyMap<string, Service>
  /** What scoping and references are evaluated against on a node. */
  readonly sceneOn: (node: string) => Scene
}

export interface ServiceText {
  readonly name: string
  readonly text: string
  /** What errors call the text: a path, or `-` for standard input. */
  readonly source: string
  readonly schema: Schema
  readonly clusterNodes: readonly string[]
  readonly clusterName: string
  /**
   * Nodes that the cluster does not have: refused in what an operator writes; left out of a configuration that is already in force
   * (the node may have left since).
   */
  readonly unknownNodes?: 'refuse' | 'leave out'
}

/** Parses and validates for every member node. One failure lists all problems. */
export function parseService(o: ServiceText): Result<ServiceConfig, Failure> {
  const misnamed = nameProblem(o.name)
  if (misnamed !== null) return { ok: false, error: { code: 'INVALID', message: misnamed } }
  const parsed = parseText({ text: o.text, source: o.source })
  if (!parsed.ok) return parsed
  const document = parsed.value
  if (document.sections.length === 0) {
    return {
      ok: false,
      error: refusal(o.source, [
        { at: null, what: 'the configuration is empty: a service has at least one section' },
      ]),
    }
  }
  const strict = o.unknownNodes !== 'leave out'
  const structure = structureOf({
    document,
    kindOf: serviceSectionKind(o.schema),
    scopes: strict ? o.clusterNodes : null,
  })
  const problems: Problem[] = [...structure.problems]
  const report = (problem: Problem): void => void problems.push(problem)
  const setting: Setting = {
    name: o.name,
    version: configVersion(o.text),
    clusterNodes: o.clusterNodes,
    clusterName: o.clusterName,
    strict,
    structure,
    schema: o.schema,
  }
  const nodes = membersOf(setting, report)
  // Where the members are unknown, the rest is still checked, as if every node were one.
  const checked = nodes.length > 0 ? nodes : o.clusterNodes
  const services = new Map(checked.map((node) => [node, serviceOn({ ...setting, nodes }, node, report)]))
  if (problems.length > 0) return { ok: false, error: refusal(o.source, problems) }
  const { name, version } = setting
  return ok({
    name,
    version,
    text: o.text,
    document,
    nodes,
    services,
    sceneOn: (node) => serviceScene({ ...setting, nodes }, node),
  })
}

/** The service as `node` sees it. A node that is no member sees it as the first member does. */
export function evaluate(config: ServiceConfig, node: string): Service {
  const service = config.services.get(node) ?? config.services.get(config.nodes[0] ?? '')
  must(service !== undefined, `service ${config.name} has a member node`)
  return service
}

/** Identity of a configuration text: the first 64 bits of its SHA-256, in hexadecimal. */
export function configVersion(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
