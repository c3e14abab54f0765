import type { ResourceMessage } from '../../../core/document.js'
import { listOf, numberOf, textOf, type Context, type Driver, type Report, type Step } from '../../driver.js'
import { refusal } from '../../kit/refusal.js'
import type { Signature } from '../../kit/signatures.js'
import * as kinds from './kinds.js'
import type { MountKind } from './kinds.js'
import { isMarked, newMark } from './made.js'
import { mountPoint, see, seeAgain, type MountSeen } from './see.js'
import { unmount } from './unmount.js'

/** A file system that is mounted: one driver, whose types differ in what is mounted and how it is made. */
function mountDriver(kind: MountKind): Driver<MountSeen> {
  const made = kind.mkfs === undefined ? {} : provisioning(kind)
  return {
    group: 'fs',
    type: kind.type,
    keywords: kind.keywords,
    tools: kind.tools,
    events: ['mounts'],
    label: (ctx) => `${kind.type} ${kind.assumed(ctx).path}@${mountPoint(ctx)}`,
    look: (ctx, look) => see(kind, ctx, look),
    again: (ctx, before, look) => seeAgain(kind, ctx, before, look),
    status: (_, seen) => status(seen),
    start: (ctx, seen) => start(kind, ctx, seen),
    stop: (ctx, { ours, covering }) =>
      ours === null ? [] : [...covering, ours].map((mount) => unmount(ctx, mount)),
    released: (_, seen) => seen.ours === null && seen.elsewhere.length === 0,
    sever: (ctx) => [['@umount', mountPoint(ctx)]],
    assume: (ctx, state) => assume(kind, ctx, state),
    ...made,
  }
}

export const fsXfs = mountDriver(kinds.xfs)
export const fsExt4 = mountDriver(kinds.ext4)
export const fsBtrfs = mountDriver(kinds.btrfs)
export const fsTmpfs = mountDriver(kinds.tmpfs)
export const fsBind = mountDriver(kinds.bind)
export const fsNfs = mountDriver(kinds.nfs)

function status(seen: MountSeen): Report {
  const messages = [
    ...seen.trouble,
    ...obstacles(seen).map((text): ResourceMessage => ({ level: 'warn', text })),
  ]
  if (seen.foreign !== null) return { status: 'warn', messages }
  if (seen.ours === null) return { status: 'down', messages }
  const covered = seen.covering.some((mount) => mount.point === seen.point)
  const broken = seen.trouble.some((message) => message.level === 'error')
  return { status: covered || broken ? 'warn' : 'up', messages }
}

/** What is mounted where it should not be. */
function obstacles(seen: MountSeen): readonly string[] {
  const { point, foreign, elsewhere } = seen
  const upon = seen.covering.find((mount) => mount.point === point)
  return [
    ...(foreign === null
      ? []
      : [`${point} is the mount point of ${foreign.source} (${foreign.type}): unmount that first`]),
    ...(upon === undefined ? [] : [`${upon.source} (${upon.type}) is mounted upon it: unmount that first`]),
    ...elsewhere.map((other) => `${seen.source.path} is mounted at ${other} too: unmount that first`),
  ]
}

function start(kind: MountKind, ctx: Context, seen: MountSeen): readonly Step[] {
  const covered = seen.covering.some((mount) => mount.point === seen.point)
  if (seen.ours !== null && !covered) return []
  const [obstacle] = obstacles(seen)
  if (obstacle !== undefined) return [refusal(obstacle)]
  if (seen.source.kind === 'missing') return [refusal(seen.source.why)]
  const wrong = seen.signatures === null ? null : wrongFormat(kind, ctx, seen.source.path, seen.signatures)
  if (wrong !== null) return [refusal(wrong)]
  const check = kind.check?.(seen.source.path)
  return [
    ...(seen.pointExists ? [] : [makePoint(seen)]),
    ...(check === undefined ? [] : [check]),
    { kind: 'command', argv: mountCommand(kind, ctx, seen) },
    ...ownership(ctx, seen.point),
  ]
}

