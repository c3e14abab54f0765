import type { Resource } from '../../core/service.js'
import { dockerEngine } from './docker/engine.js'
import type { ContainerEngine } from './engine/engine.js'
import { podmanEngine } from './podman/engine.js'

const engines: readonly ContainerEngine[] = [dockerEngine, podmanEngine]

/** The engine that runs the container of a resource: by its type. */
export function engineFor({ rid, type }: Pick<Resource, 'rid' | 'type'>): ContainerEngine {
  const engine = engines.find(({ name }) => name === type)
  if (engine === undefined) throw new TypeError(`${rid} is of type ${type}, which is no container engine`)
  return engine
}
