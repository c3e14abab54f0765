import type { Keyword } from '../../../spec/keyword.js'

export const keywords: readonly Keyword[] = [
  {
    name: 'name',
    type: 'text',
    required: true,
    scopable: true,
    help: 'Name of the logical volume, without its volume group.',
    example: 'data',
  },
  {
    name: 'vg',
    type: 'text',
    required: true,
    scopable: true,
    help: 'Volume group that holds it.',
    example: '{svcname}',
  },
  {
    name: 'size',
    type: 'size or percentage',
    scopable: true,
    help: 'Size at provisioning: bytes with a unit, or a percentage as lvcreate takes it (%FREE, %VG, %PVS, %ORIGIN).',
    example: '100%FREE',
  },
  {
    name: 'create_options',
    type: 'words',
    scopable: true,
    help: 'More arguments for lvcreate.',
    example: '--stripes 2',
  },
]
