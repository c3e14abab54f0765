import type { Keyword } from '../../../spec/keyword.js'

export const keywords: readonly Keyword[] = [
  {
    name: 'file',
    type: 'text',
    required: true,
    scopable: true,
    help: 'Regular file behind the loop device.',
    example: '/srv/{svcname}.img',
  },
  {
    name: 'size',
    type: 'size',
    default: '100m',
    scopable: true,
    help: 'Size of the sparse file made at provisioning.',
    example: '10g',
  },
]
