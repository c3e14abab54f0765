import { catchers, caughtInStory, seedsToCatch } from './catch.js'
import { expectedOf } from './expected.js'
import { soakMutations } from './soak-mutations.js'
import { runSoak } from './soak-run.js'
import { soakOf, type Setting } from './soak.js'
import { Tally } from './tally.js'

/** So many seeds must have met everything. */
const wholeRun = 50

/**
 * `make sim SEEDS=2000 NODES=3`: that many seeds from `SEED_BASE` on, each with half an hour of trouble and then healing; what did not hold, how
 * often each fault and each kind of evidence occurred, and how fast it went. `SEED=n TRACE=1` tells one seed's story.
 */
function main(): boolean {
  const setting: Setting = {
    nodes: number('NODES', 3),
    witnesses: number('WITNESS', 0),
    quorum: process.env['QUORUM'] !== 'off',
    fencing: number('FENCING', 0) === 1,
    minutes: number('MINUTES', 30),
  }
  const seed = process.env['SEED'] ?? ''
  if ((process.env['MUTATIONS'] ?? '') !== '') return mutated(setting)
  return seed === '' ? many(setting) : one(Number(seed), setting)
}

/** What catches each broken rule: a story, and so many seeds. */
function mutated(setting: Setting): boolean {
  const limit = number('SEEDS', 30)
  let all = true
  for (const [name, mutation] of Object.entries(soakMutations)) {
    const inStory = caughtInStory(name, mutation)
    const seeds = seedsToCatch(mutation, { seeds: limit, setting })
    const told = inStory ? `by "${catchers[name] ?? ''}", and ` : ''
    console.log(`${name}: ${told}${seeds === null ? `not by ${limit} seeds` : `by seed ${seeds}`}`)
    all &&= inStory || seeds !== null
  }
  return all
}

/** An empty variable is one that was not given. */
function number(name: string, otherwise: number): number {
  const text = process.env[name] ?? ''
  const value = text === '' ? otherwise : Number(text)
  if (!Number.isInteger(value)) throw new Error(`${name} is a whole number, not ${text}`)
  return value
}

function one(seed: number, setting: Setting): boolean {
  const say = process.env['TRACE'] === '1' ? { say: (line: string): void => console.log(line) } : {}
  const { violations, counts } = runSoak(soakOf(seed, setting), say)
  if (process.env['TRACE'] !== '1') console.log(words(counts))
  for (const violation of violations) console.log(`VIOLATED ${violation}`)
  return violations.length === 0
}

function many(setting: Setting): boolean {
  const base = number('SEED_BASE', 1 + Math.floor(Math.random() * 1e9))
  const seeds = number('SEEDS', 50)
  const tally = new Tally()
  const failed: number[] = []
  let [simulatedMs, slowestMs] = [0, 0]
  console.log(`${seeds} seeds from ${base}: ${settingWords(setting)}`)
  for (let seed = base; seed < base + seeds; seed += 1) {
    const outcome = runSoak(soakOf(seed, setting))
    tally.take(outcome.counts)
    simulatedMs += outcome.simulatedMs
    slowestMs = Math.max(slowestMs, outcome.settledMs)
    if (outcome.violations.length === 0) continue
    failed.push(seed)
    console.log(`seed ${seed}: ${outcome.violations.join('; ')}\n  ${replay(seed, setting)}`)
  }
  const { user, system } = process.cpuUsage()
  const seconds = (user + system) / 1e6
  const hours = simulatedMs / 3_600_000
  console.log(words(tally.all))
  console.log(
    `${hours.toFixed(1)} cluster-hours in ${seconds.toFixed(1)} s of one core: ${(hours / seconds).toFixed(2)} simulated cluster-hours a second`,
  )
  console.log(`all well at the latest ${(slowestMs / 1000).toFixed(0)} s after all was healed`)
  const missing = tally.missing(expectedOf(setting))
  if (missing.length > 0) console.log(`never happened: ${missing.join(', ')}`)
  // A short run may miss what is rare.
  const complete = missing.length === 0 || seeds < wholeRun
  console.log(failed.length === 0 ? 'nothing broken' : `broken in ${failed.length} of ${seeds} seeds`)
  return failed.length === 0 && complete
}

const settingWords = ({ nodes, witnesses, quorum, fencing, minutes }: Setting): string =>
  `${nodes} nodes, ${witnesses} witnesses, quorum ${quorum ? 'on' : 'off'}${fencing === true ? ', fencing' : ''}, ${minutes} minutes of trouble each`

function replay(seed: number, { nodes, witnesses, quorum, fencing, minutes }: Setting): string {
  const off = `${quorum ? '' : ' QUORUM=off'}${fencing === true ? ' FENCING=1' : ''}`
  return `replay it with: make sim SEED=${seed} TRACE=1 NODES=${nodes} WITNESS=${witnesses} MINUTES=${minutes}${off}`
}

const words = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([what, count]) => `${what} ${count}`)
    .join(', ')

process.exit(main() ? 0 : 1)
