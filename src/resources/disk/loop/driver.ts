import { ok, type Result } from '../../../core/result.js'
import { numberOf, requiredText, type Context, type Driver, type Step } from '../../driver.js'
import { LOSETUP, loopsOf } from '../../kit/losetup.js'
import { refusal } from '../../kit/refusal.js'
import type { Look } from '../../look.js'
import { keywords } from './keywords.js'

export interface LoopSeen {
  readonly fileExists: boolean
  /** The file's loop devices: one, unless somebody set up another by hand. */
  readonly devices: readonly string[]
}

/** A loop device on a regular file. */
export const diskLoop: Driver<LoopSeen> = {
  group: 'disk',
  type: 'loop',
  keywords,
  tools: [LOSETUP],
  features: [
    {
      name: 'loop devices',
      probe: async (io) => (await io.files.stat('/dev/loop-control')) !== null,
      sentence: "this kernel has no loop devices: load the module with 'modprobe loop'",
    },
  ],
  events: [],
  label: (ctx) => `loop ${fileOf(ctx)}`,
  look: see,
  status: (_, { devices }) => ({ status: devices.length > 0 ? 'up' : 'down', messages: [] }),
  start(ctx, { fileExists, devices }): readonly Step[] {
    if (devices.length > 0) return []
    if (!fileExists)
      return [refusal(`${fileOf(ctx)} is not there: 'om ${ctx.service.name} provision' makes it`)]
    return [{ kind: 'command', argv: ['losetup', '--find', '--show', fileOf(ctx)] }]
  },
  stop: (_, { devices }) =>
    devices.map((device) => ({ kind: 'command', argv: ['losetup', '--detach', device] })),
  provision(ctx, { fileExists }, leader): readonly Step[] {
    if (!leader || fileExists) return []
    const file = fileOf(ctx)
    const bytes = numberOf(ctx.resource, 'size') ?? 0
    return [
      {
        kind: 'do',
        text: `truncate -s ${bytes} ${file}`,
        async run(act) {
          const parent = await act.io.files.makeDirectory(file.slice(0, file.lastIndexOf('/')) || '/')
          return parent.ok ? act.io.files.truncate(file, bytes) : parent
        },
      },
    ]
  },
  unprovision(ctx, { fileExists, devices }, leader): readonly Step[] {
    if (!leader || !fileExists || devices.length > 0) return []
    return [{ kind: 'do', text: `rm ${fileOf(ctx)}`, run: (act) => act.io.files.remove(fileOf(ctx)) }]
  },
  provisioned: (_, { fileExists }) => fileExists,
  // losetup --detach returns while the last opener, often udev, still holds the device.
  settleMs: 2_000,
  sever: (ctx) => [['@loop', fileOf(ctx)]],
  assume: (_, state) => ({ fileExists: true, devices: state === 'up' ? ['<loop device>'] : [] }),
}

const fileOf = (ctx: Context): string => requiredText(ctx.resource, 'file')

async function see(ctx: Context, look: Look): Promise<Result<LoopSeen>> {
  const loops = await loopsOf(look)
  if (!loops.ok) return loops
  const file = fileOf(ctx)
  const real = await ctx.io.files.realpath(file)
  const names = real.ok ? [file, real.value] : [file]
  const devices = loops.value.filter((loop) => names.includes(loop.backFile)).map((loop) => loop.name)
  return ok({ fileExists: real.ok, devices })
}
