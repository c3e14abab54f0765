import { fail, ok, type Result } from '../../../core/result.js'
import type { EngineAnswer, EngineSocket } from '../../../daemon/ports.js'
import { parseContainerIds, parseContainers, parseImageId } from './inspect.js'
import type { Container } from '../engine/container.js'
import { LABEL } from '../engine/labels.js'
import { ASK_MS } from '../engine/ask-by-command.js'
import { docker } from './asking.js'

/** So many containers are asked about at the same time. */
const AT_ONCE = 16

/** A container may be gone between the list and the question about it: then the list is made again. */
const TRIES = 3

const HTTP_OK = 200
const HTTP_NOT_FOUND = 404

/**
 * The list of all containers, and beside it the details of those that go by `names`; then those of the others. The list decides which
 * there are.
 */
export async function listBySocket(
  engine: EngineSocket,
  names: readonly string[],
): Promise<Result<readonly Container[]>> {
  const filters = encodeURIComponent(JSON.stringify({ label: [LABEL.service] }))
  for (let left = TRIES; ; left -= 1) {
    const [list, named] = await Promise.all([
      ask(engine, `/containers/json?all=true&filters=${filters}`),
      inspect(engine, names),
    ])
    if (!list.ok) return list
    const ids = parseContainerIds(list.value.body)
    if (!ids.ok) return ids
    if (!named.ok) return named
    const known = named.value.filter(({ id }) => ids.value.includes(id))
    const others = await inspect(
      engine,
      ids.value.filter((id) => known.every((container) => container.id !== id)),
    )
    if (!others.ok) return others
    const found = [...known, ...others.value]
    if (found.length === ids.value.length || left <= 1) return ok(found)
  }
}

/** Those of them that there are. */
async function inspect(
  engine: EngineSocket,
  containers: readonly string[],
): Promise<Result<readonly Container[]>> {
  const answers = await inBatches(containers, (id) => ask(engine, `/containers/${id}/json`))
  const failed = answers.find((answer) => !answer.ok)
  if (failed !== undefined && !failed.ok) return failed
  const found = answers.flatMap((answer) =>
    answer.ok && answer.value.status === HTTP_OK ? [answer.value.body] : [],
  )
  return parseContainers(found.join('\n'))
}

/** An answer that there is no such container is one; any other complaint is a failure. */
async function ask(engine: EngineSocket, path: string): Promise<Result<EngineAnswer>> {
  const answer = await engine.get(path, ASK_MS)
  if (!answer.ok) return fail('UNAVAILABLE', DEAF, [answer.error.message])
  if (answer.value.status === HTTP_OK || answer.value.status === HTTP_NOT_FOUND) return answer
  return fail('UNAVAILABLE', DEAF, [`it answered ${answer.value.status} to ${path}`])
}

const DEAF = `docker does not answer: ${docker.advice}`

async function inBatches<A, B>(items: readonly A[], act: (item: A) => Promise<B>): Promise<readonly B[]> {
  const results: B[] = []
  for (let i = 0; i < items.length; i += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(i, i + AT_ONCE).map(act))))
  }
  return results
}

/** As `imageIdOf`. */
export async function imageIdBySocket(
  engine: EngineSocket,
  image: string,
): Promise<string | null | undefined> {
  const answer = await ask(engine, `/images/${image.split('/').map(encodeURIComponent).join('/')}/json`)
  if (!answer.ok) return undefined
  if (answer.value.status === HTTP_NOT_FOUND) return null
  const id = parseImageId(answer.value.body)
  return id.ok ? id.value : undefined
}
