import { caughtBySeed, caughtBySeedUnprotected, caughtDirectly, caughtInStory, type Caught } from './catch.js'
import { soakMutations } from './soak-mutations.js'
import { mutations } from './mutations.js'
import { isWorker, onAllCores, work, type Job } from './cores.js'
import { Report, replayOf } from './report.js'
import { runSoak } from './soak-run.js'
import { soakOf, type Setting } from './soak.js'

/** Kinds of clusters that a run of limited time tries in turn. */
const mixed: readonly Setting[] = [
  { nodes: 3, witnesses: 0, quorum: true, minutes: 30 },
  { nodes: 2, witnesses: 1, quorum: true, minutes: 30 },
  { nodes: 3, witnesses: 0, quorum: true, fencing: true, minutes: 30 },
  { nodes: 5, witnesses: 0, quorum: true, minutes: 30 },
  { nodes: 3, witnesses: 0, quorum: false, minutes: 30 },
  { nodes: 3, witnesses: 0, quorum: true, selfFence: 'stop', minutes: 30 },
  { nodes: 2, witnesses: 1, quorum: true, selfFence: 'stop', minutes: 30 },
  { nodes: 3, witnesses: 0, quorum: true, selfFence: 'reboot', minutes: 30 },
  { nodes: 3, witnesses: 0, quorum: true, fencing: true, selfFence: 'stop', profile: 'fast', minutes: 30 },
]

/**
 * `make sim SEEDS=2000 NODES=3`: that many seeds from `SEED_BASE` on, each with half an hour of trouble and then healing; what did not hold, how
 * often each fault and each kind of evidence occurred, and how fast it went. `BUDGET=60`: as many of all kinds as fit into so many seconds.
 * `SEED=n TRACE=1` tells one seed's story, `MUTATIONS=1` what catches each broken rule.
 */
async function main(): Promise<boolean> {
  const quorum = process.env['QUORUM'] !== 'off'
  const setting: Setting = {
    nodes: number('NODES', 3),
    witnesses: number('WITNESS', 0),
    quorum,
    fencing: number('FENCING', 0) === 1,
    ...protectionGiven(quorum),
    minutes: number('MINUTES', 30),
  }
  if (given('MUTATIONS')) return mutated(setting)
  if (given('SEED')) return one(number('SEED', 0), setting)
  return given('BUDGET') ? asManyAsFit(number('BUDGET', 60)) : many(setting)
}

const given = (name: string): boolean => (process.env[name] ?? '') !== ''

/** An empty variable is one that was not given. */
function number(name: string, otherwise: number): number {
  const value = given(name) ? Number(process.env[name]) : otherwise
  if (!Number.isInteger(value)) throw new Error(`${name} is a whole number, not ${process.env[name]}`)
  return value
}

/** As `node.self_fence` and `heartbeat.profile` say it. */
function protectionGiven(quorum: boolean): Pick<Setting, 'selfFence' | 'profile'> {
  const selfFence = oneOf('SELF_FENCE', ['watchdog', 'stop', 'reboot'] as const)
  const profile = oneOf('PROFILE', ['default', 'slow', 'fast'] as const)
  if (profile === 'fast' && selfFence === 'watchdog')
    throw new Error('no watchdog fits into PROFILE=fast: add SELF_FENCE=stop or reboot')
  if (profile !== 'default' && !quorum) throw new Error(`PROFILE=${profile} needs quorum here`)
  return { selfFence, profile }
}

/** The first one where nothing is given. */
function oneOf<T extends string>(name: string, words: readonly [T, ...T[]]): T {
  const word = given(name) ? process.env[name] : words[0]
  const known = words.find((one) => one === word)
  if (known === undefined) throw new Error(`${name} is one of ${words.join(', ')}, not ${word}`)
  return known
}

/** What catches each broken rule: a story, and so many seeds. */
function mutated(setting: Setting): boolean {
  const limit = number('SEEDS', 30)
  const tell = (name: string, story: Caught | null, seed: Caught | null, of: number): boolean => {
    const caught = story ?? seed
    const by = [
      ...(story === null ? [] : [`by the story "${story.name}"`]),
      seed === null ? `not by ${of} seeds` : `by seed ${seed.name}`,
    ]
    const shown = caught === null ? '' : `${caught.kind}, `
    console.log(`${name}: ${shown}${by.join(', and ')}${caught === null ? '' : `: ${caught.what}`}`)
    return caught !== null
  }
  const caught = [
    ...Object.entries(soakMutations).map(([name, mutation]) => {
      const seed = caughtBySeed(name, mutation, { seeds: limit, setting })
      return tell(name, caughtInStory(name, mutation), seed, limit)
    }),
    ...Object.entries(mutations).map(([name, rules]) => {
      const seed = caughtBySeedUnprotected(name, rules, unprotectedSeeds)
      return tell(`${name}, quorum off`, caughtDirectly(name, rules), seed, unprotectedSeeds)
    }),
  ]
  console.log(`${caught.filter(Boolean).length} of ${caught.length} broken rules are caught`)
  return caught.every(Boolean)
}

/** Of the short ones without quorum. */
const unprotectedSeeds = 200

function one(seed: number, setting: Setting): boolean {
  const say = process.env['TRACE'] === '1' ? { say: (line: string): void => console.log(line) } : {}
  const { violations, counts } = runSoak(soakOf(seed, setting), say)
  if (process.env['TRACE'] !== '1')
    for (const [what, count] of Object.entries(counts)) console.log(`${what} ${count}`)
  for (const violation of violations) console.log(`VIOLATED ${violation}`)
  return violations.length === 0
}

function many(setting: Setting): Promise<boolean> {
  const base = firstSeed()
  const seeds = number('SEEDS', 50)
  console.log(`${seeds} seeds from ${base}: ${wordsOf(setting)}`)
  let seed = base
  return reported([setting], () => (seed < base + seeds ? { seed: seed++, setting } : null))
}

/** From a base that is new each time. */
function asManyAsFit(seconds: number): Promise<boolean> {
  const base = firstSeed()
  const untilMs = performance.now() + seconds * 1000
  console.log(`as many seeds as fit into ${seconds} s, from ${base} (SEED_BASE=${base} tries the same ones)`)
  let round = 0
  return reported(mixed, () => {
    const setting = mixed[round % mixed.length]
    if (setting === undefined || (round > 0 && performance.now() >= untilMs)) return null
    return { seed: base + round++, setting }
  })
}

const firstSeed = (): number => number('SEED_BASE', 1 + (Date.now() % 1_000_000_000))

async function reported(settings: readonly Setting[], next: () => Job | null): Promise<boolean> {
  const report = new Report(settings)
  await onAllCores(next, ({ seed, setting, outcome, seconds }) => {
    report.take(seed, outcome, seconds)
    if (outcome.violations.length === 0) return
    console.log(`seed ${seed}: ${outcome.violations.join('; ')}\n  ${replayOf(seed, setting)}`)
  })
  return report.end()
}

function wordsOf(setting: Setting): string {
  const { nodes, witnesses, quorum, fencing, selfFence = 'watchdog', profile = 'default', minutes } = setting
  const rules = quorum ? `quorum on, self_fence ${selfFence}` : 'quorum off'
  return `${nodes} nodes, ${witnesses} witnesses, ${rules}${fencing === true ? ', fencing' : ''}, profile ${profile}, ${minutes} minutes of trouble each`
}

if (isWorker()) work()
else process.exit((await main()) ? 0 : 1)
