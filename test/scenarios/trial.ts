// A service that must never run twice, with a watcher outside of the nodes as the judge, and where it is a database, its rows too.
import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { DAEMON_LOG } from '../lab/daemon.js'
import { messageOf } from '../lab/failure.js'
import type { Plan } from '../lab/index.js'
import { keepLogs, openStage, until, type Stage } from './failure.js'
import type { Rows } from './rows.js'
import { isBeyondGuard, type Two } from './sightings.js'
import type { TrialService } from './trial-services.js'
import { watch, type Seen, type Watcher } from './watcher.js'

/** Of the default profile. */
const TIMEOUT_MS = 5000
/** The options of `om cluster set` that turn quorum on, with the times of the default profile. */
const QUORUM = [
  'cluster.quorum=true',
  'heartbeat.interval=500ms',
  `heartbeat.timeout=${TIMEOUT_MS}ms`,
  'node.rejoin_grace_period=5s',
]
  .map((timer) => `--kw ${timer}`)
  .join(' ')

/** Of the lab's watchdogs. */
const WATCHDOG_MS = 2000
/** The command for what a node does that cannot give up in time what it runs. */
export const selfFence = (how: 'watchdog' | 'stop'): string =>
  `cluster set --kw node.self_fence=${how} --kw node.watchdog_dev=/dev/longshore-watchdog`

/** Silence, a claim that is answered, and a start; and as much again for a machine that is busy with all the nodes at once. */
const BOUND_MS = 3 * TIMEOUT_MS

/** The watcher never has its eyes closed for longer: it runs before everything else on this machine. */
const BLIND_MS = 250

/** Of the nodes' log and status, in a failure. */
const LAST_LINES = 40

/** In a failure: what is missing is only that it was up, or down, in time, and nobody was blind meanwhile. `scripts/test.sh` looks for these words before it tries a file once more. */
const NEVER_TWO = 'never two at once'

/** Long enough for anybody who is wrong about a fault to act on it. */
const LASTING_MS = 1.5 * TIMEOUT_MS

export interface Trial {
  readonly stage: Stage
  readonly watcher: Watcher
  /** The numbers of the nodes that may run the service. */
  readonly runners: readonly number[]
  /** The node that runs the service and answers for it; null where none does, or more than one. */
  alone(): number | null
  /** Waits until it runs on one of these nodes; which. */
  upOn(nodes: readonly number[]): Promise<number>
  /** It runs there and nowhere else, at every look, for longer than any timer, and answers in the end. */
  staysOn(node: number): Promise<void>
  /** It ends everywhere, and nobody starts it. */
  staysDown(): Promise<void>
  /** Everything repaired, everybody heard and nothing under way; where the service runs then. */
  settled(): Promise<number>
  /** Fails where two were seen since that date, or where an acknowledged row is lost. */
  judge(title: string, fromMs: number, guardAlone?: GuardAlone): Promise<void>
  /** Counts until the answer is called, which also tells people who want to know what a fault cost. */
  counting(): Promise<(title: string) => Promise<Cost>>
  end(): Promise<void>
}

/** What happened to the cluster, of each node in the order of their numbers, those that only vote too. */
export interface Cost {
  /** So often the node has lost its lease, and had nothing any more. */
  readonly leasesLost: readonly number[]
  /** So often the node, as a voter, has evicted another one. */
  readonly evictions: readonly number[]
  /** The nodes that ran the service, one after the other. */
  readonly ran: readonly string[]
}

/** Nothing but its guard protected from a node that was paused until that date: what only more would protect from is no failure. */
export interface GuardAlone {
  readonly resumedMs: number
}

/** Nodes with quorum on and a watchdog each, and the service up. */
export async function openTrial(name: string, service: TrialService, plan: Partial<Plan>): Promise<Trial> {
  const stage = await openStage(name, { docker: service.docker, watchdogMs: WATCHDOG_MS, ...plan })
  const { nodes, witness } = stage.lab.plan
  const numbers = stage.lab.nodes.map((_, index) => index + 1)
  const runners = witness === true ? numbers.slice(0, nodes - 1) : numbers
  await stage.mustOm(1, `cluster set ${QUORUM}`)
  await stage.mustOm(1, selfFence('watchdog'))
  await stage.deploy('ha1', await service.install(stage, runners))
  const watcher = await watch(stage.lab, service.watch)
  return trialOf({ stage, watcher, runners, rows: await service.rows(stage) })
}

interface Parts extends Pick<Trial, 'stage' | 'watcher' | 'runners'> {
  /** Absent where the service keeps none. */
  readonly rows: Rows | null
}

