import type { Profile } from '../../src/core/cluster.js'
import type { TargetAction } from '../../src/core/request/target.js'
import type { Service } from '../../src/core/service.js'
import { Chance } from './chance.js'
import type { SelfFence } from './options.js'
import type { Step } from './schedule.js'
import { flag, flagService } from './service.js'

/** Who is there, and for how long they are disturbed. */
export interface Setting {
  readonly nodes: number
  readonly witnesses: number
  readonly quorum: boolean
  /** Nodes can be powered off by others. */
  readonly fencing?: boolean
  /** What ends a machine on which a stop does not work; absent: its watchdog. */
  readonly selfFence?: SelfFence
  /** Whose times the cluster has; absent: `default`. */
  readonly profile?: Profile
  readonly minutes: number
}

export interface Soak {
  readonly seed: number
  readonly setting: Setting
  readonly nodes: readonly string[]
  readonly witnesses: readonly string[]
  /** Nodes among them that are no members at first. */
  readonly joiners: readonly string[]
  readonly services: readonly Service[]
  /** How many actions a node does at a time; absent: as many as there are. */
  readonly maxParallel?: number
  readonly steps: readonly Dated[]
  /** What daemons stand on misbehaves now and then. */
  readonly buggify: boolean
}

export interface Dated {
  readonly atMs: number
  readonly step: Step
}

const named = (word: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `${word}${i + 1}`)

/** Long trouble of every kind, each for a while, some at the same time, with calm between, so that there is something to lose. */
export function soakOf(seed: number, setting: Setting): Soak {
  const chance = new Chance(seed)
  const members = named('node', setting.nodes)
  const witnesses = named('witness', setting.witnesses)
  const narrow = narrowOf(seed)
  const services = [...servicesOf(chance, members), ...crowdOf(narrow, members)]
  const joiners = setting.quorum && chance.happens(0.3) ? [`node${setting.nodes + 1}`] : []
  const nodes = [...members, ...joiners]
  const cast: Cast = { chance, nodes, machines: [...nodes, ...witnesses], services, setting }
  const endMs = setting.minutes * 60_000
  const steps: Dated[] = [
    ...joiners.flatMap((node) => joins(cast, node, endMs)),
    ...(setting.quorum && chance.happens(0.3) ? switches(cast, endMs) : []),
  ]
  for (let atMs = chance.between(0, 5000); atMs < endMs; atMs += gapMs(chance)) {
    steps.push(...chance.pick(troubles)(cast, atMs))
  }
  const within = steps.filter((one) => one.atMs < endMs).toSorted((a, b) => a.atMs - b.atMs)
  return { seed, setting, nodes, witnesses, joiners, services, ...narrow, steps: within, buggify: true }
}

/** In one of four, nodes do one or two actions at a time: room there is what services wait for. */
const narrowOf = (seed: number): Pick<Soak, 'maxParallel'> =>
  seed % 4 === 0 ? { maxParallel: seed % 8 === 0 ? 1 : 2 } : {}

/** There are enough of them then to be in each other's way, at home on different nodes. */
function crowdOf({ maxParallel }: Pick<Soak, 'maxParallel'>, nodes: readonly string[]): readonly Service[] {
  if (maxParallel === undefined) return []
  // What is lost and not tried again would rightly stay down.
  const resources = [{ ...flag, monitor: true, restart: 1 }]
  return ['app1', 'app2', 'app3'].map((name, i) => {
    const first = i % nodes.length
    const order = [...nodes.slice(first), ...nodes.slice(0, first)]
    return flagService(name, order, { orchestrate: 'ha', resources })
  })
}

/** Once or several times, until it is let in. */
function joins({ chance, nodes }: Cast, node: string, endMs: number): readonly Dated[] {
  return Array.from({ length: 4 }, () => {
    const by = chance.pick(nodes.filter((name) => name !== node))
    return { atMs: chance.between(0, endMs), step: { do: 'join', node, by } as const }
  })
}

/** Operators switch quorum off for a while, anywhere, and on again, elsewhere. */
function switches(cast: Cast, endMs: number): readonly Dated[] {
  const { chance, machines } = cast
  return Array.from({ length: 3 }, () => chance.between(0, endMs)).flatMap((atMs) =>
    spell(
      cast,
      atMs,
      { do: 'quorum', node: chance.pick(machines), on: false },
      { do: 'quorum', node: chance.pick(machines), on: true },
    ),
  )
}

/** What follows at once meets what has just begun; what follows late finds the cluster at rest. */
function gapMs(chance: Chance): number {
  if (chance.happens(0.25)) return chance.between(5, 300)
  return chance.happens(0.6) ? chance.between(500, 7000) : chance.between(7000, 40_000)
}

function servicesOf(chance: Chance, nodes: readonly string[]): readonly Service[] {
  const resources = [{ ...flag, monitor: true, restart: chance.between(1, 2) }]
  const monitorAction = chance.pick(['none', 'switch', 'freezestop'] as const)
  const order = chance.happens(0.3) ? nodes.toReversed() : nodes
  const db = flagService('db1', order, { orchestrate: 'ha', monitorAction, resources })
  if (chance.happens(0.6)) return [db]
  const parents = chance.happens(0.4) ? ['db1'] : []
  return [db, flagService('web', nodes, { orchestrate: 'ha', parents, resources })]
}

