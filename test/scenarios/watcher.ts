// A watcher outside of the nodes: looks from the host which of them run a service, and asks from the clients' network who answers for its address.
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { cgroupFolders } from '../lab/cgroup.js'
import { run, words } from '../lab/command.js'
import { LabError, type Lab } from '../lab/index.js'
import { placeOf } from '../lab/place.js'
import { until } from '../lab/wait.js'
import {
  answeredIn,
  longestBlindMs,
  longestSilenceMs,
  ranIn,
  twoAtOnce,
  type Sighting,
  type Two,
} from './sightings.js'

export interface WatchWish {
  /** What is the service: a program, by its path or its name. */
  readonly program: string
  readonly address: string
  /** Where it says to each client who it is. */
  readonly port: number
  /** What a client says first, in base64. */
  readonly question?: string
  /** A pattern whose first group is who answers; without it, all that is said. */
  readonly answer?: string
}

export interface WatchOrder extends WatchWish {
  readonly everyMs: number
  /** The compiled owners.c. */
  readonly owners: string
  readonly nodes: readonly { readonly name: string; readonly freezer: string }[]
}

/** What was seen since a date. */
export interface Seen {
  readonly two: readonly Two[]
  /** The nodes that ran it, one after the other. */
  readonly ran: readonly string[]
  /** Who answered clients, one after the other. */
  readonly answered: readonly string[]
  readonly silenceMs: number
  readonly blindMs: number
}

export interface Watcher {
  /** The latest it has seen; throws where it sees nothing any more. */
  now(): { readonly runs: readonly string[]; readonly answers: string | null }
  /** Waits until all that could be seen before this call is known. */
  hasLooked(): Promise<void>
  since(fromMs: number): Seen
  end(): Promise<void>
}

const EVERY_MS = 50
/** A watcher that says nothing for so long is none. */
const DEAD_MS = 5000
const BLIND = 'the watcher sees nothing any more'

export async function watch(lab: Lab, wish: WatchWish): Promise<Watcher> {
  const place = placeOf(lab.name)
  const child = execa(
    'nsenter',
    [
      `--net=/run/netns/${place.switchNamespace}`,
      // nothing on this machine, however busy, keeps it from looking
      ...words('chrt --fifo 1'),
      process.execPath,
      `--import=${join(place.checkout, 'node_modules/tsx/dist/loader.mjs')}`,
      join(import.meta.dirname, 'watcher-run.ts'),
      JSON.stringify(await orderOf(lab, wish)),
    ],
    // it ends when its input does: none outlives this process
    { reject: false, stdin: 'pipe', stderr: 'inherit', buffer: false },
  )
  const seen: Sighting[] = []
  createInterface(child.stdout).on('line', (line) => seen.push(JSON.parse(line) as Sighting))
  await until(async () => seen.some(({ kind }) => kind === 'looked'), {
    timeoutMs: 20_000,
    or: `the watcher of ${wish.address} did not begin: see what it printed above`,
  })
  return {
    now: () => latest(seen),
    async hasLooked() {
      const nowMs = Date.now()
      await until(async () => lookedMs(seen) > nowMs, {
        timeoutMs: DEAD_MS,
        or: BLIND,
      })
    },
    since(fromMs) {
      const toMs = Date.now()
      return {
        two: twoAtOnce(seen, fromMs, toMs),
        ran: ranIn(seen, fromMs, toMs),
        answered: answeredIn(seen, fromMs, toMs),
        silenceMs: longestSilenceMs(seen, fromMs, toMs),
        blindMs: longestBlindMs(seen, fromMs, toMs),
      }
    },
    async end() {
      child.stdin.end()
      await child
    },
  }
}

async function orderOf(lab: Lab, wish: WatchWish): Promise<WatchOrder> {
  const folders = await cgroupFolders(lab.name)
  const freezer = folders.find((folder) => folder.includes('freezer')) ?? ''
  const { run: folder, checkout } = placeOf(lab.name)
  const owners = join(folder, 'owners')
  await run(['gcc', '-O2', '-o', owners, join(checkout, 'test/lab/build/owners.c')])
  return {
    ...wish,
    owners,
    everyMs: EVERY_MS,
    nodes: lab.nodes.map(({ name }) => ({ name, freezer: join(freezer, name) })),
  }
}

const lookedMs = (seen: readonly Sighting[]): number =>
  seen.findLast(({ kind }) => kind === 'looked')?.atMs ?? 0

function latest(seen: readonly Sighting[]): ReturnType<Watcher['now']> {
  if (Date.now() - lookedMs(seen) > DEAD_MS) throw new LabError(BLIND)
  const runs = seen.findLast((one) => one.kind === 'runs')
  const answers = seen.findLast((one) => one.kind === 'answers')
  return { runs: runs?.on ?? [], answers: answers?.who ?? null }
}
