import type { Keyword } from '../../../spec/keyword.js'

export const keywords: readonly Keyword[] = [
  {
    name: 'devs',
    type: 'list',
    required: true,
    scopable: true,
    help: 'Disks that only the node which runs the service may write to. Of a disk with several paths each path, such as /dev/sdb /dev/sdc: a multipath device passes the commands to one of them only.',
    example: '/dev/disk/by-id/wwn-0x600a0b8000000001',
  },
  {
    name: 'prkey',
    type: 'text',
    scopable: true,
    pattern: {
      match: '0x0*[1-9a-fA-F][0-9a-fA-F]{0,15}',
      expects: 'a hexadecimal number of 64 bits, not zero',
    },
    help: 'Registration key of the node: another one on each node (prkey@node1). Default: made from the name of the node and the number of the start.',
    example: '0x10000000000001',
  },
  {
    name: 'no_preempt_abort',
    type: 'boolean',
    default: 'false',
    scopable: true,
    help: 'Take a disk over without aborting what the node before still writes, for disks that cannot (tgtd). Its last writes may then still arrive.',
  },
]
