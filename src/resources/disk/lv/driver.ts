import { ok, type Result } from '../../../core/result.js'
import { listOf, requiredText, type Context, type Driver, type Step } from '../../driver.js'
import { DEVICE_MAPPER, groupOf, LVM_TOOLS } from '../../kit/lvm.js'
import { refusal } from '../../kit/refusal.js'
import type { Look } from '../../look.js'
import { persistent } from '../persistent.js'
import { keywords } from './keywords.js'

/** `absent`: the group is there and the volume is not; `unseen`: not even the group. */
export type LvSeen = 'unseen' | 'absent' | 'inactive' | 'active'

/** A logical volume. */
export const diskLv: Driver<LvSeen> = {
  group: 'disk',
  type: 'lv',
  keywords,
  tools: [...LVM_TOOLS, { command: 'lvcreate', package: 'lvm2' }],
  features: [DEVICE_MAPPER],
  events: [],
  label: (ctx) => `lv ${pathOf(ctx)}`,
  look: see,
  status: (_, seen) => ({ status: seen === 'active' ? 'up' : 'down', messages: [] }),
  start(ctx, seen): readonly Step[] {
    if (seen === 'active') return []
    if (seen === 'inactive') return [{ kind: 'command', argv: ['lvchange', '-a', 'y', pathOf(ctx)] }]
    const missing = seen === 'absent' ? 'the logical volume' : 'the volume group of'
    return [refusal(`${missing} ${pathOf(ctx)} is not there: 'om ${ctx.service.name} provision' makes it`)]
  },
  stop: (ctx, seen) =>
    seen === 'active' ? [persistent(['lvchange', '-a', 'n', pathOf(ctx)], LVM_TOOLS)] : [],
  provision(ctx, seen, leader): readonly Step[] {
    if (!leader || seen === 'active' || seen === 'inactive') return []
    if (seen === 'unseen') return [refusal(`the volume group of ${pathOf(ctx)} is not there`)]
    const size = sizeOf(ctx)
    if (size === null) return [refusal(`size says how large ${pathOf(ctx)} is to be, and is not set`)]
    const name = requiredText(ctx.resource, 'name')
    const options = listOf(ctx.resource, 'create_options')
    // A volume in the place of an earlier one finds its remains: --yes wipes them.
    const argv = ['lvcreate', '--yes', '--wipesignatures', 'y', '-n', name, ...size, ...options]
    return [{ kind: 'command', argv: [...argv, requiredText(ctx.resource, 'vg')] }]
  },
  unprovision: (ctx, seen, leader) =>
    leader && seen === 'inactive' ? [{ kind: 'command', argv: ['lvremove', '--yes', pathOf(ctx)] }] : [],
  provisioned: (_, seen) => (seen === 'unseen' ? null : seen !== 'absent'),
  sever: (ctx) => [['@while', `/dev/${pathOf(ctx)}`, 'lvchange', '-a', 'n', pathOf(ctx)]],
  assume: (_, state) => (state === 'up' ? 'active' : 'inactive'),
}

const pathOf = (ctx: Context): string =>
  `${requiredText(ctx.resource, 'vg')}/${requiredText(ctx.resource, 'name')}`

async function see(ctx: Context, look: Look): Promise<Result<LvSeen>> {
  const group = await groupOf(look, requiredText(ctx.resource, 'vg'))
  if (!group.ok) return group
  if (group.value === null) return ok('unseen')
  const volume = group.value.volumes.find(({ name }) => name === requiredText(ctx.resource, 'name'))
  return ok(volume === undefined ? 'absent' : volume.active ? 'active' : 'inactive')
}

/** `-L 1073741824b`, or `-l 100%FREE` (lvcreate(8)). */
function sizeOf(ctx: Context): readonly string[] | null {
  const size = ctx.resource.keywords['size'] ?? null
  if (typeof size === 'number') return ['-L', `${size}b`]
  return typeof size === 'string' ? ['-l', size] : null
}
