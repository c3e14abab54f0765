import { directed } from './directed.js'
import { mutations } from './mutations.js'
import { runSchedule } from './run.js'
import { scheduleOf } from './schedule.js'

/** `npx tsx test/sim/replay.ts SEED|STORY [MUTATION]`: what happened, line by line. Exit 1 where something does not hold. */
const [which = '', mutation] = process.argv.slice(2)
const schedule = /^\d+$/.test(which) ? scheduleOf(Number(which)) : directed[which]
const rules = mutation === undefined ? undefined : mutations[mutation]
if (schedule === undefined || (mutation !== undefined && rules === undefined)) {
  const quoted = (names: readonly string[]): string => names.map((name) => `  '${name}'`).join('\n')
  console.error(
    `usage: npx tsx test/sim/replay.ts SEED|STORY [MUTATION]\nstories:\n${quoted(Object.keys(directed))}`,
  )
  console.error(`mutations:\n${quoted(Object.keys(mutations))}`)
  process.exit(2)
}
const { trace, violations } = runSchedule(schedule, rules)
for (const line of trace) console.log(line)
for (const violation of violations) console.log(`VIOLATED ${violation}`)
process.exit(violations.length === 0 ? 0 : 1)