function wrongFormat(
  kind: MountKind,
  ctx: Context,
  device: string,
  signatures: readonly Signature[],
): string | null {
  const [found] = signatures
  if (found === undefined)
    return `${device} holds no file system: 'om ${ctx.service.name} provision' makes one`
  return found.type === kind.type
    ? null
    : `${device} holds ${found.type}, not ${kind.type}: is it the right device?`
}

function makePoint({ point, source }: MountSeen): Step {
  if (source.kind !== 'part' || !source.file) {
    return { kind: 'do', text: `mkdir -p ${point}`, run: (act) => act.io.files.makeDirectory(point) }
  }
  return {
    kind: 'do',
    text: `touch ${point}`,
    async run(act) {
      const parent = await act.io.files.makeDirectory(point.slice(0, point.lastIndexOf('/')) || '/')
      return parent.ok ? act.io.files.write(point, '') : parent
    },
  }
}

function mountCommand(kind: MountKind, ctx: Context, seen: MountSeen): readonly string[] {
  const options = [...(kind.options?.(ctx) ?? []), ...(textOf(ctx.resource, 'mnt_opt') ?? '').split(',')]
  const given = options.filter((option) => option !== '').join(',')
  return [
    'mount',
    ...kind.mountArguments,
    ...(given === '' ? [] : ['-o', given]),
    seen.source.path,
    seen.point,
  ]
}

/** Owner and permissions of the file system's own root, which hides those of the mount point. */
function ownership(ctx: Context, point: string): readonly Step[] {
  const user = textOf(ctx.resource, 'user')
  const group = textOf(ctx.resource, 'group')
  const perm = numberOf(ctx.resource, 'perm')
  const owner = `${user ?? ''}${group === null ? '' : `:${group}`}`
  return [
    ...(owner === '' ? [] : [{ kind: 'command', argv: ['chown', owner, point] } as const]),
    ...(perm === null
      ? []
      : [{ kind: 'command', argv: ['chmod', perm.toString(8).padStart(4, '0'), point] } as const]),
  ]
}

/** How a file system comes into being and goes: made only on an empty device, wiped only where a provision made it. */
function provisioning(kind: MountKind): Pick<Driver<MountSeen>, 'provision' | 'unprovision' | 'provisioned'> {
  return {
    provision(ctx, { ours, source, signatures }, leader) {
      if (!leader || ours !== null) return []
      if (source.kind === 'missing') return [refusal(source.why)]
      if (signatures === null || signatures[0]?.type === kind.type) return []
      if (signatures.length > 0)
        return [refusal(`${wrongFormat(kind, ctx, source.path, signatures)} It is left as it is.`)]
      const argv = kind.mkfs?.(source.path, newMark(ctx, source.path), listOf(ctx.resource, 'mkfs_opt')) ?? []
      return [{ kind: 'command', argv }]
    },
    unprovision(ctx, { ours, source, signatures, elsewhere }, leader) {
      const found = signatures?.[0]
      if (!leader || ours !== null || elsewhere.length > 0) return []
      if (found?.type !== kind.type || !isMarked(ctx, found.uuid)) return []
      return [{ kind: 'command', argv: ['wipefs', '--all', source.path] }]
    },
    provisioned: (_, { ours, signatures }) =>
      ours !== null ? true : signatures === null ? null : signatures[0]?.type === kind.type,
  }
}

function assume(kind: MountKind, ctx: Context, state: 'up' | 'down'): MountSeen {
  const source = kind.assumed(ctx)
  const point = mountPoint(ctx)
  const mount = {
    id: 0,
    device: '',
    root: '/',
    point,
    type: kind.type,
    source: source.path,
    superOptions: [],
  }
  return {
    source,
    point,
    pointExists: true,
    ours: state === 'up' ? mount : null,
    covering: [],
    foreign: null,
    elsewhere: [],
    signatures: kind.mkfs === undefined ? null : [{ type: kind.type, uuid: null }],
    trouble: [],
  }
}
