import { ok, type Result } from '../../../core/result.js'
import type { Service } from '../../../core/service.js'
import { requiredText, type DriverPorts } from '../../driver.js'
import type { Container } from '../../kit/docker.js'
import { ASK_MS, imageIdByCommand, listByCommand } from './ask-by-command.js'
import { imageIdBySocket, listBySocket } from './ask-by-socket.js'
import type { Look } from '../../look.js'

/** What the engine says. `silent`: it does not answer, and nothing that it started runs on this node. */
export type Engine =
  | { readonly kind: 'answers'; readonly containers: readonly Container[] }
  | { readonly kind: 'silent'; readonly why: string }

/** Containers of all services, running or not. A failure means that nobody knows what runs. */
export function engineOf(look: Look, service: Service): Promise<Result<Engine>> {
  return look.once('docker containers', async (io) => {
    const containers = await containersOf(io, service)
    if (containers.ok) return ok<Engine>({ kind: 'answers', containers: containers.value })
    if (await somethingRuns(io)) return containers
    return ok<Engine>({ kind: 'silent', why: containers.error.message })
  })
}

const containersOf = (io: DriverPorts, service: Service): Promise<Result<readonly Container[]>> =>
  io.engine === undefined
    ? listByCommand(io, containerNames(service))
    : listBySocket(io.engine, containerNames(service))

const containerNames = (service: Service): readonly string[] =>
  service.resources
    .filter(({ group, type }) => group === 'container' && type === 'docker')
    .map((resource) => requiredText(resource, 'name'))

/** Id of the image that a name means on this node; null where it has none of that name, undefined where nobody knows. */
export function imageIdOf(look: Look, image: string): Promise<string | null | undefined> {
  return look.once(`docker image ${image}`, (io) =>
    io.engine === undefined ? imageIdByCommand(io, image) : imageIdBySocket(io.engine, image),
  )
}

/** The last lines that a container wrote. */
export function lastLinesOf(look: Look, id: string): Promise<readonly string[]> {
  return look.once(`docker logs ${id}`, async (io) => {
    const argv = ['docker', 'logs', '--tail', String(LAST_LINES), id]
    const answer = await io.exec.run(argv, { timeoutMs: ASK_MS })
    const lines = `${answer.stdout}\n${answer.stderr}`.split('\n').filter((line) => line.trim() !== '')
    return lines.slice(-LAST_LINES).map((line) => line.trimEnd().slice(0, LINE_CHARACTERS))
  })
}

const LAST_LINES = 20
const LINE_CHARACTERS = 300

/**
 * May a container run, as far as the kernel's process list tells? Each one has a shim as its parent, which outlives the engine. With
 * neither a shim nor an engine nothing runs and nothing is about to.
 */
async function somethingRuns(io: DriverPorts): Promise<boolean> {
  const entries = await io.files.list('/proc')
  if (!entries.ok) return true
  for (const pid of entries.value) {
    if (!/^\d+$/.test(pid)) continue
    const name = await io.files.read(`/proc/${pid}/comm`)
    if (name.ok && RUNNERS.some((runner) => name.value.startsWith(runner))) return true
  }
  return false
}

/** Names of processes, as the kernel cuts them. */
const RUNNERS = ['containerd-shim', 'dockerd']
