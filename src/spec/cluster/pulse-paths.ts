import type { PulsePath } from '../../core/cluster.js'
import type { Value } from '../../core/service.js'
import type { Position, Problem } from '../problem.js'

type Values = Readonly<Record<string, Value>>

/** A hung disk keeps one of the four threads that the daemon has for files. */
const mostDisks = 2

/** The `hb#NAME` sections; what is wrong is reported. */
export function pulsePaths(
  sections: readonly { readonly name: string; readonly values: Values; readonly at: Position | null }[],
  report: (problem: Problem) => void,
): readonly PulsePath[] {
  const paths = sections.flatMap(({ name, values, at }) => {
    const read = pulsePath(name, values)
    if (read === null) return []
    if (typeof read !== 'string') return [read]
    report({ at, what: read })
    return []
  })
  const extra = paths.filter(({ type }) => type === 'disk')[mostDisks]
  const at = sections.find(({ name }) => name === extra?.name)?.at ?? null
  if (extra !== undefined)
    report({ at, what: `${extra.name}: a cluster has at most ${mostDisks} heartbeat disks` })
  return paths
}

/** The path, or what is wrong with it; null where that is told of already. */
function pulsePath(name: string, values: Values): PulsePath | string | null {
  const { type, dev } = values
  if (type !== 'disk') return null
  if (typeof dev !== 'string' || !dev.startsWith('/'))
    return `${name} needs dev, such as dev: ${exampleDevice}`
  return { name, type, device: dev }
}

export const exampleDevice = '/dev/disk/by-id/wwn-0x5000c500a1b2c3d4'
