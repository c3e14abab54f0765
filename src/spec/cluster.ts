import type { ClusterConfig } from '../core/cluster.js'
import { fail, type Failure, ok, type Result } from '../core/result.js'
import { clusterOf } from './cluster/build.js'
import { inequalities } from './cluster/inequalities.js'
import { clusterSectionKind } from './cluster/sections.js'
import { canonicalText, editText } from './edit.js'
import { refusal, type Problem } from './problem.js'
import { structureOf } from './structure.js'
import { parseText, toYaml, type SourceText } from './text.js'

/** Parses and validates the cluster's configuration: YAML, JSON or INI. One failure lists all problems. */
export function parseCluster(o: SourceText): Result<ClusterConfig, Failure> {
  const parsed = parseText(o)
  if (!parsed.ok) return parsed
  const structure = structureOf({ document: parsed.value, kindOf: clusterSectionKind, scopes: null })
  const problems: Problem[] = [...structure.problems]
  const config = clusterOf(structure, (problem) => void problems.push(problem))
  // Sums with a value that was refused would only confuse.
  if (problems.length === 0) problems.push(...inequalities(config, structure))
  return problems.length > 0 ? { ok: false, error: refusal(o.source, problems) } : ok(config)
}

/** The text of a new cluster's configuration. Keywords that are not given keep their defaults. */
export function clusterText(o: {
  readonly name: string
  readonly id: string
  readonly nodes: readonly { readonly name: string; readonly addresses: readonly string[] }[]
  /** More keywords, such as `listener.port`. */
  readonly set?: Readonly<Record<string, string>>
}): Result<string, Failure> {
  const at = { line: 1, column: 1 }
  const section = (name: string, values: Readonly<Record<string, string>>) => {
    return {
      name,
      at,
      entries: Object.entries(values).map(([key, value]) => ({ key, value, at, valueAt: at })),
    }
  }
  const names = o.nodes.map((node) => node.name).join(' ')
  const members = o.nodes.filter((node) => node.addresses.length > 0)
  const sections = [
    section('cluster', { name: o.name, id: o.id, nodes: names }),
    ...members.map((node) => section(`node#${node.name}`, { addresses: node.addresses.join(' ') })),
  ]
  const set = Object.entries(o.set ?? {}).map(([keyword, value]) => `${keyword}=${value}`)
  return changeCluster({
    text: toYaml({ format: 'yaml', sections }),
    source: 'the new cluster',
    set,
    unset: [],
  })
}

/** Keyword operations: the new text validates as a whole, or nothing is changed. Comments are kept. */
export function changeCluster(
  o: SourceText & { readonly set: readonly string[]; readonly unset: readonly string[] },
): Result<string, Failure> {
  const text = editText({ ...o, kindOf: clusterSectionKind })
  if (!text.ok) return text
  const checked = parseCluster({ text: text.value, source: '' })
  return checked.ok ? sameCluster(o.text, text.value) : checked
}

/** A whole text in place of the one in force, as an operator gives it. The value is what is kept: canonical YAML. */
export function takeCluster(o: SourceText & { readonly inForce: string }): Result<string, Failure> {
  // As written first, so that places in problems are those of the operator's own text.
  const checked = parseCluster(o)
  const text = checked.ok ? canonicalText(o) : checked
  return text.ok ? sameCluster(o.inForce, text.value) : text
}

/** Certificates carry the cluster's id: with another one, no member would know another any more. */
function sameCluster(before: string, after: string): Result<string, Failure> {
  const was = parseCluster({ text: before, source: '' })
  const is = parseCluster({ text: after, source: '' })
  if (!was.ok || !is.ok || was.value.id === is.value.id) return is.ok ? ok(after) : is
  return fail('INVALID', `cluster.id was drawn when the cluster was made and stays ${was.value.id}`)
}

/** Whether a member runs services or only votes. */
export type Role = 'node' | 'witness'

const listOf: Readonly<Record<Role, string>> = { node: 'cluster.nodes', witness: 'cluster.witnesses' }

/** With one more member; with new addresses where it is one already. */
export function withNode(
  o: SourceText & { readonly node: string; readonly addresses: readonly string[]; readonly role: Role },
): Result<string, Failure> {
  const addresses = o.addresses.length === 0 ? [] : [`node#${o.node}.addresses=${o.addresses.join(' ')}`]
  return changeCluster({ ...o, set: [`${listOf[o.role]}|=${o.node}`, ...addresses], unset: [] })
}

/** Without a member and its section. */
export function withoutNode(
  o: SourceText & { readonly node: string; readonly role: Role },
): Result<string, Failure> {
  const section = `node#${o.node}`
  const parsed = parseText(o)
  if (!parsed.ok) return parsed
  const own = [section, `stonith#${o.node}`]
  const unset = own.filter((known) => parsed.value.sections.some(({ name }) => name === known))
  return changeCluster({ ...o, set: [`${listOf[o.role]}-=${o.node}`], unset })
}
