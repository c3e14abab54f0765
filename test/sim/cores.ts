import { fork, type ChildProcess } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { runSoak, type SoakOutcome } from './soak-run.js'
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

/** Runs each seed that the parent names, until the parent has no more. */
export function work(): void {
  process.on('message', (job: Job) => {
    const before = process.cpuUsage()
    const outcome = runSoak(soakOf(job.seed, job.setting))
    const { user, system } = process.cpuUsage(before)
    process.send?.({ ...job, outcome, seconds: (user + system) / 1e6 } satisfies Done)
  })
}

/** Seeds on all cores: each has a process of its own, which gets the next job when it is done with one. `next`: null where there is none left. */
export async function onAllCores(next: () => Job | null, take: (done: Done) => void): Promise<void> {
  await Promise.all(Array.from({ length: availableParallelism() }, () => onOneCore(next, take)))
}

async function onOneCore(next: () => Job | null, take: (done: Done) => void): Promise<void> {
  const child = fork(process.argv[1] ?? '', [workerMark])
  try {
    for (let job = next(); job !== null; job = next()) take(await doneBy(child, job))
  } finally {
    child.kill()
  }
}

function doneBy(child: ChildProcess, job: Job): Promise<Done> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void =>
      reject(new Error(`the process that ran seed ${job.seed} ended by itself, code ${code}`))
    child.once('exit', ended)
    child.once('message', (done) => {
      child.off('exit', ended)
      resolve(done as Done)
    })
    child.send(job)
  })
}
