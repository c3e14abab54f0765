import {
  hookEvents,
  type ClusterConfig,
  type ClusterNode,
  type Hook,
  type Profile,
} from '../../core/cluster.js'
import type { FencingAgent } from '../../core/fencing.js'
import type { Value } from '../../core/service.js'
import { clusterSections } from '../keywords/cluster.js'
import type { Position, Problem } from '../problem.js'
import { readSection } from '../read.js'
import type { Scene } from '../scene.js'
import type { Structure } from '../structure.js'
import { suggestion } from '../suggestion.js'
import { addressProblem } from './address.js'
import { profiles } from './profiles.js'
import { pulsePaths } from './pulse-paths.js'

type Report = (problem: Problem) => void
type Values = Readonly<Record<string, Value>>

/** The configuration from its sections; what is wrong is reported, and the value is then of no use. */
export function clusterOf(structure: Structure, report: Report): ClusterConfig {
  const read = reader(structure, report)
  const cluster = read('cluster')
  const node = read('node')
  const profile = profileOf(read('heartbeat')['profile'])
  const timers = profiles[profile]
  const heartbeat = {
    profile,
    intervalMs: given(read('heartbeat')['interval'], timers.intervalMs),
    timeoutMs: given(read('heartbeat')['timeout'], timers.timeoutMs),
    leaseMs: given(read('heartbeat')['lease'], timers.leaseMs),
  }
  const witnesses = wordsOf(cluster['witnesses'])
  const nodes = wordsOf(cluster['nodes'])
  const named = voters([...nodes, ...witnesses], nodes.length, structure, read, report)
  const log = read('log')
  const config: ClusterConfig = {
    name: textOf(cluster['name']),
    id: textOf(cluster['id']),
    nodes: named.slice(0, nodes.length),
    witnesses: named.slice(nodes.length),
    quorum: cluster['quorum'] === true,
    selfFence: selfFenceOf(node['self_fence']),
    watchdog: {
      device: textOf(node['watchdog_dev']),
      periodMs: given(node['watchdog_period'], timers.watchdogPeriodMs),
    },
    stopMaxMs: given(node['stop_max'], timers.stopMaxMs),
    port: numberOf(read('listener')['port']),
    heartbeat,
    pulsePaths: pulsePaths(
      sectionsOf(structure, 'hb#').map((name) => ({
        name,
        values: read(name),
        at: placeOf(structure, name),
      })),
      numberOf(read('listener')['port']),
      report,
    ),
    rejoinGraceMs: numberOf(node['rejoin_grace_period']),
    claimLifeMs: given(node['claim_life'], Math.round(heartbeat.timeoutMs * 2.2)),
    maxParallel: numberOf(node['max_parallel']),
    statusIntervalMs: numberOf(node['status_interval']),
    targetTimeoutMs: numberOf(node['target_timeout']),
    logMaxAgeMs: numberOf(log['max_age']),
    logMaxLines: numberOf(log['max_lines']),
    fencing: Object.fromEntries(
      sectionsOf(structure, 'stonith#').map((section) =>
        fencing(section, structure, read(section), nodes, report),
      ),
    ),
    hooks: sectionsOf(structure, 'hook#').map((section) => hook(section, structure, read(section), report)),
  }
  return config
}

