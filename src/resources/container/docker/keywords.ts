import { containerKeywords } from '../engine/keywords.js'

export const keywords = containerKeywords({
  command: 'docker',
  image: { help: 'Image to run.', example: 'postgres:18' },
  init: 'Run a small init process as its first one.',
})
