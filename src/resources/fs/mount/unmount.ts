import { fail, ok, type Result } from '../../../core/result.js'
import { flagOf, type Act, type Context, type DoStep } from '../../driver.js'
import { commandFailure } from '../../kit/command-failure.js'
import { holdersOf, holdersText, type Holder } from '../../kit/holders.js'
import { mountsOf, type Mount } from '../../kit/mounts.js'

/** What keeps a mount busy for a moment (a scanner, a process that is ending) gets this many tries to go. */
const TRIES = 4
const BETWEEN_TRIES_MS = 250

/** Holders that may be killed are asked to end, then killed, with this long in between. */
const SIGNALS = ['TERM', 'KILL', 'KILL'] as const
const AFTER_SIGNAL_MS = 1_000

/**
 * Unmounts one mount. Where it stays busy, the processes that hold it are named, and ended only if the resource has `kill_holders`.
 */
export function unmount(ctx: Context, mount: Mount): DoStep {
  return {
    kind: 'do',
    text: `umount ${mount.point}`,
    async run(act) {
      const patient = await inTries(act, mount)
      if (patient.ok || patient.error.code !== 'EXEC_FAILED') return patient
      const holders = await holdersOf(act.io.files, mount)
      if (!flagOf(ctx.resource, 'kill_holders') || holders.length === 0)
        return busy(mount, holders, patient.error)
      return withoutHolders(act, mount)
    },
  }
}

async function inTries(act: Act, mount: Mount): Promise<Result<void>> {
  for (let tries = 1; ; tries++) {
    const done = await once(act, mount)
    if (done.ok || done.error.code !== 'EXEC_FAILED' || tries === TRIES || act.signal.aborted) return done
    await act.sleep(BETWEEN_TRIES_MS)
  }
}

/** One `umount`, of an NFS mount by force from the second time on: its server may be gone. */
async function once(act: Act, mount: Mount): Promise<Result<void>> {
  const timeoutMs = Math.max(act.deadlineMs - act.io.clock.nowMs(), 1)
  const ended = await act.ask(['umount', mount.point], { timeoutMs, changes: true })
  const failure = commandFailure(ended, { timeoutMs })
  if (failure === null) return ok(undefined)
  const mounts = await mountsOf(act.look())
  return mounts.ok && !mounts.value.some((other) => other.id === mount.id)
    ? ok(undefined)
    : { ok: false, error: failure }
}

async function withoutHolders(act: Act, mount: Mount): Promise<Result<void>> {
  for (const signal of SIGNALS) {
    const holders = await holdersOf(act.io.files, mount)
    if (holders.length > 0) {
      act.log('warn', `${mount.point} is busy: ending ${holdersText(holders)}`)
      await act.command(['kill', `-${signal}`, ...holders.map((holder) => String(holder.pid))], {
        tolerate: true,
      })
    }
    const untilMs = act.io.clock.nowMs() + AFTER_SIGNAL_MS
    do {
      await act.sleep(BETWEEN_TRIES_MS)
      const done = await once(act, mount)
      if (done.ok || done.error.code !== 'EXEC_FAILED') return done
    } while (act.io.clock.nowMs() < untilMs && !act.signal.aborted)
  }
  return busy(mount, await holdersOf(act.io.files, mount), {
    message: 'it stays busy although its holders were killed',
  })
}

function busy(mount: Mount, holders: readonly Holder[], error: { readonly message: string }): Result<void> {
  if (holders.length > 0) {
    const next = 'end them, or let the service do so with kill_holders = true'
    return fail('EXEC_FAILED', `${mount.point} is busy, held by ${holdersText(holders)}: ${next}`)
  }
  const next = 'no process holds it: look for loop devices, swap, exports and mounts upon it'
  return fail('EXEC_FAILED', `${error.message}; ${next}`)
}