/** Nodes, then witnesses: nobody is twice among them. */
function voters(
  names: readonly string[],
  nodes: number,
  structure: Structure,
  read: (section: string) => Values,
  report: Report,
): ClusterNode[] {
  const keywordAt = (key: string): Position | null =>
    structure.sections.get('cluster')?.get(key)?.valueAt ?? placeOf(structure, 'cluster')
  for (const [index, name] of names.entries()) {
    const key = index < nodes ? 'nodes' : 'witnesses'
    const at = keywordAt(key)
    const first = names.indexOf(name)
    if (first < nodes && index >= nodes)
      report({ at, what: `cluster.witnesses: ${name} is a node already, and a node votes by itself` })
    else if (first !== index) report({ at, what: `cluster.${key} names ${name} twice` })
    if (!/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/.test(name) || name === 'nodes') {
      report({
        at,
        what: `cluster.${key}: ${JSON.stringify(name)} cannot name a node: host names of lower case letters, digits, dashes and dots`,
      })
    }
  }
  for (const section of sectionsOf(structure, 'node#')) {
    const name = section.slice('node#'.length)
    if (!names.includes(name))
      report({
        at: placeOf(structure, section),
        what: `section ${section}: ${name} is neither among cluster.nodes nor among cluster.witnesses; to take a node out remove its section first: om cluster unset --kw ${section}${suggestion(name, names)}`,
      })
  }
  return names.map((name) => {
    const section = `node#${name}`
    const written = structure.sections.has(section) ? wordsOf(read(section)['addresses']) : []
    const place = structure.sections.get(section)?.get('addresses')?.valueAt ?? keywordAt('nodes')
    for (const address of written) {
      const what = addressProblem(address)
      if (what !== null) report({ at: place, what: `${section}.addresses: ${what}` })
    }
    return { name, addresses: written.length === 0 ? [name] : written }
  })
}

function hook(section: string, structure: Structure, values: Values, report: Report): Hook {
  const events = wordsOf(values['events'])
  const known = [...hookEvents, '*']
  for (const event of events.filter((each) => !known.includes(each))) {
    const at = structure.sections.get(section)?.get('events')?.valueAt ?? placeOf(structure, section)
    report({ at, what: `${section}.events: there is no event ${event}${suggestion(event, known)}` })
  }
  const name = section.slice('hook#'.length)
  return { name, events, command: wordsOf(values['command']), timeoutMs: numberOf(values['timeout']) }
}

function fencing(
  section: string,
  structure: Structure,
  values: Values,
  nodes: readonly string[],
  report: Report,
): readonly [string, FencingAgent] {
  const name = section.slice('stonith#'.length)
  if (!nodes.includes(name)) {
    const what = `${section}: the cluster has no node ${name}${suggestion(name, nodes)}`
    report({ at: placeOf(structure, section), what })
  }
  const agent = {
    agent: textOf(values['agent']),
    options: wordsOf(values['options']),
    timeoutMs: numberOf(values['timeout']),
    retries: numberOf(values['retries']),
    delayMs: numberOf(values['delay']),
    powerOn: values['power_on'] === true,
  }
  return [name, agent]
}

function reader(structure: Structure, report: Report): (section: string) => Values {
  const schemaOf = (section: string) =>
    structure.schemas.get(section) ?? clusterSections.find((schema) => schema.section === section) ?? null
  const scene: Scene = {
    sections: structure.sections,
    schemaOf,
    words: {},
    node: null,
    isMember: false,
    found: new Map(),
  }
  const reading = {
    scene,
    clusterNodes: [],
    strict: true,
    placeOf: (section: string) => placeOf(structure, section),
    report,
  }
  const known = new Map<string, Values>()
  return (section) => {
    const schema = schemaOf(section)
    const values = known.get(section) ?? (schema === null ? {} : readSection(reading, section, schema))
    known.set(section, values)
    return values
  }
}

const placeOf = (structure: Structure, section: string): Position | null =>
  structure.places.get(section) ?? null
const sectionsOf = (structure: Structure, head: string): string[] =>
  [...structure.sections.keys()].filter((name) => name.startsWith(head))
const given = (value: Value | undefined, otherwise: number): number =>
  typeof value === 'number' ? value : otherwise
const profileOf = (value: Value | undefined): Profile =>
  value === 'slow' || value === 'fast' ? value : 'default'
const selfFenceOf = (value: Value | undefined): ClusterConfig['selfFence'] =>
  value === 'reboot' || value === 'watchdog' ? value : 'stop'
const textOf = (value: Value | undefined): string => (typeof value === 'string' ? value : '')
const numberOf = (value: Value | undefined): number => (typeof value === 'number' ? value : 0)
const wordsOf = (value: Value | undefined): readonly string[] =>
  Array.isArray(value) ? (value as readonly string[]) : []
