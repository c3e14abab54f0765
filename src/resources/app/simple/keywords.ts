import type { Keyword } from '../../../spec/keyword.js'
import { commandKeywords } from '../forking/keywords.js'

export const keywords: readonly Keyword[] = [
  ...commandKeywords,
  {
    name: 'kill',
    type: 'text',
    default: 'parent',
    scopable: true,
    candidates: ['parent', 'tree'],
    help: 'What stop ends where there is no stop command: the process alone, or it and its descendants.',
  },
]
