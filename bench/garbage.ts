// Strangers at the ports of a node and of a witness: memory stays as it is, and no beat is missed.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { placeOf } from '../test/lab/place.js'
import { daemonOf, residentMb } from './daemon.js'
import { openQuorate } from './failover.js'
import { atMost, type Report } from './report.js'
import type { Stage } from './stage.js'

const PORT = 1215
/** The node that runs the service, and the witness. */
const MET = [1, 3] as const
const SETTLE_MS = 60_000
/** The daemon counts the last hundred beats of a path, which are fifty seconds. */
const WINDOW_MS = 45_000
/** What a heap that is collected now and then moves by. */
const FLAT_MB = 15

export async function measureGarbage(minutes: number, report: Report): Promise<void> {
  const stage = await openQuorate({ nodes: 3, witness: true })
  const { switchNamespace } = placeOf(stage.lab.name)
  const hosts = MET.map((n) => stage.node(n).address)
  const words = [
    `--net=/run/netns/${switchNamespace}`,
    process.execPath,
    join(import.meta.dirname, 'garbage-run.mjs'),
  ]
  // it ends when its input does: none outlives this process
  const stranger = execa('nsenter', [...words, String(PORT), ...hosts], { reject: false, stdin: 'pipe' })
  try {
    await sleep(SETTLE_MS)
    const before = await memoryOf(stage)
    let late = 0
    for (let passedMs = 0; passedMs < minutes * 60_000; passedMs += WINDOW_MS) {
      await sleep(WINDOW_MS)
      late = Math.max(late, ...(await Promise.all([1, 2].map((n) => lateAt(stage, n)))))
    }
    const after = await memoryOf(stage)
    stranger.stdin.end()
    const reached = Number((await stranger).stdout)
    if (!(reached > 0)) throw new Error('nobody reached a port: nothing was measured')
    const grown = Math.max(...after.map((mb, index) => mb - (before[index] ?? 0)))
    const what = `${minutes} minutes of garbage`
    const figures = `${before.map((mb) => mb.toFixed(0)).join(' and ')} MB before, ${after.map((mb) => mb.toFixed(0)).join(' and ')} MB after`
    report.line(`${what}: a node and a witness`, figures, atMost(grown, FLAT_MB, `${FLAT_MB} MB more`))
    report.line(`${what}: beats late or lost`, `${late} of 100`, atMost(late, 0, 'none'))
    report.line(`${what}: connections made`, String(reached))
    report.set('garbage', 'minutes', minutes)
    report.set('garbage', 'connections', reached)
    report.set('garbage', 'before_mb', before)
    report.set('garbage', 'after_mb', after)
    report.set('garbage', 'late_pct', late)
  } finally {
    stranger.stdin.end()
    await stranger
    await stage.end()
  }
}

const memoryOf = (stage: Stage): Promise<readonly number[]> =>
  Promise.all(MET.map(async (n) => residentMb(await daemonOf(stage, n))))

/** On the worst path, of the last hundred beats. */
async function lateAt(stage: Stage, n: number): Promise<number> {
  const { daemon } = await stage.cluster(n)
  return Math.max(...daemon.paths.map(({ late, loss }) => Math.round(100 * ((late ?? 0) + (loss ?? 0)))))
}
