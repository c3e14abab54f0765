import { mutations } from './mutations.js'
import { runSeed } from './run.js'

/** `npx tsx test/sim/replay.ts SEED [MUTATION]`: the story of one seed, line by line. Exit 1 where something does not hold. */
const [seed = '', mutation] = process.argv.slice(2)
const rules = mutation === undefined ? undefined : mutations[mutation]
if (!/^\d+$/.test(seed) || (mutation !== undefined && rules === undefined)) {
  console.error(
    `usage: npx tsx test/sim/replay.ts SEED [${Object.keys(mutations)
      .map((name) => `'${name}'`)
      .join('|')}]`,
  )
  process.exit(2)
}
const { trace, violations } = runSeed(Number(seed), rules)
for (const line of trace) console.log(line)
for (const violation of violations) console.log(`VIOLATED ${violation}`)
process.exit(violations.length === 0 ? 0 : 1)
