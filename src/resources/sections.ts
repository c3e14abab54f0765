import type { Keyword, SectionSchema } from '../spec/keyword.js'
import type { Group } from '../core/service.js'
import { keywords as appForking } from './app/forking/keywords.js'
import { keywords as appSimple } from './app/simple/keywords.js'
import { keywords as containerDocker } from './container/docker/keywords.js'
import { keywords as containerPodman } from './container/podman/keywords.js'
import { keywords as diskLoop } from './disk/loop/keywords.js'
import { keywords as diskLv } from './disk/lv/keywords.js'
import { keywords as diskScsireserv } from './disk/scsireserv/keywords.js'
import { keywords as diskVg } from './disk/vg/keywords.js'
import { keywords as fsDirectory } from './fs/directory/keywords.js'
import { keywords as fsFlag } from './fs/flag/keywords.js'
import { keywords as fsMount } from './fs/mount/keywords.js'
import { keywords as ipHost } from './ip/host/keywords.js'
import { keywords as ipNetns } from './ip/netns/keywords.js'
import { keywords as syncConfig } from './sync/config/keywords.js'

const section = (group: Group, type: string, help: string, keywords: readonly Keyword[]): SectionSchema => ({
  section: `${group}.${type}`,
  group,
  type,
  help,
  keywords,
})

/** The configuration sections of every driver: what validation, help and the reference page are made from. Imports no driver. */
export const driverSections: readonly SectionSchema[] = [
  section('ip', 'host', 'An address on an interface of the node.', ipHost),
  section('ip', 'netns', 'An address in the network namespace of a container.', ipNetns),
  section('disk', 'vg', 'An LVM volume group, owned through a tag with the name of the node.', diskVg),
  section('disk', 'lv', 'An LVM logical volume.', diskLv),
  section('disk', 'loop', 'A loop device on a regular file.', diskLoop),
  section(
    'disk',
    'scsireserv',
    'SCSI-3 persistent reservations: only the node that runs the service may write to the disks.',
    diskScsireserv,
  ),
  section('fs', 'xfs', 'An XFS file system.', fsMount.xfs),
  section('fs', 'ext4', 'An ext4 file system.', fsMount.ext4),
  section('fs', 'btrfs', 'A Btrfs file system.', fsMount.btrfs),
  section('fs', 'tmpfs', 'A file system in memory.', fsMount.tmpfs),
  section('fs', 'bind', 'A directory shown at a second place.', fsMount.bind),
  section('fs', 'nfs', 'An NFS mount.', fsMount.nfs),
  section('fs', 'directory', 'A directory with an owner and permissions.', fsDirectory),
  section(
    'fs',
    'flag',
    'A flag file in memory: it costs nothing, for tests and for services without anything of their own.',
    fsFlag,
  ),
  section('container', 'docker', 'A container run by Docker.', containerDocker),
  section('container', 'podman', 'A container run by Podman, by root.', containerPodman),
  section(
    'app',
    'simple',
    'A process that stays in the foreground, run in the background and watched.',
    appSimple,
  ),
  section(
    'app',
    'forking',
    'A program that puts itself into the background, with its own start, stop and check commands.',
    appForking,
  ),
  section(
    'sync',
    'config',
    'The replication of the configuration itself. It is always there and never written.',
    syncConfig,
  ),
]
