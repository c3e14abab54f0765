import type { ClusterNode, PulsePath } from '../../core/cluster.js'
import { parties } from '../../core/rules.js'
import type { World } from '../../core/world.js'
import { pathsOf } from '../peers/paths.js'
import { received, type Reception } from '../peers/reception.js'
import type { PeerPath } from '../ports.js'

/** What is known of a heartbeat path, for people. */
export interface PathView extends PeerPath {
  /** `hb#1`, where a section of the configuration names the path; null for a pair of addresses. */
  readonly section: string | null
  readonly heardAtMs: number | null
  readonly latencyMs: number | null
  /** Null where nothing was heard yet, or by an agent that does not count. */
  readonly reception: Reception | null
  /** The version that both ends speak; null where they are not connected, or nothing but signs of life goes over the path. */
  readonly protocol: number | null
}

type Figures = Pick<PathView, 'heardAtMs' | 'latencyMs' | 'reception' | 'protocol'>

const unheard: Figures = { heardAtMs: null, latencyMs: null, reception: null, protocol: null }

/** Figures of every heartbeat path to whoever has a part in any rules in force: those that the configuration names, and of nodes that were taken out and are still waited for. */
export class PathBook {
  private readonly figures = new Map<string, Figures>()

  /** In the order of the configuration; those of nodes that it does not name any more come last of their kind. */
  views(world: World): readonly PathView[] {
    return named(world).map((path) => ({ ...path, ...(this.figures.get(path.id) ?? unheard) }))
  }

  /** A path that comes back later has a new beginning. */
  keepOnly(world: World): void {
    const ids = new Set(named(world).map(({ id }) => id))
    for (const id of this.figures.keys()) if (!ids.has(id)) this.figures.delete(id)
  }

  /** `protocol`: null where the connection has ended. */
  connected(id: string, protocol: number | null): void {
    this.figures.set(id, { ...(this.figures.get(id) ?? unheard), protocol })
  }

  /** A beat came. `round`: undefined from an agent that does not count. */
  heard(
    id: string,
    now: { readonly nowMs: number; readonly intervalMs: number },
    beat: { readonly incarnation: number; readonly round: number | undefined },
  ): void {
    const before = this.figures.get(id) ?? unheard
    const { incarnation, round } = beat
    const late = round !== undefined && isLate(before, round, now)
    const reception = round === undefined ? null : received(before.reception, { incarnation, round, late })
    this.figures.set(id, { ...before, heardAtMs: now.nowMs, reception })
  }

  answered(id: string, latencyMs: number): void {
    this.figures.set(id, { ...(this.figures.get(id) ?? unheard), latencyMs })
  }

  /** Is it newer than every beat that came on this path, and of no earlier start than the sender's newest document? */
  isNews(
    id: string,
    pulse: { readonly incarnation: number; readonly round: number },
    documentIncarnation: number,
  ): boolean {
    const { incarnation, round } = pulse
    const known = this.figures.get(id)?.reception ?? { incarnation: documentIncarnation, newest: -1 }
    if (incarnation < documentIncarnation || incarnation < known.incarnation) return false
    return incarnation > known.incarnation || round > known.newest
  }
}

/** More than half an interval later than the one before it lets expect. */
function isLate(
  { heardAtMs, reception }: Figures,
  round: number,
  { nowMs, intervalMs }: { readonly nowMs: number; readonly intervalMs: number },
): boolean {
  if (heardAtMs === null || reception === null) return false
  return nowMs - heardAtMs > (Math.max(round - reception.newest, 0) + 0.5) * intervalMs
}

type NamedPath = PeerPath & Pick<PathView, 'section'>

function named(world: World): readonly NamedPath[] {
  const { self, cluster } = world
  const nodes = parties(world)
  const links = pathsOf(self, nodes).map((path) => ({ ...path, section: null }))
  const pulses = cluster.pulsePaths.flatMap((path) =>
    nodes
      .filter(({ name }) => name !== self)
      .map((peer) => ({
        id: pulseId(path.name, peer.name),
        peer: peer.name,
        address: placeOf(path, peer),
        section: path.name,
      })),
  )
  return [...links, ...pulses]
}

/** Where its pulses are to be seen. */
function placeOf(path: PulsePath, peer: ClusterNode): string {
  switch (path.type) {
    case 'disk':
      return path.device
    case 'unicast':
      return `udp ${peer.addresses.join(' ')}`
    case 'multicast':
      return `udp ${path.group}`
  }
}

/** Of the path to one peer: `hb#1>node2`. */
export const pulseId = (section: string, peer: string): string => `${section}>${peer}`
