import { fail, ok, type Result } from '../../../core/result.js'
import type { Service } from '../../../core/service.js'
import type { ExecResult } from '../../../daemon/ports.js'
import { requiredText, type DriverPorts } from '../../driver.js'
import { parseContainers, parseImages, type Container, type Image } from '../../kit/docker.js'
import type { Look } from '../../look.js'

/** Every container that the agent makes has these labels; they are how it finds them again. */
export const LABEL = {
  service: 'longshore.service',
  rid: 'longshore.rid',
  node: 'longshore.node',
  generation: 'longshore.generation',
} as const

/** What the engine says. `silent`: it does not answer, and nothing that it started runs on this node. */
export type Engine =
  | { readonly kind: 'answers'; readonly containers: readonly Container[] }
  | { readonly kind: 'silent'; readonly why: string }

/**
 * Containers of all services, running or not, by as few commands as there can be: the list of all, and beside it the details of those of
 * the service that asks first; a third one only where the list names others. A failure means that nobody knows what runs.
 */
export function engineOf(look: Look, service: Service): Promise<Result<Engine>> {
  return look.once('docker containers', async (io) => {
    const containers = await listContainers(io, containerNames(service))
    if (containers.ok) return ok<Engine>({ kind: 'answers', containers: containers.value })
    if (await somethingRuns(io)) return containers
    return ok<Engine>({ kind: 'silent', why: containers.error.message })
  })
}

const containerNames = (service: Service): readonly string[] =>
  service.resources
    .filter(({ group, type }) => group === 'container' && type === 'docker')
    .map((resource) => requiredText(resource, 'name'))

/** All images of this node. */
export function imagesOf(look: Look): Promise<Result<readonly Image[]>> {
  return look.once('docker images', async (io) => {
    const argv = ['docker', 'image', 'ls', '--no-trunc', '--digests', '--format', '{{json .}}']
    const answer = await io.exec.run(argv, { timeoutMs: ASK_MS, maxOutputBytes: OUTPUT_BYTES })
    return answer.exit === 0 ? parseImages(answer.stdout) : unanswered(answer.outcome, answer.stderr)
  })
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

const ASK_MS = 10_000
const OUTPUT_BYTES = 16 * 1024 * 1024
const LAST_LINES = 20
const LINE_CHARACTERS = 300

/** A container may be gone between the list and the question about it: then the list is made again. */
const TRIES = 3

async function listContainers(
  io: DriverPorts,
  names: readonly string[],
): Promise<Result<readonly Container[]>> {
  const list = ['docker', 'ps', '--all', '--quiet', '--no-trunc', '--filter', `label=${LABEL.service}`]
  for (let left = TRIES; ; left -= 1) {
    const [listed, first] = await Promise.all([io.exec.run(list, { timeoutMs: ASK_MS }), inspect(io, names)])
    if (listed.exit !== 0) return unanswered(listed.outcome, listed.stderr)
    const ids = listed.stdout.split('\n').filter((id) => id !== '')
    // Names without a container are no failure: the list decides which there are.
    const known = parseContainers(first.stdout)
    if (!known.ok) return known
    const others = ids.filter((id) => known.value.every((container) => container.id !== id))
    const rest = await inspect(io, others)
    const found = parseContainers(rest.stdout)
    if (rest.exit === 0 && found.ok) {
      return ok([...known.value.filter(({ id }) => ids.includes(id)), ...found.value])
    }
    if (left <= 1) return found.ok ? unanswered(rest.outcome, rest.stderr) : found
  }
}

type Answer = Pick<ExecResult, 'exit' | 'outcome' | 'stdout' | 'stderr'>

const NOT_ASKED: Answer = { exit: 0, outcome: 'exited', stdout: '', stderr: '' }

async function inspect(io: DriverPorts, containers: readonly string[]): Promise<Answer> {
  if (containers.length === 0) return NOT_ASKED
  const argv = ['docker', 'inspect', '--type', 'container', '--format', '{{json .}}', ...containers]
  return io.exec.run(argv, { timeoutMs: ASK_MS, maxOutputBytes: OUTPUT_BYTES })
}

function unanswered(outcome: ExecResult['outcome'], complaint: string): Result<never> {
  if (outcome === 'missing') {
    return fail('UNAVAILABLE', 'docker is not installed on this node: install the package docker.io')
  }
  const details = complaint.split('\n').filter((line) => line.trim() !== '')
  const why = outcome === 'timeout' ? ` within ${ASK_MS / 1000} s` : ''
  return fail('UNAVAILABLE', `docker does not answer${why}: look at "systemctl status docker"`, details)
}

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
