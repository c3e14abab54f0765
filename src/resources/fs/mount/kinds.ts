import { ok, type Result } from '../../../core/result.js'
import { requiredText, type Context, type Step, type Tool } from '../../driver.js'
import { WIPEFS } from '../../kit/signatures.js'
import type { Keyword } from '../../../spec/keyword.js'
import type { Look } from '../../look.js'
import { keywords } from './keywords.js'
import { deviceSource, partSource, type Source } from './source.js'

/** What sets one file system type apart from the others. */
export interface MountKind {
  readonly type: string
  readonly keywords: readonly Keyword[]
  readonly tools: readonly Tool[]
  source(ctx: Context, look: Look): Promise<Result<Source>>
  /** The source where nothing was looked at, as for a dry run. */
  assumed(ctx: Context): Source
  /** The part of `mount` before the mount options. */
  readonly mountArguments: readonly string[]
  /** Mount options besides those of the configuration. */
  options?(ctx: Context): readonly string[]
  /** Before it is mounted. */
  check?(device: string): Step
  /** Absent: there is nothing to make. */
  mkfs?(device: string, uuid: string, options: readonly string[]): readonly string[]
}

const MOUNT: readonly Tool[] = [
  { command: 'mount', package: 'mount' },
  { command: 'umount', package: 'mount' },
  { command: 'stat', package: 'coreutils' },
]

const onDevice = {
  source: (ctx: Context, look: Look) => deviceSource(look, requiredText(ctx.resource, 'dev')),
  assumed: (ctx: Context): Source => {
    const path = requiredText(ctx.resource, 'dev')
    return { kind: 'device', path, names: [path], numbers: [] }
  },
}

export const xfs: MountKind = {
  ...onDevice,
  type: 'xfs',
  keywords: keywords.xfs,
  tools: [...MOUNT, WIPEFS, { command: 'mkfs.xfs', package: 'xfsprogs' }],
  mountArguments: ['-t', 'xfs'],
  mkfs: (device, uuid, options) => ['mkfs.xfs', '-q', '-m', `uuid=${uuid}`, ...options, device],
}

export const ext4: MountKind = {
  ...onDevice,
  type: 'ext4',
  keywords: keywords.ext4,
  tools: [
    ...MOUNT,
    WIPEFS,
    { command: 'mkfs.ext4', package: 'e2fsprogs' },
    { command: 'e2fsck', package: 'e2fsprogs' },
  ],
  mountArguments: ['-t', 'ext4'],
  // Exit code 1: errors were found and corrected (e2fsck(8)).
  check: (device) => ({ kind: 'command', argv: ['e2fsck', '-p', device], okExits: [0, 1] }),
  mkfs: (device, uuid, options) => ['mkfs.ext4', '-q', '-U', uuid, ...options, device],
}

export const btrfs: MountKind = {
  ...onDevice,
  type: 'btrfs',
  keywords: keywords.btrfs,
  tools: [...MOUNT, WIPEFS, { command: 'mkfs.btrfs', package: 'btrfs-progs' }],
  mountArguments: ['-t', 'btrfs'],
  mkfs: (device, uuid, options) => ['mkfs.btrfs', '-q', '-U', uuid, ...options, device],
}

const memory: Source = { kind: 'named', path: 'tmpfs', types: ['tmpfs'] }

export const tmpfs: MountKind = {
  type: 'tmpfs',
  keywords: keywords.tmpfs,
  tools: MOUNT,
  source: async () => ok(memory),
  assumed: () => memory,
  mountArguments: ['-t', 'tmpfs'],
  options: (ctx) => {
    const size = ctx.resource.keywords['size'] ?? null
    return size === null ? [] : [`size=${String(size)}`]
  },
}

export const bind: MountKind = {
  type: 'bind',
  keywords: keywords.bind,
  tools: MOUNT,
  source: (ctx, look) => partSource(look, requiredText(ctx.resource, 'dev')),
  assumed: (ctx) => {
    const path = requiredText(ctx.resource, 'dev')
    return { kind: 'part', path, file: false, device: '', root: path }
  },
  mountArguments: ['--bind'],
}

const exported = (ctx: Context): Source => ({
  kind: 'named',
  path: requiredText(ctx.resource, 'dev'),
  types: ['nfs', 'nfs4'],
})

export const nfs: MountKind = {
  type: 'nfs',
  keywords: keywords.nfs,
  tools: [...MOUNT, { command: 'mount.nfs', package: 'nfs-common' }],
  source: async (ctx) => ok(exported(ctx)),
  assumed: exported,
  mountArguments: ['-t', 'nfs'],
}
