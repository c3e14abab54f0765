import type { ResourceMessage } from '../../../core/document.js'
import { ok, type Result } from '../../../core/result.js'
import { listOf, textOf, type Context, type Driver, type Report, type Step } from '../../driver.js'
import { refusal } from '../../kit/refusal.js'
import {
  reservationsOf,
  SG_PERSIST,
  WRITE_EXCLUSIVE_REGISTRANTS_ONLY as ONLY_REGISTRANTS,
  type Reservations,
} from '../../kit/sg-persist.js'
import type { Look } from '../../look.js'
import { isOwn, keyName, othersOf, ownKey, ownKeys } from './key.js'
import { keywords } from './keywords.js'
import { release, take, type Disk } from './steps.js'

export type ScsireservSeen = readonly Disk[]

/**
 * Disks that take no writes but from the node that runs the service: the disk itself refuses those of a node that was taken for dead and goes on.
 * What a dead node left registered is preempted by its successor, so that the guard has nothing to end here.
 */
export const diskScsireserv: Driver<ScsireservSeen> = {
  group: 'disk',
  type: 'scsireserv',
  keywords,
  tools: [SG_PERSIST],
  events: [],
  label: (ctx) => `scsireserv ${listOf(ctx.resource, 'devs').join(' ')}`,
  identity: (ctx) => [...listOf(ctx.resource, 'devs'), textOf(ctx.resource, 'prkey') ?? ''].join(' '),
  look: see,
  status,
  start(ctx, seen): readonly Step[] {
    const missing = seen.filter(({ reservations }) => reservations === null)
    if (missing.length > 0)
      return [
        refusal(`${missing.map(({ device }) => device).join(', ')} is not there: is the disk attached?`),
      ]
    return seen.flatMap((disk) => (isTaken(ctx, disk) ? [] : take(ctx, disk)))
  },
  stop: (ctx, seen) => seen.toReversed().flatMap((disk) => release(ctx, disk)),
  released: (ctx, seen) => seen.every((disk) => ownKeys(ctx, disk.reservations).length === 0),
  assume: (ctx, state) =>
    listOf(ctx.resource, 'devs').map((device) => ({ device, reservations: assumed(ctx, state) })),
}

const assumed = (ctx: Context, state: 'up' | 'down'): Reservations =>
  state === 'down'
    ? { keys: [], holder: null }
    : { keys: [ownKey(ctx)], holder: { key: ownKey(ctx), type: ONLY_REGISTRANTS.words } }

async function see(ctx: Context, look: Look): Promise<Result<ScsireservSeen>> {
  const seen: Disk[] = []
  for (const device of listOf(ctx.resource, 'devs')) {
    const there = (await ctx.io.files.stat(device)) !== null
    const asked = there
      ? await look.once(`reservations of ${device}`, (io) => reservationsOf(io.exec.run, device))
      : ok(null)
    if (!asked.ok) return asked
    seen.push({ device, reservations: asked.value })
  }
  return ok(seen)
}

/** Registered by this start, reserved by this node, and nobody else may write. */
function isTaken(ctx: Context, { reservations }: Disk): boolean {
  if (reservations === null || reservations.holder === null) return false
  const registered = reservations.keys.includes(ownKey(ctx))
  return registered && isOwn(ctx, reservations.holder.key) && othersOf(ctx, reservations).length === 0
}

function status(ctx: Context, seen: ScsireservSeen): Report {
  const held = seen.filter((disk) => ownKeys(ctx, disk.reservations).length > 0)
  const messages = seen.flatMap((disk) => said(ctx, disk, held.length > 0))
  if (held.length === 0) return { status: 'down', messages }
  return { status: messages.length > 0 ? 'warn' : 'up', messages }
}

/** What is not as it should be with a disk, while the service is up here or not. */
function said(ctx: Context, { device, reservations }: Disk, up: boolean): readonly ResourceMessage[] {
  if (reservations === null) return [{ level: 'warn', text: `${device} is not there` }]
  const { keys, holder } = reservations
  const by = holder === null ? null : keyName(ctx, holder.key)
  if (!up) return by === null ? [] : [{ level: 'info', text: `${device} is reserved by ${by}` }]
  const others = othersOf(ctx, reservations).map((key) => keyName(ctx, key))
  const texts = [
    ...(keys.some((key) => isOwn(ctx, key))
      ? []
      : [`this node is not registered with ${device}: its writes fail`]),
    ...(holder === null ? [`${device} is not reserved: every node may write to it`] : []),
    ...(holder !== null && !isOwn(ctx, holder.key) ? [`${device} is reserved by ${by}`] : []),
    ...(holder !== null && holder.type !== ONLY_REGISTRANTS.words
      ? [
          `${device} is reserved as "${holder.type}", not as "${ONLY_REGISTRANTS.words}": release that by hand (sg_persist --out --release)`,
        ]
      : []),
    ...(others.length > 0 ? [`${others.join(', ')} may write to ${device}, too`] : []),
  ]
  return texts.map((text) => ({ level: 'warn', text }))
}
