// The outage of a switch, beside that of the same commands by hand: in turns, so that both meet the same machine.
import { byHand, commandsFor } from './by-hand.js'
import { spreadOf, type Spread } from './figures.js'
import { atMost, type Report } from './report.js'
import type { Measured } from './services.js'
import { outageMs, type Stage } from './stage.js'

const LIMIT_RATIO = 1.1

export interface Pair {
  readonly under: Measured
  readonly hand: Measured
  /** Keys of the JSON begin so. */
  readonly prefix: '' | 'postgres_'
  /** Is the ratio expected to hold, or only told? */
  readonly expected: boolean
}

/** Deploys the pair, moves each to and fro, and leaves only the one under the agent, up. */
export async function measureSwitch(stage: Stage, pair: Pair, rounds: number, report: Report): Promise<void> {
  const { under, hand } = pair
  await stage.deploy(under.name, under.configuration)
  await under.fill(stage, 1)
  const commands = await commandsFor(stage, under, hand)
  const typed = byHand(stage, hand, commands)
  await typed.first(1)
  await hand.fill(stage, 1)
  // once without a watch: both have then been on both nodes
  const outages = { om: [] as number[], script: [] as number[] }
  for (let round = 0; round <= rounds; round += 1) {
    const [from, to] = round % 2 === 0 ? ([1, 2] as const) : ([2, 1] as const)
    const om = await stage.watched(under.wish, async () => {
      await stage.om(from, `${under.name} switch --wait`)
    })
    await stage.settled(under.name, to)
    const script = await quietly(stage, () => stage.watched(hand.wish, () => typed.relocate(from, to)))
    if (round === 0) continue
    outages.om.push(outageMs(om, `switch ${round}`))
    outages.script.push(outageMs(script, `script ${round}`))
  }
  await typed.stop(rounds % 2 === 0 ? 2 : 1)
  tell(pair, outages, report)
}

/** The script has the machine for itself: no agent wakes up at its mounts and addresses. */
async function quietly<T>(stage: Stage, act: () => Promise<T>): Promise<T> {
  const signal = async (word: string): Promise<void> => {
    for (const node of stage.lab.nodes) {
      await node.run(['/opt/longshore/test/lab/guest/signal.sh', 'omd', word])
    }
  }
  await signal('STOP')
  try {
    return await act()
  } finally {
    await signal('CONT')
  }
}

function tell(
  { prefix, expected, under }: Pair,
  outages: { readonly om: readonly number[]; readonly script: readonly number[] },
  report: Report,
): void {
  const [om, script] = [spreadOf(outages.om), spreadOf(outages.script)] as [Spread, Spread]
  report.spread(`om ${under.name} switch`, om, 'ms')
  report.spread('the same commands by hand', script, 'ms')
  const ratio = om.median / script.median
  const pairs = spreadOf(outages.om.map((ms, i) => ms / (outages.script[i] ?? ms))) as Spread
  const figures = `${ratio.toFixed(2)} x (pairs ${pairs.least.toFixed(2)} to ${pairs.most.toFixed(2)})`
  report.line('ratio', figures, expected ? atMost(ratio, LIMIT_RATIO, `${LIMIT_RATIO} x`) : undefined)
  report.set('switch', `${prefix}outage_ms`, om.median)
  report.set('switch', `${prefix}script_outage_ms`, script.median)
  report.set('switch', `${prefix}ratio`, ratio)
  report.set('switch', `${prefix}outages_ms`, outages.om)
  report.set('switch', `${prefix}script_outages_ms`, outages.script)
}
