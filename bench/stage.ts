// The cluster that is measured, and what every benchmark does with it.
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterStatus, PlanAnswer } from '../src/daemon/api/contract.js'
import {
  openLab,
  type Lab,
  type LabNode,
  type Plan,
  type ProbeReport,
  type ProbeWish,
} from '../test/lab/index.js'
import { isWitness } from '../test/lab/place.js'

export type Configuration = Readonly<Record<string, Readonly<Record<string, string>>>>

export interface Stage {
  readonly lab: Lab
  node(n: number): LabNode
  /** `om WORDS` on a node; what it printed. */
  om(n: number, words: string, input?: string): Promise<string>
  deploy(name: string, configuration: Configuration): Promise<void>
  cluster(askedOn: number): Promise<ClusterStatus>
  plan(name: string, words: string): Promise<PlanAnswer>
  /** The number of the one node on which the service is up; undefined where it is up on none or several. */
  upOn(name: string, askedOn?: number): Promise<number | undefined>
  /** Waits until a service is up on a node, and nothing is being done about it. */
  settled(name: string, on: number): Promise<void>
  /** Acts while a client asks again and again, and waits until it is answered as before. */
  watched(wish: ProbeWish, act: () => Promise<void>): Promise<ProbeReport>
  end(): Promise<void>
}

const LIMIT_MS = 120_000
const POLL_MS = 200

/** A client that is answered for so long is answered for good. */
const CALM_MS = 600

/** One whose neighbours were told late of where the address is now is told again within this time. */
const AGAIN_MS = 1500

export async function openStage(plan: Partial<Plan> = {}): Promise<Stage> {
  return stageOn(await openLab({ nodes: 2, daemon: 'default', ...plan }))
}

/** The witness's daemon is asked at a socket of its own. */
const clientOf = ({ plan, name }: Lab, n: number): readonly string[] =>
  isWitness(plan, n) ? ['env', `LONGSHORE_WITNESS=${name}`, 'om'] : ['om']

/** The same over nodes that are there already. */
export function stageOn(lab: Lab): Stage {
  const om: Stage['om'] = (n, words, input) =>
    lab.node(n).run([...clientOf(lab, n), ...words.split(' ')], {
      timeoutMs: LIMIT_MS,
      ...(input === undefined ? {} : { input }),
    })
  const cluster: Stage['cluster'] = async (askedOn) =>
    JSON.parse(await om(askedOn, 'mon --format json')) as ClusterStatus
  const upOn: Stage['upOn'] = async (name, askedOn = 1) => {
    const { services } = await cluster(askedOn)
    const service = services.find((one) => one.name === name)
    if (service === undefined) throw new Error(`node${askedOn} knows no service ${name}`)
    const { instances, target } = service
    // The last word of a node that died says that it was up.
    const up = instances.filter(({ instance, reachable }) => reachable && instance?.avail === 'up')
    const idle = instances.every(({ instance, reachable }) => !reachable || instance?.monitor === 'idle')
    return up.length === 1 && target === null && idle ? Number(up[0]?.node.slice('node'.length)) : undefined
  }
  return {
    lab,
    node: (n) => lab.node(n),
    om,
    cluster,
    upOn,
    deploy: async (name, configuration) =>
      void (await om(1, `${name} deploy --config=- --wait`, JSON.stringify(configuration))),
    plan: async (name, words) =>
      JSON.parse(await om(1, `${name} ${words} --dry-run --format json`)) as PlanAnswer,
    settled: async (name, on) => {
      await until(`${name} is up on node${on}`, async () => (await upOn(name, on)) === on)
    },
    watched: (wish, act) => watched(lab, wish, act),
    end: () => lab.down(),
  }
}

async function watched(lab: Lab, wish: ProbeWish, act: () => Promise<void>): Promise<ProbeReport> {
  const probe = await lab.probe(wish)
  await sleep(CALM_MS)
  try {
    await act()
    await sleep(AGAIN_MS)
  } finally {
    await probe.stop()
  }
  return probe.report
}

/** Asks until the answer is true. What throws meanwhile counts as no. */
export async function until(what: string, ask: () => Promise<boolean>, limitMs = LIMIT_MS): Promise<void> {
  const endMs = performance.now() + limitMs
  for (;;) {
    if (await ask().catch(() => false)) return
    if (performance.now() > endMs) throw new Error(`not within ${limitMs / 1000} s: ${what}`)
    await sleep(POLL_MS)
  }
}

/** How long a client went without an answer, from its first try in vain to its next answer; all such times together. */
export function outageMs(report: ProbeReport, what: string): number {
  if (report.outages.length === 0) throw new Error(`${what}: the client saw no outage`)
  if (report.outages.some((outage) => outage.open === true)) {
    throw new Error(`${what}: the client was not answered again`)
  }
  // Tries overlap where answers are slow: what two of them missed is counted once.
  let [untilMs, sumMs] = [-Infinity, 0]
  for (const { from, ms } of report.outages.toSorted((a, b) => a.from - b.from)) {
    const endMs = from + ms
    sumMs += Math.max(0, endMs - Math.max(from, untilMs))
    untilMs = Math.max(untilMs, endMs)
  }
  return sumMs
}
