import type { Keyword } from '../../../spec/keyword.js'

export const keywords: readonly Keyword[] = [
  {
    name: 'path',
    type: 'text',
    required: true,
    scopable: true,
    pattern: { match: '/.*', expects: 'an absolute path' },
    help: 'Directory to make where it is missing. It is never removed.',
    example: '{fs#1.mnt}/postgresql',
  },
  { name: 'user', type: 'text', scopable: true, help: 'Its owner: a name or a number.', example: '999' },
  { name: 'group', type: 'text', scopable: true, help: 'Its group: a name or a number.', example: '999' },
  { name: 'perm', type: 'mode', scopable: true, help: 'Its permissions, in octal.', example: '0700' },
]
