import type { ResourceMessage } from '../../../core/document.js'
import { fail, ok, type Result } from '../../../core/result.js'
import {
  listOf,
  requiredText,
  type Act,
  type CommandStep,
  type Context,
  type Driver,
  type Report,
  type Step,
} from '../../driver.js'
import { commandText } from '../../kit/command-text.js'
import { DEVICE_MAPPER, groupOf, LVM_TOOLS } from '../../kit/lvm.js'
import type { Look } from '../../look.js'
import { persistent } from '../persistent.js'
import { keywords } from './keywords.js'
import { candidatesOf, type Candidate } from './candidates.js'
import { provision, unprovision } from './provision.js'
import { foreignOwners, owns, releaseTags, takeTags } from './tags.js'

export interface VgSeen {
  /** Null where this node does not see the volume group. */
  readonly tags: readonly string[] | null
  /** Nodes activate it at boot, whoever owns it. */
  readonly activatesItself: boolean
  /** Physical volumes of it that this node does not see. */
  readonly missing: number
  /** Volumes that activation of the group activates. */
  readonly volumes: readonly { readonly name: string; readonly active: boolean }[]
  /** The configured physical volumes, while the group is not there. */
  readonly candidates: readonly Candidate[]
}

/** A volume group, owned by the node whose name it carries as a tag. */
export const diskVg: Driver<VgSeen> = {
  group: 'disk',
  type: 'vg',
  keywords,
  tools: [...LVM_TOOLS, { command: 'vgcreate', package: 'lvm2' }],
  features: [DEVICE_MAPPER],
  events: [],
  label: (ctx) => `vg ${nameOf(ctx)}`,
  look: see,
  status,
  start: (ctx, seen) => (seen.tags === null ? discover(ctx) : take(ctx, seen)),
  stop(ctx, { tags, volumes, missing }): readonly Step[] {
    if (tags === null) return []
    const active = volumes.some((volume) => volume.active)
    // whoever writes to a group that is not whole marks what is missing, and the next node cannot activate it then: its successor takes the tags away
    const leavesTags = missing > 0 && volumes.length > 0
    return [
      ...(active ? [persistent(['vgchange', '-a', 'n', nameOf(ctx)], LVM_TOOLS)] : []),
      ...(leavesTags ? [] : releaseTags(ctx, tags)),
    ]
  },
  provision: (ctx, seen, leader) => (seen.tags === null && leader ? provision(ctx, seen.candidates) : []),
  unprovision: (ctx, seen, leader) => (seen.tags === null || !leader ? [] : unprovision(ctx, seen.volumes)),
  provisioned: (_, { tags, candidates }) =>
    tags !== null ? true : candidates.some((one) => one.exists) ? false : null,
  elsewhere(ctx, { tags }) {
    const others = foreignOwners(ctx, tags ?? [])
    return others.length === 0 ? null : `the tag of ${others.join(', ')}`
  },
  sever: (ctx) => [['@while', `/dev/${nameOf(ctx)}`, 'vgchange', '-a', 'n', nameOf(ctx)]],
  assume: (ctx, state) => ({
    tags: [state === 'up' ? ctx.node : (ctx.service.nodes.find((node) => node !== ctx.node) ?? ctx.node)],
    activatesItself: false,
    missing: 0,
    volumes: [{ name: '<volume>', active: state === 'up' }],
    candidates: [],
  }),
}

const nameOf = (ctx: Context): string => requiredText(ctx.resource, 'name')

async function see(ctx: Context, look: Look): Promise<Result<VgSeen>> {
  const group = await groupOf(look, nameOf(ctx))
  if (!group.ok) return group
  if (group.value === null) {
    const candidates = await candidatesOf(look, listOf(ctx.resource, 'pvs'))
    return candidates.ok
      ? ok({ tags: null, activatesItself: false, missing: 0, volumes: [], candidates: candidates.value })
      : candidates
  }
  const { tags, activatesItself, missing } = group.value
  const volumes = group.value.volumes.filter((volume) => volume.active || !volume.skipsActivation)
  return ok({ tags, activatesItself, missing, volumes, candidates: [] })
}

