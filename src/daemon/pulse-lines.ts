import { votersOf, type ClusterConfig, type PulsePath } from '../core/cluster.js'
import { PulseDisk, type PulseLine } from './adapters/pulse-disk.js'
import { onceEach } from './adapters/peers-paths.js'
import type { Seal } from './peers/frame.js'
import type { Clock, Pulse, PulseLinks } from './ports.js'

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
      const wanted = new Map(cluster.pulsePaths.map((path) => [path.name, path]))
      for (const name of lines.keys()) if (!wanted.has(name)) end(name)
      for (const [name, path] of wanted) {
        const made = JSON.stringify([path, votersOf(cluster), cluster.heartbeat.timeoutMs])
        if (lines.get(name)?.made === made) continue
        end(name)
        lines.set(name, { made, line: begin(path, cluster) })
      }
    }

    function begin(path: PulsePath, cluster: ClusterConfig): PulseLine {
      const seal: Seal = { cluster: cluster.id, key: o.key }
      const voters = votersOf(cluster)
      return new PulseDisk({
        clock: ports.clock,
        name: path.name,
        device: path.device,
        seal,
        slots: voters.length,
        ownSlot: voters.indexOf(o.self),
        timeoutMs: cluster.heartbeat.timeoutMs,
        onPulse: (pulse) => o.onPulse(path.name, pulse),
        complain: (sentence) => complaints.say(path.name, sentence),
        content: () => complaints.forget(path.name),
      })
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
