import { fail, ok, type Result } from '../../../core/result.js'
import type { ExecResult } from '../../../daemon/ports.js'
import type { DriverPorts } from '../../driver.js'
import { parseContainers, parseImageId, type Container } from '../../kit/docker.js'
import { LABEL } from './labels.js'

/** A question to the engine takes a fraction of a second; one that hangs must not hold up the look for long. */
export const ASK_MS = 10_000
const OUTPUT_BYTES = 16 * 1024 * 1024

/** A container may be gone between the list and the question about it: then the list is made again. */
const TRIES = 3

/**
 * Two commands beside each other: the list of all containers, and the details of those that go by `names`; a third one only where the list
 * has others.
 */
export async function listByCommand(
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
    return fail('UNAVAILABLE', 'docker is not on this node: install the package docker.io')
  }
  const details = complaint.split('\n').filter((line) => line.trim() !== '')
  const why = outcome === 'timeout' ? ` within ${ASK_MS / 1000} s` : ''
  return fail('UNAVAILABLE', `docker does not answer${why}: look at "systemctl status docker"`, details)
}

/** As `imageIdOf`. The command fails alike for an image that is not there and for an engine that is not. */
export async function imageIdByCommand(io: DriverPorts, image: string): Promise<string | null | undefined> {
  const argv = ['docker', 'image', 'inspect', '--format', '{{json .}}', image]
  const answer = await io.exec.run(argv, { timeoutMs: ASK_MS })
  if (answer.outcome !== 'exited') return undefined
  const id = answer.exit === 0 ? parseImageId(answer.stdout) : null
  return id === null ? null : id.ok ? id.value : undefined
}
