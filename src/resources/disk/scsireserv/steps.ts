import { fail, ok } from '../../../core/result.js'
import { flagOf, type Act, type CommandStep, type Context, type Step } from '../../driver.js'
import { commandText } from '../../kit/command-text.js'
import { reservationsOf, WRITE_EXCLUSIVE_REGISTRANTS_ONLY, type Reservations } from '../../kit/sg-persist.js'
import { isOwn, othersOf, ownKey, ownKeys } from './key.js'

/** A disk as it was seen; null where this node has no such device. */
export interface Disk {
  readonly device: string
  readonly reservations: Reservations | null
}

const TYPE = `--prout-type=${WRITE_EXCLUSIVE_REGISTRANTS_ONLY.type}`

const sgPersist = (device: string, ...options: readonly string[]): readonly string[] => [
  'sg_persist',
  '--no-inquiry',
  '--out',
  ...options,
  device,
]

/** A key of zero ends the registration. Whatever is registered for this path before is replaced. */
const register = (device: string, key: string): CommandStep => ({
  kind: 'command',
  argv: sgPersist(device, '--register-ignore', `--param-sark=${key}`),
})

/** Registers this node's key, and reserves the disk or takes it from those that are registered with it. */
export function take(ctx: Context, disk: Disk): readonly Step[] {
  return [register(disk.device, ownKey(ctx)), reserve(ctx, disk)]
}

/** What is to be done follows from what the disk says then: another path of this node may have reserved it meanwhile. */
function reserve(ctx: Context, { device, reservations }: Disk): Step {
  const shown = reservations === null ? [] : takeCommands(ctx, device, reservations)
  return {
    kind: 'do',
    text: shown.length > 0 ? shown.map(commandText).join('; ') : `check who may write to ${device}`,
    toldByCommands: true,
    async run(act: Act) {
      const now = await reservationsOf(act.ask, device)
      if (!now.ok) return now
      if (!now.value.keys.includes(ownKey(ctx)))
        return fail(
          'NOT_EFFECTIVE',
          `${device} does not show the key ${ownKey(ctx)} that was just registered`,
        )
      for (const argv of takeCommands(ctx, device, now.value)) {
        const ran = await act.command(argv)
        if (!ran.ok) return ran
      }
      return ok(undefined)
    },
  }
}

function takeCommands(
  ctx: Context,
  device: string,
  reservations: Reservations,
): readonly (readonly string[])[] {
  const own = `--param-rk=${ownKey(ctx)}`
  const how = flagOf(ctx.resource, 'no_preempt_abort') ? '--preempt' : '--preempt-abort'
  const { holder } = reservations
  const foreign = holder !== null && !isOwn(ctx, holder.key) ? [holder.key] : []
  // The holder's key first: with it the reservation comes over, in one step.
  const keys = new Set([...foreign, ...othersOf(ctx, reservations)])
  return [
    ...(holder === null ? [sgPersist(device, '--reserve', own, TYPE)] : []),
    ...[...keys].map((key) => sgPersist(device, how, own, `--param-sark=${key}`, TYPE)),
  ]
}

/** A path that is not the one that reserved it has nothing to release: the end of the registrations does that in any case. */
export function release(ctx: Context, disk: Disk): readonly Step[] {
  if (ownKeys(ctx, disk.reservations).length === 0) return []
  const { device, reservations } = disk
  const key = reservations?.holder?.key
  const holds = key !== undefined && isOwn(ctx, key)
  return [
    ...(holds
      ? [
          {
            kind: 'command',
            argv: sgPersist(device, '--release', `--param-rk=${key}`, TYPE),
            tolerate: true,
          } as const,
        ]
      : []),
    register(device, '0x0'),
  ]
}
