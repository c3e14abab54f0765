import { containerKeywords } from '../engine/keywords.js'

export const keywords = containerKeywords({
  command: 'podman',
  image: {
    help: 'Image to run. A name without a registry is one of this node, or of the registries that /etc/containers/registries.conf lists.',
    example: 'docker.io/library/postgres:18',
  },
  init: 'Run a small init process as its first one (package catatonit).',
})