interface Cast {
  readonly chance: Chance
  readonly nodes: readonly string[]
  /** Witnesses among them. */
  readonly machines: readonly string[]
  readonly services: readonly Service[]
  readonly setting: Setting
}

type Trouble = (cast: Cast, atMs: number) => readonly Dated[]

/** Around the timeout most of the time: where it matters whether it is over. */
const whileMs = (chance: Chance): number =>
  chance.happens(0.6) ? chance.between(300, 12_000) : chance.between(12_000, 60_000)

/** It begins, and it ends. */
function spell(cast: Cast, atMs: number, begins: Step, ends: Step): readonly Dated[] {
  return [
    { atMs, step: begins },
    { atMs: atMs + whileMs(cast.chance), step: ends },
  ]
}

function pairOf({ chance, machines }: Cast): { node: string; other: string } {
  const node = chance.pick(machines)
  return { node, other: chance.pick(machines.filter((name) => name !== node)) }
}

const crash: Trouble = (cast, atMs) => {
  const node = cast.chance.pick(cast.machines)
  return spell(cast, atMs, { do: 'crash', node }, { do: 'boot', node })
}
const rollBack: Trouble = (cast, atMs) => {
  const node = cast.chance.pick(cast.machines)
  const ms = cast.chance.pick([500, 10_000, 60_000, 300_000])
  return [{ atMs, step: { do: 'roll back', node, ms } }]
}
const kill: Trouble = (cast, atMs) => {
  const node = cast.chance.pick(cast.machines)
  const [begins, ends] = spell(cast, atMs, { do: 'kill daemon', node }, { do: 'boot', node })
  // Most are started again at once by the service manager.
  const soon = { atMs: atMs + cast.chance.between(100, 1500), step: { do: 'boot', node } as const }
  return [begins, cast.chance.happens(0.5) ? soon : ends].filter((one) => one !== undefined)
}
const leave: Trouble = (cast, atMs) => {
  const node = cast.chance.pick(cast.machines)
  return spell(cast, atMs, { do: 'stop daemon', node }, { do: 'boot', node })
}
const pause: Trouble = (cast, atMs) => {
  if (!cast.setting.quorum) return []
  const node = cast.chance.pick(cast.machines)
  return spell(cast, atMs, { do: 'pause', node }, { do: 'resume', node })
}
const isolate: Trouble = (cast, atMs) => {
  const { chance, machines } = cast
  const node = chance.pick(machines)
  const endMs = atMs + whileMs(chance)
  const mends = machines
    .filter((name) => name !== node)
    .map((other) => ({ atMs: endMs, step: { do: 'mend', node, other } as const }))
  return [{ atMs, step: { do: 'isolate', node } }, ...mends]
}
const cut: Trouble = (cast, atMs) => {
  const pair = pairOf(cast)
  return spell(cast, atMs, { do: 'cut', ...pair }, { do: 'mend', ...pair })
}
const cutOneWay: Trouble = (cast, atMs) => {
  const pair = pairOf(cast)
  return spell(cast, atMs, { do: 'cut one way', ...pair }, { do: 'mend', ...pair })
}
const loss: Trouble = (cast, atMs) => {
  const share = cast.chance.pick([0.05, 0.2, 0.4])
  return spell(cast, atMs, { do: 'lose messages', share }, { do: 'lose messages', share: 0 })
}
const delay: Trouble = (cast, atMs) => {
  const ms = cast.chance.pick([100, 600, 3000])
  return spell(cast, atMs, { do: 'delay', ms }, { do: 'delay', ms: 20 })
}
const reorder: Trouble = (cast, atMs) =>
  spell(cast, atMs, { do: 'reorder', share: 0.3 }, { do: 'reorder', share: 0 })
