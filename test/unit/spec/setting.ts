import { driverSections } from '../../../src/resources/sections.js'
import type { Service } from '../../../src/core/service.js'
import { schemaOf } from '../../../src/spec/schema.js'
import { evaluate, parseService, type ServiceConfig, type ServiceText } from '../../../src/spec/service.js'

export const schema = schemaOf(driverSections)

/** A service `db1` in a cluster `paris` of node1 to node3, unless told otherwise. */
export function serviceText(text: string, more: Partial<ServiceText> = {}): ServiceText {
  const clusterNodes = ['node1', 'node2', 'node3']
  return { name: 'db1', text, source: 'db1.yaml', schema, clusterNodes, clusterName: 'paris', ...more }
}

export function configOf(text: string, more: Partial<ServiceText> = {}): ServiceConfig {
  const parsed = parseService(serviceText(text, more))
  if (!parsed.ok) throw new Error([parsed.error.message, ...(parsed.error.details ?? [])].join('\n'))
  return parsed.value
}

export function on(node: string, text: string, more: Partial<ServiceText> = {}): Service {
  return evaluate(configOf(text, more), node)
}

/** Every problem, without the name of the file. */
export function problemsOf(text: string, more: Partial<ServiceText> = {}): readonly string[] {
  const parsed = parseService(serviceText(text, more))
  if (parsed.ok) return []
  return (parsed.error.details ?? [parsed.error.message]).map((line) => line.replace(/^db1\.yaml:/, ''))
}

/** A value as a keyword of a resource gets it: `text` is the `comment` of `fs#1`, beside whatever else is written. */
export function valueOnNode(node: string, text: string, besides = ''): string | null {
  const service = on(node, `fs#1:\n  type: flag\n  comment: ${JSON.stringify(text)}\n${besides}`)
  return service.resources.find(({ rid }) => rid === 'fs#1')?.comment ?? null
}
