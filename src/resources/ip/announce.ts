import { ok } from '../../core/result.js'
import type { Act, Context, DoStep } from '../driver.js'
import { announceCommand } from '../kit/arp.js'
import { commandText } from '../kit/command-text.js'
import { resourceEnvironment } from '../kit/environment.js'
import type { Wanted } from './address.js'

/** Announcements as in RFC 5227, section 2.3; one that is lost on a busy segment is followed by another. */
const TIMES = 3
const EVERY_MS = 1_000

/**
 * arping has sent what it has to send long before; it would stay for a second. A process that stays in a network namespace keeps it, and the address
 * in it answers for as long, whatever became of the container.
 */
const STAYS_MS = 500

/**
 * Tells the neighbours, without anybody waiting for it. Each announcement is a process of its own, which ends at once where the address is gone
 * meanwhile, and is found by the guard as everything of the service is. IPv6 neighbours are told by the kernel.
 */
export function announceStep(
  ctx: Context,
  wanted: Wanted,
  dev: string,
  enter: readonly string[],
): readonly DoStep[] {
  if (wanted.family === 6) return []
  const argv = [...enter, ...announceCommand(dev, wanted.ip)]
  return [
    {
      kind: 'do',
      text: commandText(argv),
      run: (act) => {
        void announce(ctx, act, argv, wanted.ip)
        return Promise.resolve(ok(undefined))
      },
    },
  ]
}

async function announce(ctx: Context, act: Act, argv: readonly string[], ip: string): Promise<void> {
  const options = { timeoutMs: STAYS_MS, env: resourceEnvironment(ctx, 'start') }
  for (let told = 0; told < TIMES; told += 1) {
    if (told > 0) await act.sleep(EVERY_MS)
    if (act.signal.aborted) return
    const { outcome, exit, stderr } = await act.io.exec.run(argv, options)
    if (outcome === 'timeout' || exit === 0) continue
    if (told === 0) act.log('warn', `the neighbours were not told where ${ip} is now: ${stderr.trim()}`)
    return
  }
}
