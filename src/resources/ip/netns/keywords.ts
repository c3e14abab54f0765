import type { Keyword } from '../../../spec/keyword.js'
import { addressKeywords } from '../host/keywords.js'

export const keywords: readonly Keyword[] = [
  ...addressKeywords,
  {
    name: 'netns',
    type: 'text',
    required: true,
    scopable: true,
    help: 'Container of this service whose network namespace gets the address.',
    example: 'container#0',
  },
  {
    name: 'mode',
    type: 'text',
    default: 'bridge',
    scopable: true,
    candidates: ['bridge', 'macvlan', 'ipvlan-l2', 'ipvlan-l3', 'dedicated'],
    help: 'Kind of link: a veth pair on a bridge (ipdev), a macvlan or ipvlan interface on ipdev, or ipdev itself.',
  },
  {
    name: 'nsdev',
    type: 'text',
    scopable: true,
    help: 'Name of the interface inside the namespace. Default: the first of eth0, eth1 and so on that is free.',
    example: 'eth0',
  },
  {
    name: 'macaddr',
    type: 'text',
    scopable: true,
    pattern: { match: '[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}', expects: 'six pairs of hexadecimal digits' },
    help: 'Hardware address of the interface inside the namespace (bridge and macvlan).',
    example: '02:00:00:00:00:14',
  },
  {
    name: 'del_net_route',
    type: 'boolean',
    default: 'false',
    scopable: true,
    help: 'Remove the route to the address’s own network, so that everything goes through the gateway.',
  },
]
