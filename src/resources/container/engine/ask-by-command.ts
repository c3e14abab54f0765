import { fail, ok, type Result } from '../../../core/result.js'
import type { ExecResult } from '../../../daemon/ports.js'
import type { DriverPorts } from '../../driver.js'
import type { Container } from './container.js'
import { LABEL } from './labels.js'

/** How an engine is asked by its command, and what its answers mean. */
export interface Asking<C extends Container> {
  readonly command: string
  /** Debian package of the command. */
  readonly package: string
  /** Options of `inspect` and `image inspect` that make the answer what is parsed. */
  readonly format: readonly string[]
  readonly parseContainers: (text: string) => Result<readonly C[]>
  /** Null where the answer says that there is no such image. */
  readonly parseImageId: (answer: Pick<ExecResult, 'exit' | 'stdout'>) => Result<string | null>
  /** Where to look when it does not answer. */
  readonly advice: string
}

/** A question to the engine takes a fraction of a second; one that hangs must not hold up the look for long. */
export const ASK_MS = 10_000
/**
 * A list by command is the engine's own work, and waits for others that hold its locks: on a busy machine the first one after a boot, in which Podman goes over all
 * containers, may take longer. Given up, it would show nothing of what is in the way of a start.
 */
const LIST_MS = 30_000
const OUTPUT_BYTES = 16 * 1024 * 1024

/** A container may be gone between the list and the question about it: then the list is made again. */
const TRIES = 3

/**
 * Two commands beside each other: the list of all containers, and the details of those that go by `names`; a third one only where the list
 * has others.
 */
export async function listByCommand<C extends Container>(
  io: DriverPorts,
  asking: Asking<C>,
  names: readonly string[],
): Promise<Result<readonly C[]>> {
  const { command, parseContainers } = asking
  const list = [command, 'ps', '--all', '--quiet', '--no-trunc', '--filter', `label=${LABEL.service}`]
  for (let left = TRIES; ; left -= 1) {
    const [listed, first] = await Promise.all([
      io.exec.run(list, { timeoutMs: LIST_MS }),
      inspect(io, asking, names),
    ])
    if (listed.exit !== 0) return unanswered(asking, listed)
    const ids = listed.stdout.split('\n').filter((id) => id !== '')
    // Names without a container are no failure: the list decides which there are.
    const known = parseContainers(first.stdout)
    if (!known.ok) return known
    const others = ids.filter((id) => known.value.every((container) => container.id !== id))
    const rest = await inspect(io, asking, others)
    const found = parseContainers(rest.stdout)
    if (rest.exit === 0 && found.ok) {
      return ok([...known.value.filter(({ id }) => ids.includes(id)), ...found.value])
    }
    if (left <= 1) return found.ok ? unanswered(asking, rest) : found
  }
}

type Answer = Pick<ExecResult, 'exit' | 'outcome' | 'stdout' | 'stderr'>

const NOT_ASKED: Answer = { exit: 0, outcome: 'exited', stdout: '', stderr: '' }

async function inspect<C extends Container>(
  io: DriverPorts,
  { command, format }: Asking<C>,
  containers: readonly string[],
): Promise<Answer> {
  if (containers.length === 0) return NOT_ASKED
  const argv = [command, 'inspect', '--type', 'container', ...format, ...containers]
  return io.exec.run(argv, { timeoutMs: LIST_MS, maxOutputBytes: OUTPUT_BYTES })
}

function unanswered<C extends Container>(
  asking: Asking<C>,
  { outcome, stderr }: Pick<Answer, 'outcome' | 'stderr'>,
): Result<never> {
  const { command } = asking
  if (outcome === 'missing') {
    return fail('UNAVAILABLE', `${command} is not on this node: install the package ${asking.package}`)
  }
  const details = stderr.split('\n').filter((line) => line.trim() !== '')
  const why = outcome === 'timeout' ? ` within ${LIST_MS / 1000} s` : ''
  return fail('UNAVAILABLE', `${command} does not answer${why}: ${asking.advice}`, details)
}

/** As `imageIdOf`. The command may fail alike for an image that is not there and for an engine that is not. */
export async function imageIdByCommand<C extends Container>(
  io: DriverPorts,
  { command, format, parseImageId }: Asking<C>,
  image: string,
): Promise<string | null | undefined> {
  const argv = [command, 'image', 'inspect', ...format, image]
  const answer = await io.exec.run(argv, { timeoutMs: ASK_MS })
  if (answer.outcome !== 'exited') return undefined
  const id = parseImageId(answer)
  return id.ok ? id.value : undefined
}
