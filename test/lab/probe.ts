// Asking a service from the outside, many times a second, and telling when it was silent.
import { once } from 'node:events'
import { join } from 'node:path'
import { execa } from 'execa'
import { LabError } from './failure.js'
import type { ProbeReport } from './outage.js'
import type { Place } from './place.js'
import { recordOf } from './place.js'

export interface ProbeWish {
  readonly address: string
  readonly port: number
  /** A new try each so many milliseconds. */
  readonly everyMs?: number
  /**
   * An answer that takes longer than this is none. Default: 200. Stay below 1000: after that the kernel asks for the connection once
   * more, and a try that began in an outage would pass for an answered one.
   */
  readonly answerMs?: number
  /** The end; without it, until stop(). */
  readonly forMs?: number
  /** Sent once connected, as base64; for services that wait for their client's first words. */
  readonly send?: string
  /** The answer must contain this. */
  readonly expect?: string
  /** A connection alone is an answer. */
  readonly connectOnly?: boolean
}

export interface Probe {
  /** Ends the probe, if it has not yet ended, and returns what it saw. */
  stop(): Promise<ProbeReport>
  /** What it saw, once it has ended by itself or by stop(). */
  readonly report: Promise<ProbeReport>
}

/** Starts a probe in the switch's namespace; returns once its first try is under way. */
export async function startProbe(place: Place, wish: ProbeWish): Promise<Probe> {
  await recordOf(place)
  const loader = join(place.checkout, 'node_modules/tsx/dist/loader.mjs')
  const worker = execa(
    'nsenter',
    [
      `--net=/run/netns/${place.switchNamespace}`,
      process.execPath,
      `--import=${loader}`,
      join(import.meta.dirname, 'probe-run.ts'),
      JSON.stringify(wish),
    ],
    // it ends when its input does: no probe outlives this process. Ctrl-C at a terminal is for this process alone
    { reject: false, stdin: 'pipe', lines: true, detached: true },
  )
  const report = worker.then(({ exitCode, stdout, stderr }) => {
    const last = stdout.at(-1)
    if (exitCode === 0 && last !== undefined) return JSON.parse(last) as ProbeReport
    throw new LabError(`the probe of ${wish.address} broke off (${stderr.join(' ')}): start it again`)
  })
  report.catch(() => undefined)
  await Promise.race([once(worker.stdout, 'data'), report])
  return {
    report,
    stop: async () => {
      worker.stdin.end()
      return report
    },
  }
}
