import { ok } from '../../../core/result.js'
import type { DriverPorts } from '../../driver.js'
import { processAt } from '../../kit/processes.js'
import { imageIdByCommand, listByCommand, type Asking } from '../engine/ask-by-command.js'
import { isAlive, UNSEEN_END, type Container } from '../engine/container.js'
import type { ContainerEngine } from '../engine/engine.js'
import { parseContainers, parseImageId, type PodmanContainer } from './inspect.js'

/** The podman command. Of the two failures that look alike, the one for want of an image says so with an empty list. */
const podman: Asking<PodmanContainer> = {
  command: 'podman',
  package: 'podman',
  format: [],
  parseContainers,
  parseImageId: ({ stdout }) => parseImageId(stdout),
  advice: 'look at what "podman info" says',
}

/** Podman: no daemon; each container has a process that watches over it (conmon) and writes down how it ended. */
export const podmanEngine: ContainerEngine = {
  name: 'podman',
  package: podman.package,
  runners: ['conmon'],
  list: async (io, names) => {
    const listed = await listByCommand(io, podman, names)
    return listed.ok ? ok(await Promise.all(listed.value.map((container) => asItIs(io, container)))) : listed
  },
  imageId: (io, image) => imageIdByCommand(io, podman, image),
  isImage: isImageName,
  bindsSharers: true,
  stopsPaused: false,
}

/**
 * Podman believes what conmon has told it last. Where conmon was killed nobody tells it of the end: both are asked of the kernel. While
 * conmon lives, the end is written down in a moment, with its exit code.
 */
async function asItIs(io: DriverPorts, container: PodmanContainer): Promise<Container> {
  if (!isAlive(container)) return container
  const processes = await Promise.all(
    [container.pid, container.conmonPid].map((pid) => (pid > 0 ? processAt(io.files, pid) : null)),
  )
  const gone = processes.every((process) => process === null)
  return gone ? { ...container, state: 'unseen', exitCode: UNSEEN_END, pid: 0 } : container
}

/** `docker.io/library/postgres:16` is what `postgres:16` means: podman tells the full name, whatever it was asked for. */
export function isImageName(told: string, configured: string): boolean {
  const tagged = /[:@][^/]*$/.test(configured) ? configured : `${configured}:latest`
  return [configured, tagged].some((name) => told === name || told.endsWith(`/${name}`))
}
