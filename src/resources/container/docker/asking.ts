import { ok } from '../../../core/result.js'
import type { Asking } from '../engine/ask-by-command.js'
import type { Container } from '../engine/container.js'
import { parseContainers, parseImageId } from './inspect.js'

/** The docker command. */
export const docker: Asking<Container> = {
  command: 'docker',
  package: 'docker.io',
  format: ['--format', '{{json .}}'],
  parseContainers,
  parseImageId: ({ exit, stdout }) => (exit === 0 ? parseImageId(stdout) : ok(null)),
  advice: 'look at "systemctl status docker"',
}
