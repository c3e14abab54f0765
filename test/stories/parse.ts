import { parse } from 'yaml'
import { z } from 'zod'
import type { TargetAction } from '../../src/core/request/target.js'
import type { Service } from '../../src/core/service.js'
import { parseDuration } from '../../src/core/units.js'
import type { Step } from '../sim/schedule.js'
import type { LocalAction } from '../sim/local.js'
import { flag, flagService } from '../sim/service.js'
import type { Ailment } from '../sim/work.js'

const serviceSchema = z.strictObject({
  orchestrate: z.enum(['no', 'start', 'ha']).default('ha'),
  nodes: z.array(z.string()).optional(),
  monitorAction: z.enum(['none', 'switch', 'freezestop']).default('none'),
  onDuplicate: z.enum(['stop oldest', 'stop newest', 'placement', 'freeze']).default('stop oldest'),
  placement: z.enum(['nodes order', 'load avg', 'none']).default('nodes order'),
  monitor: z.boolean().default(false),
  restart: z.number().default(0),
  restartDelay: z.string().default('500ms'),
  rollback: z.boolean().default(true),
  parents: z.array(z.string()).default([]),
  children: z.array(z.string()).default([]),
})

const storySchema = z.strictObject({
  /** One sentence. */
  why: z.string(),
  nodes: z.array(z.string()).default(['node1', 'node2']),
  witnesses: z.array(z.string()).default([]),
  quorum: z.boolean().default(false),
  fencing: z.boolean().default(false),
  services: z.record(z.string(), serviceSchema.prefault({})).default({ db1: serviceSchema.parse({}) }),
  /** Two instances at once are what this story is about. */
  two: z.boolean().default(false),
  /** `2s crash node1` */
  steps: z.array(z.string()),
  /** The story lasts so long beyond its last step. */
  lasts: z.string().default('15s'),
})

export interface Story extends Omit<z.infer<typeof storySchema>, 'steps' | 'services' | 'lasts'> {
  readonly services: readonly Service[]
  readonly steps: readonly { readonly atMs: number; readonly step: Step }[]
  readonly untilMs: number
}

/** A story from its text; what it does not say is as in a healthy cluster of two nodes with one failover service, `db1`, up on node1. */
export function storyOf(text: string): Story {
  const { steps, services, lasts, ...rest } = storySchema.parse(parse(text))
  const read = steps.map(stepOf)
  const lastMs = Math.max(0, ...read.map(({ atMs }) => atMs))
  return {
    ...rest,
    services: Object.entries(services).map(([name, told]) => serviceOf(name, told, rest.nodes)),
    steps: read,
    untilMs: lastMs + millisecondsOf(lasts),
  }
}

function serviceOf(name: string, told: z.infer<typeof serviceSchema>, all: readonly string[]): Service {
  const { nodes, monitor, restart, restartDelay, ...change } = told
  const resource = { ...flag, monitor, restart, restartDelayMs: millisecondsOf(restartDelay) }
  return flagService(name, nodes ?? all, { ...change, resources: [resource] })
}

function stepOf(line: string): Story['steps'][number] {
  const [at = '', verb = '', ...words] = line.split(' ')
  const deed = deeds[verb]
  if (deed === undefined) throw new Error(`no such step: ${line}`)
  const [first = '', second = '', third = '', ...more] = words
  return { atMs: millisecondsOf(at), step: deed(first, second, third, ...more) }
}

type Deed = (first: string, second: string, third: string, ...more: readonly string[]) => Step

/** What can happen, by the word that a story has for it. */
const deeds: Readonly<Record<string, Deed>> = {
  crash: (node) => ({ do: 'crash', node }),
  'power-off': (node) => ({ do: 'crash', node }),
  boot: (node) => ({ do: 'boot', node }),
  isolate: (node) => ({ do: 'isolate', node }),
  pause: (node) => ({ do: 'pause', node }),
  resume: (node) => ({ do: 'resume', node }),
  'kill-daemon': (node) => ({ do: 'kill daemon', node }),
  'stop-daemon': (node) => ({ do: 'stop daemon', node }),
  'start-daemon': (node) => ({ do: 'boot', node }),
  cut: (node, other) => ({ do: 'cut', node, other }),
  'cut-one-way': (node, other) => ({ do: 'cut one way', node, other }),
  mend: (node, other) => ({ do: 'mend', node, other }),
  heal: () => ({ do: 'heal' }),
  'fill-disk': (node) => ({ do: 'fill disk', node }),
  'empty-disk': (node) => ({ do: 'empty disk', node }),
  jump: (node, by) => ({ do: 'jump', node, ms: millisecondsOf(by) }),
  ail: (node, service, ailment) => ({
    do: 'ail',
    node,
    service,
    ailment: ailment === 'well' ? null : (ailment as Ailment),
  }),
  lose: (node, service) => ({ do: 'lose resource', node, service }),
  node: (node, action, about) => ({
    do: 'ask node',
    node,
    action: action as 'freeze' | 'thaw' | 'drain',
    ...(about === '' ? {} : { about }),
  }),
  'confirm-off': (node, other) => ({ do: 'confirm off', node, other }),
  configure: (node, service, ...members) => ({ do: 'configure', node, service, members }),
  'take-out': (node, service) => ({ do: 'take out', node, service }),
  join: (node, by) => ({ do: 'join', node, by }),
  leave: (node) => ({ do: 'leave', node }),
  delay: (ms) => ({ do: 'delay', ms: millisecondsOf(ms) }),
  load: (node, load15m) => ({ do: 'load', node, load15m: Number(load15m) }),
  local: (node, service, action, rid) => ({
    do: 'act locally',
    node,
    service,
    action: action as LocalAction,
    ...(rid === undefined ? {} : { rid }),
  }),
  om: (node, service, action, to) => ({
    do: 'ask',
    node,
    service,
    action: action as TargetAction,
    ...(to === undefined ? {} : { to }),
  }),
}

/** `1500ms`, `-1h` */
function millisecondsOf(text: string): number {
  const parsed = parseDuration(text.replace(/^-/, ''))
  if (parsed === null) throw new Error(`${text} is no duration`)
  return text.startsWith('-') ? -parsed : parsed
}
