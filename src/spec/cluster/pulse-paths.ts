import type { PulsePath } from '../../core/cluster.js'
import type { Value } from '../../core/service.js'
import type { Position, Problem } from '../problem.js'

type Values = Readonly<Record<string, Value>>

/** A hung disk keeps one of the four threads that the daemon has for files. */
const mostDisks = 2

/** The `hb#NAME` sections; what is wrong is reported. */
export function pulsePaths(
  sections: readonly { readonly name: string; readonly values: Values; readonly at: Position | null }[],
  usualPort: number,
  report: (problem: Problem) => void,
): readonly PulsePath[] {
  const paths = sections.flatMap(({ name, values, at }) => {
    const read = pulsePath(name, values, usualPort)
    if (read === null) return []
    if (typeof read !== 'string') return [read]
    report({ at, what: read })
    return []
  })
  const at = (path: PulsePath): Position | null => sections.find(({ name }) => name === path.name)?.at ?? null
  const extra = paths.filter(({ type }) => type === 'disk')[mostDisks]
  if (extra !== undefined)
    report({ at: at(extra), what: `${extra.name}: a cluster has at most ${mostDisks} heartbeat disks` })
  for (const [i, path] of paths.entries()) {
    const rival = paths.slice(0, i).find((one) => portOf(one) !== null && portOf(one) === portOf(path))
    if (rival === undefined) continue
    const what = `${path.name}.port must be another one than that of ${rival.name}, which has ${portOf(rival)}`
    report({ at: at(path), what })
  }
  return paths
}

const portOf = (path: PulsePath): number | null => (path.type === 'disk' ? null : path.port)

/** The path, or what is wrong with it; null where that is told of already. `port`: where the section names none. */
function pulsePath(name: string, values: Values, usualPort: number): PulsePath | string | null {
  const { type, dev, address } = values
  const port = typeof values['port'] === 'number' ? values['port'] : usualPort
  if (port > 65_535) return `${name}.port must be 65535 or less, not ${port}`
  if (type === 'unicast') return { name, type, port }
  if (type === 'multicast') {
    const group = typeof address === 'string' ? address : usualGroup
    if (isGroup(group)) return { name, type, port, group }
    return `${name}.address must be an IPv4 multicast group, such as ${usualGroup}, not ${JSON.stringify(group)}`
  }
  if (type !== 'disk') return null
  if (typeof dev === 'string' && dev.startsWith('/')) return { name, type, device: dev }
  return `${name} needs dev, such as dev: ${exampleDevice}`
}

/** RFC 5771: 224.0.0.0 to 239.255.255.255. */
function isGroup(text: string): boolean {
  const parts = text.split('.').map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256))
  const [first = 0] = parts
  return parts.length === 4 && parts.every((part) => part <= 255) && first >= 224 && first <= 239
}

/** Within the organisation-local scope of RFC 2365. */
export const usualGroup = '239.192.12.15'
export const exampleDevice = '/dev/disk/by-id/wwn-0x5000c500a1b2c3d4'
