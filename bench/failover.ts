// A node dies under quorum: how long until a client is answered again, by profile and by what makes the majority.
import { ADDRESS, answering, installAnswer, PORT } from '../test/lab/answering.js'
import { DAEMON_LOG } from '../test/lab/daemon.js'
import type { LabNode, Plan, ProbeWish } from '../test/lab/index.js'
import { AGENT, agent, installAgent, saysOff } from '../test/lab/power-switch.js'
import { spreadOf, type Spread } from './figures.js'
import { below, type Report } from './report.js'
import { openStage, outageMs, until, type Stage } from './stage.js'

const NAME = 'ha1'
const WISH: ProbeWish = { address: ADDRESS, port: PORT, everyMs: 5, expect: 'node' }

const CLUSTERS: readonly { readonly key: string; readonly what: string; readonly plan: Partial<Plan> }[] = [
  { key: 'witness', what: 'two nodes and a witness', plan: { nodes: 3, witness: true } },
  { key: 'three', what: 'three nodes', plan: { nodes: 3 } },
]

export const PROFILES = ['default', 'fast'] as const
export type Profile = (typeof PROFILES)[number]

/** `fast` relies on a fencing agent, which here finds each crashed node off; without one `om cluster check` warns. */
const LIMITS_MS: Readonly<Record<Profile, number>> = { default: 5600, fast: 2000 }

/** Crashes the active node so many times in each cluster under each profile. */
export async function measureFailover(rounds: number, report: Report): Promise<void> {
  for (const { key, what, plan } of CLUSTERS) {
    const stage = await openQuorate(plan)
    try {
      for (const profile of PROFILES) {
        await goBy(stage, profile)
        if (profile === 'fast') await fence(stage, plan)
        const outages = await crashes(stage, runnersOf(plan), rounds)
        const outage = spreadOf(outages) as Spread
        const line = `crash of the active node, ${what}, ${profile}`
        report.spread(
          line,
          outage,
          'ms',
          below(outage.median, LIMITS_MS[profile], `${LIMITS_MS[profile]} ms`),
        )
        report.set('failover', `${key}_${profile}_ms`, outage.median)
        report.set('failover', `${key}_${profile}_all_ms`, outages)
      }
    } finally {
      await stage.end()
    }
  }
}

/** A cluster with quorum on, and the service up. */
export async function openQuorate(plan: Partial<Plan>): Promise<Stage> {
  const stage = await openStage({ daemon: 'default', docker: false, ...plan })
  const runners = runnersOf(plan)
  for (const n of runners) await installAnswer(stage.node(n))
  await agreed(stage, () => stage.om(1, 'cluster set --kw cluster.quorum=true'))
  await stage.deploy(NAME, answering(runners))
  return stage
}

/** Takes the times of a profile. A cluster begins with those of `default`. */
export async function goBy(stage: Stage, profile: Profile): Promise<void> {
  if (profile === 'fast')
    await agreed(stage, () => stage.om(1, `cluster set --kw heartbeat.profile=${profile}`))
}

/** Changes votes or times, and waits until the former ones are over everywhere: what is measured before goes by both. */
async function agreed(stage: Stage, change: () => Promise<unknown>): Promise<void> {
  const { nodes } = stage.lab
  const times = (): Promise<readonly number[]> => Promise.all(nodes.map(agreements))
  const before = await times()
  await change()
  await until('everybody goes by the new votes and times', async () =>
    (await times()).every((count, i) => count > (before[i] ?? 0)),
  )
}

const agreements = async (node: LabNode): Promise<number> =>
  Number((await node.exec(['grep', '-c', 'the former ones are over', DAEMON_LOG])).stdout)

function runnersOf({ nodes = 2, witness = false }: Partial<Plan>): readonly number[] {
  return Array.from({ length: witness ? nodes - 1 : nodes }, (_, i) => i + 1)
}

async function fence(stage: Stage, plan: Partial<Plan>): Promise<void> {
  for (const n of runnersOf(plan)) await installAgent(stage.node(n), agent)
  const keywords = runnersOf(plan).map((n) => `--kw stonith#node${n}.agent=${AGENT}`)
  await stage.om(1, `cluster set ${keywords.join(' ')}`)
}

async function crashes(stage: Stage, runners: readonly number[], rounds: number): Promise<readonly number[]> {
  const outages: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const active = await activeOf(stage, runners)
    const others = runners.filter((n) => n !== active)
    const seen = await stage.watched(WISH, async () => {
      await stage.node(active).crash()
      await Promise.all(others.map((n) => saysOff(stage.node(n))))
      await settledAmong(stage, others)
    })
    outages.push(outageMs(seen, `crash ${round + 1}`))
    await stage.node(active).boot()
    await until(`node${active} is back`, async () => (await stage.upOn(NAME, active)) !== undefined)
    for (const n of others) await stage.node(n).run(['rm', '-f', '/run/is-off', '/run/wish'])
  }
  return outages
}

async function activeOf(stage: Stage, runners: readonly number[]): Promise<number> {
  let found: number | undefined
  await until(`${NAME} is up on one node`, async () => {
    found = await stage.upOn(NAME, runners[0])
    return found !== undefined
  })
  return found ?? 1
}

async function settledAmong(stage: Stage, nodes: readonly number[]): Promise<void> {
  await until(`${NAME} is up on one of node${nodes.join(', node')}`, async () => {
    const on = await stage.upOn(NAME, nodes[0])
    return on !== undefined && nodes.includes(on)
  })
}
