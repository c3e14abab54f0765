import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ClusterNode } from '../../core/cluster.js'
import { formatEndpoint, parseAddress } from '../peers/address.js'
import type { Acquaintance, Introduction } from '../peers/hello.js'
import { isDialler, pathsOf } from '../peers/paths.js'
import type { Clock, PeerLinkEvents, PeerLinks, PeerPath, Rng } from '../ports.js'
import { acceptor, type Connect } from './peers-accept.js'
import { connection } from './peers-connection.js'
import { dial, type Dial } from './peers-dial.js'
import { livePaths, onceEach, type Complaints, type Paths } from './peers-paths.js'
import type { TlsMaterial } from './tls.js'

export interface PeerLinksOptions {
  readonly clock: Clock
  readonly rng: Rng
  readonly material: TlsMaterial
  /** Asked at each connection: the incarnation may rise while the daemon runs. */
  readonly own: () => Introduction
  /** Machine id of a node as far as it is known here. */
  readonly machineIdOf: (node: string) => string | null
  readonly events: PeerLinkEvents
  /** Why a path is not there, or speaks an older protocol than this agent, once for each new cause. */
  readonly complain: (sentence: string) => void
  /** A connection on which nothing arrives for this long is given up and dialled anew. */
  readonly idleMs?: number
}

export interface WsPeerLinks extends PeerLinks {
  /** Who is to be connected: at the start, and whenever the cluster's configuration changes. */
  configure(nodes: readonly ClusterNode[], defaultPort: number): void
  /** A member's upgrade request from the TLS server. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, node: string): void
  renew(material: TlsMaterial): void
  /** Closes a path and tells the peer why; it is dialled again. */
  drop(path: string, why: string): void
}

const IDLE_MS = 5_000

/**
 * One connection a path: of two nodes one dials every address of the other one, and goes on dialling.
 */
export function wsPeerLinks(o: PeerLinksOptions): WsPeerLinks {
  const paths = livePaths(o.events)
  const complaints = onceEach(o.complain)
  const dials = new Map<string, Dial>()
  const trust: Trust = { material: o.material, members: [] }
  const connect: Connect = (socket, on) =>
    connection({
      socket,
      clock: o.clock,
      acquaintance: (): Acquaintance => ({
        own: o.own(),
        members: trust.members,
        machineIdOf: o.machineIdOf,
      }),
      idleMs: o.idleMs ?? IDLE_MS,
      onText: paths.text,
      ...on,
      onUp: (path, agreed) => {
        const key = `protocol of ${on.node}`
        if (agreed.note === null) complaints.forget(key)
        else complaints.say(key, agreed.note)
        on.onUp(path, agreed)
      },
    })
  const line: Line = { clock: o.clock, rng: o.rng, trust, connect, paths, complaints }
  const doorman = acceptor(line)

  function configure(nodes: readonly ClusterNode[], defaultPort: number): void {
    trust.members = nodes.map(({ name }) => name)
    doorman.keepOnly(trust.members)
    const wanted = pathsToDial(o.own().node, nodes, defaultPort)
    for (const [id, running] of dials) {
      if (wanted.get(id)?.host === running.host) continue
      dials.delete(id)
      running.stop('the configuration does not name this path any more')
    }
    for (const [id, each] of wanted) if (!dials.has(id)) dials.set(id, begin(line, each))
  }

  return {
    configure,
    accept: doorman.accept,
    renew: (next) => void (trust.material = next),
    send: (path, text) => paths.find(path)?.send(text) ?? false,
    drop: (path, why) => paths.find(path)?.refuse(why),
    close: () => {
      for (const running of dials.values()) running.stop('the daemon stops')
      dials.clear()
      doorman.close()
    },
  }
}

interface Trust {
  material: TlsMaterial
  members: readonly string[]
}

interface Wanted {
  readonly path: PeerPath
  readonly host: string
}

function pathsToDial(self: string, nodes: readonly ClusterNode[], defaultPort: number): Map<string, Wanted> {
  const paths = pathsOf(self, nodes).filter((path) => isDialler(self, path))
  return new Map(
    paths.map((path) => [path.id, { path, host: formatEndpoint(parseAddress(path.address, defaultPort)) }]),
  )
}

/** What every dialled path needs. */
interface Line {
  readonly clock: Clock
  readonly rng: Rng
  readonly trust: Trust
  readonly connect: Connect
  readonly paths: Paths
  readonly complaints: Complaints
}

function begin({ clock, rng, trust, connect, paths, complaints }: Line, { path, host }: Wanted): Dial {
  const complain = (sentence: string): void => complaints.say(path.id, sentence)
  return dial({
    clock,
    rng,
    path,
    host,
    complain,
    material: () => trust.material,
    connect: (socket, on) => {
      const made = connect(socket, {
        node: path.peer,
        dialled: path.id,
        onUp: (_, { protocol }) => {
          on.up()
          complaints.forget(path.id)
          paths.up(path, made, protocol)
        },
        onEnd: (why) => {
          if (!paths.down(made, why)) complain(`the connection to ${path.peer} at ${host} failed: ${why}`)
          on.end()
        },
      })
      return made
    },
  })
}
