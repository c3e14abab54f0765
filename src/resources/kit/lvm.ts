import { z } from 'zod'
import { ok, type Result } from '../../core/result.js'
import type { ExecResult } from '../../daemon/ports.js'
import type { DriverPorts, Feature, Tool } from '../driver.js'
import type { Look } from '../look.js'
import { commandFailure } from './command-failure.js'
import { parseJson } from './json.js'

export const LVM_TOOLS: readonly Tool[] = ['vgs', 'lvs', 'pvs', 'vgchange', 'lvchange'].map((command) => ({
  command,
  package: 'lvm2',
}))

/**
 * Logical volumes are device-mapper devices. Its control node proves nothing: LVM's commands make it where it is missing. Opening it
 * loads the module, where the kernel has it as one.
 */
export const DEVICE_MAPPER: Feature = {
  name: 'device-mapper',
  async probe({ exec, files }: DriverPorts) {
    const misc = await files.read('/proc/misc')
    if (misc.ok && misc.value.includes('device-mapper')) return true
    return (await exec.run(['dmsetup', 'version'], { timeoutMs: 5_000 })).exit === 0
  },
  sentence: "this kernel has no device-mapper: load it with 'modprobe dm_mod', or use a kernel that has it",
}

export interface VolumeGroup {
  readonly name: string
  readonly tags: readonly string[]
  /** Every node that sees its disks activates its volumes at boot, unless it is told otherwise (vgchange(8), --setautoactivation). */
  readonly activatesItself: boolean
  /** How many of its physical volumes this node does not see. */
  readonly missing: number
  readonly volumes: readonly LogicalVolume[]
}

export interface LogicalVolume {
  readonly name: string
  readonly active: boolean
  /** `vgchange -a y` leaves it alone, as it does with snapshots of thin volumes. */
  readonly skipsActivation: boolean
}

export interface PhysicalVolume {
  readonly device: string
  /** Empty where it belongs to none. */
  readonly group: string
}

const ASK_MS = 30_000

/**
 * A volume group with its volumes; null where this node does not see it. One question a look answers it for all groups that have volumes, and a second one
 * for those that have none, which LVM does not list beside volumes.
 */
export async function groupOf(look: Look, name: string): Promise<Result<VolumeGroup | null>> {
  const volumes = await asked(look, ['lvs', ...JSON_OF, `${GROUP_FIELDS},${VOLUME_FIELDS}`], parseVolumes)
  if (!volumes.ok) return volumes
  const own = volumes.value.filter((row) => row.vg_name === name)
  if (own[0] !== undefined) return ok(groupFrom(own[0], own.map(volumeFrom)))
  const groups = await asked(look, ['vgs', ...JSON_OF, GROUP_FIELDS], parseGroups)
  if (!groups.ok) return groups
  const empty = groups.value.find((row) => row.vg_name === name)
  return ok(empty === undefined ? null : groupFrom(empty, []))
}

const groupFrom = (row: GroupRow, volumes: readonly LogicalVolume[]): VolumeGroup => ({
  name: row.vg_name,
  tags: row.vg_tags.split(',').filter((tag) => tag !== ''),
  activatesItself: row.vg_autoactivation !== '',
  missing: row.vg_missing_pv_count,
  volumes,
})

const volumeFrom = (row: VolumeRow): LogicalVolume => ({
  name: row.lv_name,
  active: row.lv_active !== '',
  skipsActivation: row.lv_skip_activation !== '',
})

/** All physical volumes that this node sees, with their groups. */
export function physicalVolumesOf(look: Look): Promise<Result<readonly PhysicalVolume[]>> {
  return asked(look, ['pvs', ...JSON_OF, 'pv_name,vg_name'], parsePhysicalVolumes)
}

const JSON_OF = ['--reportformat', 'json', '--options']
const GROUP_FIELDS = 'vg_name,vg_tags,vg_autoactivation,vg_missing_pv_count'
const VOLUME_FIELDS = 'lv_name,lv_active,lv_skip_activation'

function asked<T>(
  look: Look,
  argv: readonly string[],
  parse: (result: ExecResult) => Result<readonly T[]>,
): Promise<Result<readonly T[]>> {
  return look.once(argv.join(' '), async (io) => parse(await io.exec.run(argv, { timeoutMs: ASK_MS })))
}

/** LVM puts every report into a list of reports, and every value into text (lvmreport(7)). */
const GROUP = z.object({
  vg_name: z.string(),
  vg_tags: z.string(),
  vg_autoactivation: z.string(),
  vg_missing_pv_count: z.coerce.number(),
})
const VOLUME = GROUP.extend({
  lv_name: z.string(),
  lv_active: z.string(),
  lv_skip_activation: z.string(),
})
type GroupRow = z.infer<typeof GROUP>
type VolumeRow = z.infer<typeof VOLUME>

const GROUPS = z.object({ report: z.array(z.object({ vg: z.array(GROUP) })) })
const VOLUMES = z.object({ report: z.array(z.object({ lv: z.array(VOLUME) })) })
const PHYSICAL = z.object({
  report: z.array(z.object({ pv: z.array(z.object({ pv_name: z.string(), vg_name: z.string() })) })),
})

function parseGroups(result: ExecResult): Result<readonly GroupRow[]> {
  const answer = answerOf(result, GROUPS)
  return answer.ok ? ok(answer.value.report.flatMap((report) => report.vg)) : answer
}

function parseVolumes(result: ExecResult): Result<readonly VolumeRow[]> {
  const answer = answerOf(result, VOLUMES)
  return answer.ok ? ok(answer.value.report.flatMap((report) => report.lv)) : answer
}

function parsePhysicalVolumes(result: ExecResult): Result<readonly PhysicalVolume[]> {
  const answer = answerOf(result, PHYSICAL)
  if (!answer.ok) return answer
  const rows = answer.value.report.flatMap((report) => report.pv)
  return ok(rows.map((row) => ({ device: row.pv_name, group: row.vg_name })))
}

function answerOf<T>(result: ExecResult, schema: z.ZodType<T>): Result<T> {
  const failure = commandFailure(result, { tools: LVM_TOOLS })
  if (failure !== null) return { ok: false, error: failure }
  return parseJson(result.stdout, schema, result.argv[0] ?? 'lvm')
}
