import { votersOf, votingNodes, type ClusterConfig, type PulsePath } from '../core/cluster.js'
import { onceEach, type Complaints } from './adapters/peers-paths.js'
import { PulseDisk } from './adapters/pulse-disk.js'
import { PulseUdp } from './adapters/pulse-udp.js'
import { parseAddress } from './peers/address.js'
import type { Seal } from './peers/frame.js'
import type { Clock, Pulse, PulseLine, PulseLinks } from './ports.js'

export interface PulseOptions {
  readonly self: string
  /** The newest cluster configuration. */
  readonly cluster: () => ClusterConfig
  /** What members authenticate pulses with. */
  readonly key: Buffer
  /** `path`: `hb#1`. */
  readonly onPulse: (path: string, pulse: Pulse) => void
  /** Something operators should know. */
  readonly say: (sentence: string) => void
}

export type OpenPulses = (options: PulseOptions) => PulseLinks

/** Heartbeat paths besides WebSocket, as the cluster's configuration names them. */
export function pulseLines(ports: { readonly clock: Clock }): OpenPulses {
  return (o) => {
    const lines = new Map<string, { readonly made: string; readonly line: PulseLine }>()
    const complaints = onceEach(o.say)

    function end(name: string): void {
      lines.get(name)?.line.close()
      lines.delete(name)
      complaints.forget(name)
    }

    function configure(): void {
      const cluster = o.cluster()
      // Who is no member any more has no slot, and nobody to send to.
      const isMember = votersOf(cluster).includes(o.self)
      const wanted = new Map((isMember ? cluster.pulsePaths : []).map((path) => [path.name, path]))
      for (const name of lines.keys()) if (!wanted.has(name)) end(name)
      for (const [name, path] of wanted) {
        const made = JSON.stringify([path, votingNodes(cluster), cluster.heartbeat.timeoutMs])
        if (lines.get(name)?.made === made) continue
        end(name)
        lines.set(name, { made, line: begin(path, cluster) })
      }
    }

    function begin(path: PulsePath, cluster: ClusterConfig): PulseLine {
      const { name } = path
      const seal: Seal = { cluster: cluster.id, key: o.key }
      const onPulse = (pulse: Pulse): void => o.onPulse(name, pulse)
      const own = { self: o.self, complaints, clock: ports.clock, seal, onPulse }
      switch (path.type) {
        case 'disk':
          return diskLine(path, cluster, own)
        case 'unicast':
        case 'multicast':
          return udpLine(path, cluster, own)
      }
    }

    configure()
    return {
      beat: (pulse) => {
        for (const { line } of lines.values()) line.beat(pulse)
      },
      configure,
      close: () => {
        for (const name of lines.keys()) end(name)
      },
    }
  }
}

interface Own {
  readonly self: string
  readonly complaints: Complaints
  readonly clock: Clock
  readonly seal: Seal
  readonly onPulse: (pulse: Pulse) => void
}

type PathOf<T extends PulsePath['type']> = Extract<PulsePath, { type: T }>

function diskLine({ name, device }: PathOf<'disk'>, cluster: ClusterConfig, own: Own): PulseLine {
  const { self, complaints, clock, seal, onPulse } = own
  const voters = votersOf(cluster)
  return new PulseDisk({
    clock,
    name,
    device,
    seal,
    slots: voters.length,
    ownSlot: voters.indexOf(self),
    timeoutMs: cluster.heartbeat.timeoutMs,
    onPulse,
    complain: (sentence) => complaints.say(name, sentence),
    content: () => complaints.forget(name),
  })
}

function udpLine(path: PathOf<'unicast' | 'multicast'>, cluster: ClusterConfig, own: Own): PulseLine {
  const { name, port } = path
  const { self, complaints, seal, onPulse } = own
  const group = path.type === 'multicast' ? path.group : null
  const peers = votingNodes(cluster).filter((node) => node.name !== self)
  const hosts = peers.flatMap(({ addresses }) => addresses.map((address) => parseAddress(address, port).host))
  return new PulseUdp({
    name,
    seal,
    port,
    group,
    hosts: group === null ? hosts : [group],
    onPulse,
    // Never forgotten: over a bad network the same would be said with every second beat.
    complain: (key, sentence) => complaints.say(`${name} ${key}`, sentence),
  })
}
