// Each node's watchdog device: a FIFO that a process outside the nodes reads. The first byte arms it; without a
// further one within the period the node is reset; `V` as the last byte before closing disarms it. What a node writes to
// /dev/longshore-reset resets it at once.
import { readFile, stat } from 'node:fs/promises'
import { constants, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { exists } from './cache.js'
import { run } from './command.js'
import { initOf } from './exec.js'
import { messageOf } from './failure.js'
import { nodeState, numbersOf, recordFile, type LabRecord, type Place } from './place.js'
import type { Started } from './process.js'
import { until } from './wait.js'

const TICK_MS = 100

export function watchdogFifo(place: Place, n: number): string {
  return join(nodeState(place, n), 'watchdog')
}

/** Makes the nodes' devices and starts the one process that reads them all. */
export async function startWatchdogs(place: Place, record: LabRecord): Promise<void> {
  for (const n of numbersOf(record.plan)) {
    await run(['mkdir', '-p', nodeState(place, n)])
    if (!(await exists(watchdogFifo(place, n)))) await run(['mkfifo', '-m', '600', watchdogFifo(place, n)])
  }
  const loader = join(place.checkout, 'node_modules/tsx/dist/loader.mjs')
  const log = join(place.run, 'watchdog.log')
  const program = [process.execPath, `--import=${loader}`, join(import.meta.dirname, 'watchdog-run.ts')]
  const reader = execa('sh', ['-c', 'exec "$@" >>"$0" 2>&1', log, ...program, place.name], {
    detached: true,
    cleanup: false,
    reject: false,
    stdio: 'ignore',
  })
  reader.unref()
  await until(() => exists(watchdogPid(place)), {
    timeoutMs: 20_000,
    or: `the watchdog did not start: read ${log}`,
  })
}

/** Where the reading process records itself. */
export function watchdogPid(place: Place): string {
  return join(place.run, 'watchdog.pid')
}

/** One node's device, seen from outside. */
export class Watchdog {
  private readonly fd: number
  private readonly buffer = Buffer.alloc(4096)
  private last = ''
  private armed: { readonly init: Started; readonly fedMs: number } | undefined

  constructor(fifo: string) {
    this.fd = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK)
  }

  /** Takes in what was written; true when the node that armed it is due for a reset. */
  async due(now: () => Promise<Started | undefined>, periodMs: number, nowMs: number): Promise<boolean> {
    const heard = this.listen()
    if (heard === 'closed' && this.last === 'V') this.armed = undefined
    if (heard === 'fed') await this.feed(now, nowMs)
    if (this.armed === undefined || nowMs - this.armed.fedMs < periodMs) return false
    // a crash ends what the node's last boot armed
    const same = (await now())?.start === this.armed.init.start
    this.armed = undefined
    return same
  }

  private async feed(now: () => Promise<Started | undefined>, nowMs: number): Promise<void> {
    const init = await now()
    if (init !== undefined) this.armed = { init, fedMs: nowMs }
  }

  private listen(): 'fed' | 'closed' | 'quiet' {
    let fed = false
    for (;;) {
      const bytes = this.read()
      if (bytes === undefined) return fed ? 'fed' : 'quiet'
      // the end is seen again on the next look, with the last byte kept
      if (bytes === '') return fed ? 'fed' : 'closed'
      fed = true
      this.last = bytes.slice(-1)
    }
  }

  /** What is there: undefined when nothing is, the empty text when nobody has the device open. */
  private read(): string | undefined {
    try {
      return this.buffer.toString('latin1', 0, readSync(this.fd, this.buffer))
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'EAGAIN') return undefined
      throw thrown
    }
  }
}

/** Reads all devices until the lab is gone; calls `reset` for each node that is due or asks for it. */
export async function watch(
  place: Place,
  record: LabRecord,
  reset: (n: number) => Promise<void>,
): Promise<void> {
  const underWay = new Set<number>()
  const begin = (n: number, why: string): void => {
    console.log(`${new Date().toISOString()} node${n}: ${why}, reset`)
    underWay.add(n)
    void reset(n)
      .catch((thrown: unknown) => console.log(`node${n}: ${messageOf(thrown)}`))
      .finally(() => underWay.delete(n))
  }
  const dogs = numbersOf(record.plan).map((n) => ({ n, dog: new Watchdog(watchdogFifo(place, n)) }))
  const written = await readFile(recordFile(place), 'utf8')
  const periodMs = record.plan.watchdogMs ?? Infinity
  while ((await readFile(recordFile(place), 'utf8').catch(() => '')) === written) {
    for (const { n, dog } of dogs) {
      const unfed = await dog.due(() => initOf(place, n), periodMs, performance.now())
      if (underWay.has(n)) continue
      if (unfed) begin(n, `no byte for ${periodMs} ms`)
      else if (await asksForReset(place, n)) begin(n, 'it asked for it')
    }
    await sleep(TICK_MS)
  }
}

/** What is written there is emptied by the next boot; a node that is down asks for nothing. */
async function asksForReset(place: Place, n: number): Promise<boolean> {
  const { size } = await stat(join(nodeState(place, n), 'reset')).catch(() => ({ size: 0 }))
  return size > 0 && (await initOf(place, n)) !== undefined
}
