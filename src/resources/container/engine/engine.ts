import { ok, type Result } from '../../../core/result.js'
import type { Service } from '../../../core/service.js'
import { requiredText, type DriverPorts } from '../../driver.js'
import { processAt } from '../../kit/processes.js'
import type { Look } from '../../look.js'
import { ASK_MS } from './ask-by-command.js'
import type { Container } from './container.js'

/** A program that runs containers: what is particular to it. All else is the same with each of them. */
export interface ContainerEngine {
  /** Its command, and the type of its resources. */
  readonly name: 'docker' | 'podman'
  /** Debian package of the command. */
  readonly package: string
  /** Processes of which one runs where a container may: how their names begin, as the kernel cuts them. */
  readonly runners: readonly string[]
  /** Containers of all services; those that go by `names` are probably among them. */
  readonly list: (io: DriverPorts, names: readonly string[]) => Promise<Result<readonly Container[]>>
  /** As `imageIdOf`. */
  readonly imageId: (io: DriverPorts, image: string) => Promise<string | null | undefined>
  /** Is the image that the engine tells of a container the one that is configured? */
  readonly isImage: (told: string, configured: string) => boolean
  /** A container cannot be removed before those that share its namespaces, and is started by a start of one of them. */
  readonly bindsSharers: boolean
  /** Does it stop a container that is paused? */
  readonly stopsPaused: boolean
}

/** What the engine says. `silent`: it does not answer, and nothing that it started runs on this node. */
export type Engine =
  | { readonly kind: 'answers'; readonly containers: readonly Container[] }
  | { readonly kind: 'silent'; readonly why: string }

/** Containers of all services, running or not. A failure means that nobody knows what runs. */
export function engineOf(look: Look, engine: ContainerEngine, service: Service): Promise<Result<Engine>> {
  return look.once(`${engine.name} containers`, async (io) => {
    const containers = await engine.list(io, containerNames(engine, service))
    if (containers.ok) return ok<Engine>({ kind: 'answers', containers: containers.value })
    if (await somethingRuns(io, engine)) return containers
    return ok<Engine>({ kind: 'silent', why: containers.error.message })
  })
}

const containerNames = ({ name }: ContainerEngine, service: Service): readonly string[] =>
  service.resources
    .filter(({ group, type }) => group === 'container' && type === name)
    .map((resource) => requiredText(resource, 'name'))

/** Milliseconds for which an image counts as there under its name. */
const IMAGE_HOLDS_MS = 10_000

const imageQuestion = (engine: ContainerEngine, image: string): string => `${engine.name} image ${image}`

/** The id that `imageIdOf` found a moment ago; undefined where it found none. */
export function imageIdKnown(look: Look, engine: ContainerEngine, image: string): string | undefined {
  return look.io.known?.recall<string>(imageQuestion(engine, image))
}

/** Id of the image that a name means on this node; null where it has none of that name, undefined where nobody knows. */
export function imageIdOf(
  look: Look,
  engine: ContainerEngine,
  image: string,
): Promise<string | null | undefined> {
  const question = imageQuestion(engine, image)
  return look.once(question, async (io) => {
    const id = await engine.imageId(io, image)
    // One that is missing may be pulled at any time.
    if (typeof id === 'string') io.known?.remember(question, id, IMAGE_HOLDS_MS)
    return id
  })
}

/** The last lines that a container wrote. */
export function lastLinesOf(look: Look, engine: ContainerEngine, id: string): Promise<readonly string[]> {
  return look.once(`${engine.name} logs ${id}`, async (io) => {
    const argv = [engine.name, 'logs', '--tail', String(LAST_LINES), id]
    const answer = await io.exec.run(argv, { timeoutMs: ASK_MS })
    const lines = `${answer.stdout}\n${answer.stderr}`.split('\n').filter((line) => line.trim() !== '')
    return lines.slice(-LAST_LINES).map((line) => line.trimEnd().slice(0, LINE_CHARACTERS))
  })
}

const LAST_LINES = 20
const LINE_CHARACTERS = 300

/**
 * May a container run, as far as the kernel's process list tells? Each one has a process of its own as its parent, which outlives the
 * engine's daemon where there is one. With neither nothing runs and nothing is about to.
 */
async function somethingRuns(io: DriverPorts, { runners }: ContainerEngine): Promise<boolean> {
  const entries = await io.files.list('/proc')
  if (!entries.ok) return true
  for (const pid of entries.value) {
    if (!/^\d+$/.test(pid)) continue
    const name = await io.files.read(`/proc/${pid}/comm`)
    if (!name.ok || !runners.some((runner) => name.value.startsWith(runner))) continue
    // what has ended and waits for its parent alone runs nothing
    if ((await processAt(io.files, Number(pid))) !== null) return true
  }
  return false
}