function trialOf({ stage, watcher, runners, rows }: Parts): Trial {
  const alone = (): number | null => aloneOn(watcher)
  /** Of what is only late, a watcher that was awake says so. */
  const neverTwo = async (): Promise<string> => {
    await watcher.hasLooked()
    const { two, blindMs } = watcher.since(0)
    if (two.length > 0) return `two at once: ${JSON.stringify(two)}`
    return blindMs < BLIND_MS ? NEVER_TWO : `nobody looked for ${blindMs} ms`
  }
  /** Where something else is seen than what must be, the failure says what, with the end of what the nodes logged. */
  const told = async (what: string, seen: Promise<void>, verdict = neverTwo): Promise<void> => {
    await seen.catch(async (error: unknown) => {
      const twice = await verdict().catch(messageOf)
      const last = JSON.stringify(watcher.now())
      const logged = (await keepLogs(stage, what, ['ha1'])).trim().split('\n').slice(-LAST_LINES)
      const failure = `${messageOf(error)}; ${twice}; seen at last: ${last}`
      throw new Error([failure, ...logged].join('\n'), { cause: error })
    })
  }
  const upOn: Trial['upOn'] = async (nodes) => {
    const what = `ha1 runs on one of node${nodes.join(', node')}`
    await told(
      what,
      until(what, async () => nodes.includes(alone() ?? 0), BOUND_MS),
    )
    return alone() ?? 0
  }
  const staysSeen = (runs: readonly string[]): Promise<void> =>
    told(
      'where it runs',
      lasting(() => expect(watcher.now().runs, 'where it runs').toEqual(runs)),
      async () => 'not where it must',
    )
  return {
    stage,
    watcher,
    runners,
    alone,
    upOn,
    async staysOn(node) {
      await staysSeen([`node${node}`])
      await upOn([node])
    },
    async staysDown() {
      const what = 'ha1 runs nowhere'
      await told(
        what,
        until(what, async () => watcher.now().runs.length === 0, BOUND_MS),
      )
      await staysSeen([])
    },
    async settled() {
      await stage.repair()
      const node = await upOn(runners)
      // The program answers before the resources behind it are up.
      await until('ha1 has come to rest', async () => {
        const { target } = await stage.service(node, 'ha1')
        return target === null && (await stage.instance(node, 'ha1', node)).monitor === 'idle'
      })
      return node
    },
    async judge(title, fromMs, guardAlone) {
      const kept = (await rows?.judge(title)) ?? 0
      await watcher.hasLooked()
      const seen = watcher.since(fromMs)
      note(title, seen, kept)
      const isExcused = (two: Two): boolean =>
        guardAlone !== undefined && isBeyondGuard(two, guardAlone.resumedMs)
      expect(
        seen.two.filter((two) => !isExcused(two)),
        title,
      ).toEqual([])
      expect(seen.blindMs, 'a watcher that sleeps proves nothing').toBeLessThan(BLIND_MS)
    },
    counting: () => counting(stage, watcher),
    async end() {
      await rows?.end()
      await watcher.end()
      await stage.end()
    },
  }
}

function aloneOn(watcher: Watcher): number | null {
  const { runs, answers } = watcher.now()
  const [only, another] = runs
  if (only === undefined || another !== undefined || answers?.split(' ')[0] !== only) return null
  return Number(only.slice('node'.length))
}

/** For people who want to know how long each fault kept clients waiting. */
function note(title: string, { two, silenceMs, blindMs }: Seen, rows: number): void {
  const figures = `silent for ${silenceMs} ms at most, a look every ${blindMs} ms at least, ${rows} rows`
  log(`${title}: ${figures}, ${JSON.stringify(two)}`)
}

function log(line: string): void {
  const file = process.env['SCENARIO_LOG']
  if (file !== undefined) appendFileSync(file, `${line}\n`)
}

async function counting({ lab }: Stage, watcher: Watcher): ReturnType<Trial['counting']> {
  const count = (words: string): Promise<readonly number[]> =>
    Promise.all(
      lab.nodes.map(async (node) => Number((await node.exec(['grep', '-c', words, DAEMON_LOG])).stdout)),
    )
  const counts = async () => ({
    leasesLost: await count(' end lapse: '),
    evictions: await count(' evict of '),
  })
  const fromMs = Date.now()
  const before = await counts()
  return async (title) => {
    const after = await counts()
    const grown = (key: keyof typeof after): readonly number[] =>
      after[key].map((now, i) => now - (before[key][i] ?? 0))
    const cost = {
      leasesLost: grown('leasesLost'),
      evictions: grown('evictions'),
      ran: watcher.since(fromMs).ran,
    }
    log(`${title}: ${JSON.stringify(cost)}`)
    return cost
  }
}

async function lasting(look: () => void): Promise<void> {
  for (const endMs = performance.now() + LASTING_MS; performance.now() < endMs; await sleep(100)) look()
}
