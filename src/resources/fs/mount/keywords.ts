import type { Keyword } from '../../../spec/keyword.js'

const mnt: Keyword = {
  name: 'mnt',
  type: 'text',
  required: true,
  scopable: true,
  pattern: { match: '/.*', expects: 'an absolute path' },
  help: 'Mount point. Made at start where it is missing.',
  example: '/srv/{svcname}/data',
}

const mntOpt: Keyword = {
  name: 'mnt_opt',
  type: 'text',
  scopable: true,
  help: 'Mount options, separated by commas.',
  example: 'noatime,nodiratime',
}

const statTimeout: Keyword = {
  name: 'stat_timeout',
  type: 'duration',
  default: '5s',
  minimum: '100ms',
  scopable: true,
  inherited: true,
  help: 'How long the file system may take to answer before its status is warn.',
}

const checkRead: Keyword = {
  name: 'check_read',
  type: 'boolean',
  default: 'false',
  scopable: true,
  inherited: true,
  help: 'Also read from the file system at each probe.',
}

const killHolders: Keyword = {
  name: 'kill_holders',
  type: 'boolean',
  default: 'false',
  scopable: true,
  inherited: true,
  help: 'May processes that keep the file system busy be killed when it is to be unmounted? Where not, the stop fails and names them.',
}

const owner: readonly Keyword[] = [
  {
    name: 'user',
    type: 'text',
    scopable: true,
    help: 'Owner of the mount point once mounted: a name or a number.',
    example: '999',
  },
  {
    name: 'group',
    type: 'text',
    scopable: true,
    help: 'Group of the mount point once mounted: a name or a number.',
    example: '999',
  },
  {
    name: 'perm',
    type: 'mode',
    scopable: true,
    help: 'Permissions of the mount point once mounted, in octal.',
    example: '0750',
  },
]

const device = (help: string, example: string): Keyword => ({
  name: 'dev',
  type: 'text',
  required: true,
  scopable: true,
  help,
  example,
})

const mkfsOpt: Keyword = {
  name: 'mkfs_opt',
  type: 'words',
  scopable: true,
  help: 'More arguments for mkfs when it is provisioned.',
  example: '-L {svcname}',
}

const common: readonly Keyword[] = [mnt, mntOpt, statTimeout, checkRead, killHolders, ...owner]

const onDevice: readonly Keyword[] = [
  device('Block device, a regular file, or LABEL= or UUID= as mount takes them.', '/dev/{svcname}/data'),
  ...common,
  mkfsOpt,
]

/** Keywords by file system type. */
export const keywords = {
  xfs: onDevice,
  ext4: onDevice,
  btrfs: onDevice,
  tmpfs: [
    ...common,
    {
      name: 'size',
      type: 'size',
      scopable: true,
      help: 'Upper limit of its content. Default: half of the memory.',
      example: '512m',
    },
  ],
  bind: [device('Directory or file that is shown at the mount point.', '/srv/shared/{svcname}'), ...common],
  nfs: [device('Server and path.', 'nas.example.com:/export/{svcname}'), ...common],
} as const satisfies Readonly<Record<string, readonly Keyword[]>>