/** Up is owned by this node and active; what is active without being owned here is a warning, and held. */
function status(ctx: Context, { tags, volumes, missing }: VgSeen): Report {
  if (tags === null) return { status: 'down', messages: [] }
  const active = volumes.filter((volume) => volume.active).length
  const warn = (text: string): ResourceMessage => ({ level: 'warn', text })
  const lost =
    missing === 0 ? [] : [warn(`${missing} of its physical volumes are not there: is a disk detached?`)]
  if (!owns(ctx, tags)) {
    const text = `${active} of its volumes are active here without this node's tag: something besides the service activates them`
    return active === 0
      ? { status: 'down', messages: lost }
      : { status: 'warn', messages: [warn(text), ...lost] }
  }
  // A power cut leaves it so: to take the tag away now would be to write to a group that another node may be about to take.
  if (active === 0 && volumes.length > 0) {
    const text = "this node's tag is left on it: it holds nothing, and the next start replaces it"
    return { status: 'down', messages: [...lost, { level: 'info', text }] }
  }
  const others = foreignOwners(ctx, tags)
  const messages = [
    ...(others.length === 0
      ? []
      : [warn(`it carries the tag of ${others.join(', ')} too: both may write to it`)]),
    ...lost,
    ...(active < volumes.length
      ? [warn(`${volumes.length - active} of ${volumes.length} volumes are not activated`)]
      : []),
  ]
  return { status: 'up', messages }
}

function take(ctx: Context, { tags, activatesItself, missing, volumes }: VgSeen): readonly CommandStep[] {
  if (tags === null) return []
  const allActive = volumes.every((volume) => volume.active)
  const owned = [...(activatesItself ? [leftAlone(ctx)] : []), ...takeTags(ctx, tags)]
  const activated = allActive
    ? []
    : [{ kind: 'command', argv: ['vgchange', '-a', 'y', nameOf(ctx)] } as const]
  // A group that is not whole here, and cannot do without what is missing, stays as it is for a node that has it all.
  return missing > 0 ? [...activated, ...owned] : [...owned, ...activated]
}

/** A group that was made by hand: from its first start on, a node that boots leaves it to the service. */
const leftAlone = (ctx: Context): CommandStep => ({
  kind: 'command',
  argv: ['vgchange', '--setautoactivation', 'n', nameOf(ctx)],
})

/** A node that never saw the disk, or saw it before it was made a volume group, looks for it first. */
function discover(ctx: Context): readonly Step[] {
  const shown = take(ctx, diskVg.assume(ctx, 'down')).map((step) => commandText(step.argv))
  return [
    { kind: 'command', argv: ['pvscan', '--cache'], tolerate: true },
    {
      kind: 'do',
      text: shown.join('; '),
      toldByCommands: true,
      async run(act) {
        const seen = await found(ctx, act)
        if (!seen.ok) return seen
        for (const step of take(ctx, seen.value)) {
          const ran = await act.command(step.argv)
          if (!ran.ok) return ran
        }
        return ok(undefined)
      },
    },
  ]
}

/** The disks that LVM uses on this node and no others, where there is such a file (lvmdevices(8)). */
const DEVICES_FILE = '/etc/lvm/devices/system.devices'

/** A group that another node made is not in this node's devices file: its name in the configuration is the word that it belongs there. */
async function found(ctx: Context, act: Act): Promise<Result<VgSeen>> {
  const name = nameOf(ctx)
  const seen = await see(ctx, act.look())
  if (!seen.ok || seen.value.tags !== null) return seen
  if ((await act.io.files.stat(DEVICES_FILE)) !== null) {
    // Debian has the command in lvm alone
    const imported = await act.command(['lvm', 'vgimportdevices', name], { tolerate: true })
    const again = imported.ok ? await see(ctx, act.look()) : imported
    if (!again.ok || again.value.tags !== null) return again
  }
  return fail('UNAVAILABLE', `this node does not see the volume group ${name}: is its disk attached?`)
}
