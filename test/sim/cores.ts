import { fork, type ChildProcess } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { runSoak, type SoakOutcome } from './soak-run.js'
import { replayOf } from './report.js'
import { soakOf, type Setting } from './soak.js'

export interface Job {
  readonly seed: number
  readonly setting: Setting
}

export interface Done extends Job {
  readonly outcome: SoakOutcome
  /** Of one core. */
  readonly seconds: number
}

/** What makes a process one that runs seeds for another. */
const workerMark = 'seeds-for-another'

export const isWorker = (): boolean => process.argv[2] === workerMark

/** Runs each seed that the parent names, until the parent has no more, or is gone. */
export function work(): void {
  process.on('disconnect', () => process.exit())
  process.on('message', (job: Job) => {
    const before = process.cpuUsage()
    const outcome = outcomeOf(job)
    const { user, system } = process.cpuUsage(before)
    process.send?.({ ...job, outcome, seconds: (user + system) / 1e6 } satisfies Done)
  })
}

/** What is thrown is a finding like any other: a bug in the agent, or here. */
function outcomeOf({ seed, setting }: Job): SoakOutcome {
  try {
    return runSoak(soakOf(seed, setting))
  } catch (error) {
    const words = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { violations: [words], counts: {}, simulatedMs: 0, settledMs: 0 }
  }
}

/**
 * Seeds on all cores: each has a process of its own, which gets the next job when it is done with one. `next`: null where there is none left. Rejects where such a
 * process ends by itself.
 */
export async function onAllCores(next: () => Job | null, take: (done: Done) => void): Promise<void> {
  const children: ChildProcess[] = []
  const onOneCore = async (): Promise<void> => {
    let job = next()
    if (job === null) return
    const child = fork(process.argv[1] ?? '', [workerMark])
    children.push(child)
    for (; job !== null; job = next()) take(await doneBy(child, job))
  }
  try {
    await Promise.all(Array.from({ length: availableParallelism() }, onOneCore))
  } finally {
    for (const child of children) child.kill()
  }
}

function doneBy(child: ChildProcess, job: Job): Promise<Done> {
  return new Promise((resolve, reject) => {
    const broken = (why: string): void =>
      reject(new Error(`the process that ran a seed ${why}; ${replayOf(job.seed, job.setting)}`))
    const ended = (code: number | null, signal: string | null): void =>
      broken(`ended by itself, by ${signal ?? `code ${code}`}`)
    const failed = (error: Error): void => broken(`cannot be reached: ${error.message}`)
    child.once('exit', ended).once('error', failed)
    child.once('message', (done) => {
      child.off('exit', ended).off('error', failed)
      resolve(done as Done)
    })
    child.send(job)
  })
}
