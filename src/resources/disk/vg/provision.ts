import { listOf, requiredText, type Context, type Step } from '../../driver.js'
import { refusal } from '../../kit/refusal.js'
import { isPhysicalVolume, type Candidate } from './candidates.js'
import type { VgSeen } from './driver.js'

/** Makes the volume group on devices that are empty, or physical volumes of no group. Nodes that follow find it at their start. */
export function provision(ctx: Context, candidates: readonly Candidate[]): readonly Step[] {
  const name = requiredText(ctx.resource, 'name')
  if (candidates.length === 0)
    return [refusal(`the volume group ${name} is not there, and pvs names no devices to make it of`)]
  const wrong = candidates.map(misfit).filter((why) => why !== null)
  if (wrong.length > 0) return [refusal(wrong.join('; '))]
  const devices = candidates.map((candidate) => candidate.device)
  const fresh = candidates
    .filter((candidate) => !isPhysicalVolume(candidate))
    .map((candidate) => candidate.device)
  return [
    ...(fresh.length === 0 ? [] : [{ kind: 'command', argv: ['pvcreate', ...fresh] } as const]),
    // a node that boots while another one has the service would activate it, too (lvmautoactivation(7))
    {
      kind: 'command',
      argv: ['vgcreate', '--setautoactivation', 'n', ...listOf(ctx.resource, 'options'), name, ...devices],
    },
  ]
}

/** Why a device is not taken; null where it is. */
function misfit({ device, exists, holds, group }: Candidate): string | null {
  if (!exists) return `${device} is not there`
  if (group !== null) return `${device} belongs to the volume group ${group}`
  if (holds !== null && !isPhysicalVolume({ device, exists, holds, group })) {
    return `${device} holds ${holds}: wipe it first if it is the right device`
  }
  return null
}

/** Removes the group. Volumes that the service did not remove before are somebody's. */
export function unprovision(ctx: Context, volumes: VgSeen['volumes']): readonly Step[] {
  const name = requiredText(ctx.resource, 'name')
  if (volumes.length > 0) {
    const names = volumes.map((volume) => volume.name).join(', ')
    return [refusal(`the volume group ${name} still holds ${names}: remove that first`)]
  }
  const devices = listOf(ctx.resource, 'pvs').filter((device) => !/[*?[]/.test(device))
  return [
    { kind: 'command', argv: ['vgremove', name] },
    ...(devices.length === 0
      ? []
      : [{ kind: 'command', argv: ['pvremove', ...devices], tolerate: true } as const]),
  ]
}
