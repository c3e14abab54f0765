import { fail, ok, type Result } from '../../core/result.js'
import { numberOf, requiredText, type Act, type Context, type DoStep } from '../driver.js'
import { ANSWERED, answeredBy, probeCommand } from '../kit/arp.js'
import type { Link } from '../kit/ip.js'
import type { Wanted } from './address.js'

/**
 * Asks on the owning interface, beside the work on the disks, whether somebody else has the address. IPv6 needs no question: the kernel
 * itself finds duplicates once the address is plumbed.
 */
export function probeStep(ctx: Context, wanted: Wanted, parent: Link | null): DoStep | null {
  const waitMs = numberOf(ctx.resource, 'arp_wait') ?? DEFAULT_WAIT_MS
  if (waitMs === 0 || wanted.family === 6) return null
  return {
    kind: 'do',
    text: `checking ${wanted.ip} availability`,
    run: (act) => probe(ctx, act, { wanted, parent, waitMs }),
  }
}

const DEFAULT_WAIT_MS = 150

/** A probe may be lost like any broadcast. A second one follows after this part of the time; answers to both count until its end. */
const SECOND_PROBE = 1 / 3

/** On a busy node the second probe may be late: it has this part of the time at least. */
const LEAST = 1 / 3

async function probe(
  ctx: Context,
  act: Act,
  o: { readonly wanted: Wanted; readonly parent: Link | null; readonly waitMs: number },
): Promise<Result<void>> {
  const { ip } = o.wanted
  const dev = requiredText(ctx.resource, 'ipdev')
  if (o.parent === null) return noSuchDevice(dev)
  if (!o.parent.up) {
    const raised = await act.command(['ip', 'link', 'set', dev, 'up'])
    if (!raised.ok) return raised
  }
  const { clock } = act.io
  const untilMs = clock.nowMs() + o.waitMs
  const answers = await Promise.all(
    [0, SECOND_PROBE].map(async (part) => {
      if (part > 0) await act.sleep(o.waitMs * part)
      const timeoutMs = Math.max(untilMs - clock.nowMs(), o.waitMs * LEAST)
      return act.ask(probeCommand(dev, ip), { timeoutMs: Math.ceil(timeoutMs) })
    }),
  )
  const answered = answers.find((answer) => answer.outcome === 'exited' && answer.exit === ANSWERED)
  if (answered !== undefined) return taken(ip, dev, answered.stdout)
  const failed = answers.find((answer) => answer.outcome !== 'timeout' && answer.exit !== 0)
  return failed === undefined ? ok(undefined) : unasked(ip, dev, failed.outcome, failed.stderr)
}

function taken(ip: string, dev: string, output: string): Result<never> {
  const mac = answeredBy(output)
  const who = mac === null ? 'another machine' : mac
  return fail(
    'CONFLICT',
    `${ip} is in use: ${who} answers for it on ${dev}; stop that one, or choose another address`,
  )
}

function unasked(ip: string, dev: string, outcome: string, complaint: string): Result<never> {
  if (outcome === 'missing') {
    return fail('UNAVAILABLE', 'arping is not on this node: install the package iputils-arping')
  }
  if (outcome === 'aborted') return fail('ABORTED', `the check of ${ip} was ended`)
  const message = `it could not be asked on ${dev} whether ${ip} is in use`
  return fail(
    'EXEC_FAILED',
    message,
    complaint.split('\n').filter((line) => line !== ''),
  )
}

export const noSuchDevice = (dev: string): Result<never> =>
  fail('UNKNOWN', `this node has no interface ${dev}: look at "ip link", or set ipdev@node`)