const jump: Trouble = ({ chance, machines }, atMs) => {
  const ms = chance.pick([-3_600_000, -7000, 7000, 3_600_000])
  return [{ atMs, step: { do: 'jump', node: chance.pick(machines), ms } }]
}
const disk: Trouble = (cast, atMs) => {
  const node = cast.chance.pick(cast.machines)
  return spell(cast, atMs, { do: 'fill disk', node }, { do: 'empty disk', node })
}
const ail: Trouble = (cast, atMs) => {
  const { chance, nodes, services } = cast
  const at = { node: chance.pick(nodes), service: chance.pick(services).name }
  const ailment = chance.pick(['start', 'rollback', 'stop', 'slow', 'hang', 'late'] as const)
  return spell(cast, atMs, { do: 'ail', ...at, ailment }, { do: 'ail', ...at, ailment: null })
}
const lose: Trouble = ({ chance, nodes, services }, atMs) => [
  { atMs, step: { do: 'lose resource', node: chance.pick(nodes), service: chance.pick(services).name } },
]
const ask: Trouble = ({ chance, nodes, services }, atMs) => {
  const step = { node: chance.pick(nodes), service: chance.pick(services).name, action: chance.pick(actions) }
  return [{ atMs, step: { do: 'ask', ...step } }]
}
/** What operators have frozen or broken they put right in the end: else most of the time nothing would run. */
const tidy: Trouble = ({ chance, nodes, services }, atMs) => {
  const node = chance.pick(nodes)
  const asks = services.flatMap(({ name: service }) =>
    (['clear', 'thaw', 'start'] as const).map((action, i) => ({
      atMs: atMs + 50 * i,
      step: { do: 'ask', node, service, action } as const,
    })),
  )
  const thaws = nodes.map((other) => ({
    atMs,
    step: { do: 'ask node', node: other, action: 'thaw' } as const,
  }))
  return [...thaws, ...asks]
}
const askNode: Trouble = ({ chance, nodes }, atMs) => [
  {
    atMs,
    step: { do: 'ask node', node: chance.pick(nodes), action: chance.pick(['freeze', 'thaw', 'drain']) },
  },
]
const order: Trouble = ({ chance, nodes, services }, atMs) => {
  const action = chance.pick(['start', 'start', 'stop', 'restart'] as const)
  const all = chance.happens(0.5) ? nodes : [chance.pick(nodes)]
  return [{ atMs, step: { do: 'order', nodes: all, service: chance.pick(services).name, action } }]
}
const shuffle = (chance: Chance, nodes: readonly string[]): readonly string[] =>
  nodes
    .map((node) => ({ node, at: chance.next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ node }) => node)

/** An operator gives a service fewer members, or another order, and later all of them again. */
const configure: Trouble = (cast, atMs) => {
  const { chance, nodes, services } = cast
  const { name: service, nodes: all } = chance.pick(services)
  const shuffled = shuffle(chance, nodes)
  const members = chance.happens(0.5) ? shuffled : shuffled.slice(0, 2)
  const [node, other] = [chance.pick(nodes), chance.pick(nodes)]
  const back = { do: 'configure', node: other, service, members: all } as const
  return spell(cast, atMs, { do: 'configure', node, service, members }, back)
}
/** An operator gives the cluster other times, or a member less, and later all as it was: at another node, which may know nothing of the first change. */
const reconfigure: Trouble = (cast, atMs) => {
  const { chance, machines, nodes } = cast
  const [node, other] = [chance.pick(machines), chance.pick(machines)]
  // Without quorum who is taken out tells nobody any more whom it hears: nothing is promised to those that it stood between.
  const some = cast.setting.quorum && machines.length > 2 && chance.happens(0.6)
  const gone = some ? chance.pick(machines) : null
  // Two nodes have to be left.
  const spared = gone !== null && nodes.includes(gone) && nodes.length < 3
  const members = spared ? machines : machines.filter((name) => name !== gone)
  const times = chance.pick(['usual', 'long'] as const)
  const back = { do: 'reconfigure', node: other, members: machines, times: 'usual' } as const
  const changed = spell(cast, atMs, { do: 'reconfigure', node, members, times }, back)
  return gone === null ? changed : [...changed, ...joinsAgain(cast, gone, atMs)]
}
/** One that was taken out leaves, and joins again at one of those that are left: at the third try at last, if it can. */
function joinsAgain({ chance, machines }: Cast, node: string, atMs: number): readonly Dated[] {
  const others = machines.filter((name) => name !== node)
  return [8000, 30_000, 60_000].map((laterMs) => ({
    atMs: atMs + chance.between(0, laterMs),
    step: { do: 'join', node, by: chance.pick(others) },
  }))
}
/** A machine leaves the cluster in good order, or tries to, and joins again. */
const depart: Trouble = (cast, atMs) => {
  const { chance, machines, setting } = cast
  if (!setting.quorum || machines.length < 3) return []
  const node = chance.pick(machines)
  return [{ atMs, step: { do: 'leave', node } }, ...joinsAgain(cast, node, atMs)]
}
/** An operator sees one that is off, and says so. */
const confirm: Trouble = (cast, atMs) => {
  const { chance, nodes } = cast
  const node = chance.pick(nodes)
  const other = chance.pick(nodes.filter((name) => name !== node))
  const confirmed = {
    atMs: atMs + chance.between(100, 6000),
    step: { do: 'confirm off', node, other },
  } as const
  if (chance.happens(0.3)) return [confirmed]
  return [...spell(cast, atMs, { do: 'crash', node: other }, { do: 'boot', node: other }), confirmed]
}

const common: readonly Trouble[] = [crash, kill, pause, isolate, cut, cutOneWay, ail, ask, ask, tidy]
const rarer: readonly Trouble[] = [
  leave,
  loss,
  delay,
  reorder,
  jump,
  disk,
  lose,
  askNode,
  order,
  confirm,
  configure,
  reconfigure,
  depart,
  rollBack,
]
const troubles: readonly Trouble[] = [...common, ...common, ...rarer, ask, tidy]

const actions: readonly TargetAction[] = [
  'start',
  'stop',
  'restart',
  'switch',
  'switch',
  'switch',
  'takeover',
  'giveback',
  'freeze',
  'thaw',
  'abort',
  'clear',
]
