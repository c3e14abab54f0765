import type { Keyword } from '../../../spec/keyword.js'

export const keywords: readonly Keyword[] = [
  {
    name: 'name',
    alias: ['vgname'],
    type: 'text',
    required: true,
    scopable: true,
    help: 'Name of the volume group.',
    example: '{svcname}',
  },
  {
    name: 'pvs',
    type: 'list',
    scopable: true,
    help: 'Devices that become its physical volumes when it is provisioned. Shell patterns are expanded on the node.',
    example: '/dev/disk/by-id/wwn-0x600a0b8000*',
  },
  {
    name: 'options',
    type: 'words',
    scopable: true,
    help: 'More arguments for vgcreate.',
    example: '--metadatasize 16m',
  },
]
