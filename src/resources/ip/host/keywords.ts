import type { Keyword } from '../../../spec/keyword.js'

/** Of every address, on the node itself or in a network namespace. */
export const addressKeywords: readonly Keyword[] = [
  {
    name: 'ipname',
    alias: ['name'],
    type: 'text',
    required: true,
    scopable: true,
    help: 'The address, or a host name that resolves to it.',
    example: '192.0.2.14',
  },
  {
    name: 'ipdev',
    alias: ['dev'],
    type: 'text',
    required: true,
    scopable: true,
    help: 'Interface of the node that carries it, or that its link is made on.',
    example: 'bond0',
  },
  {
    name: 'netmask',
    type: 'text',
    scopable: true,
    pattern: {
      match: String.raw`\d{1,3}|\d{1,3}(\.\d{1,3}){3}`,
      expects: 'a prefix length or a dotted mask',
    },
    help: 'Prefix length or dotted mask. Default: that of the network of ipdev.',
    example: '24',
  },
  {
    name: 'gateway',
    type: 'text',
    scopable: true,
    help: 'Default route through this address.',
    example: '192.0.2.1',
  },
  {
    name: 'check_carrier',
    type: 'boolean',
    default: 'true',
    scopable: true,
    help: 'Count the address as down while ipdev has no carrier.',
  },
  {
    name: 'arp_wait',
    type: 'duration',
    scopable: true,
    inherited: true,
    help: 'How long another holder of the address has to answer the ARP probe before it is plumbed. 0: do not ask. Default: 150ms, and 40ms where the node that had the address has just given it up by its own word.',
    example: '500ms',
  },
]

export const keywords: readonly Keyword[] = [
  ...addressKeywords,
  {
    name: 'alias',
    type: 'boolean',
    default: 'true',
    scopable: true,
    help: 'The address is one more on an interface that is in use. Where not, the interface must have no other address and is brought down at stop.',
  },
]
