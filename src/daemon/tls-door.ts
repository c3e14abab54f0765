import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ClusterConfig } from '../core/cluster.js'
import { ok, type Result } from '../core/result.js'
import { serveTls } from './adapters/https.js'
import { wsPeerLinks, type WsPeerLinks } from './adapters/peers-ws.js'
import { materialOf, type OpenTls, type TlsDoor, type TlsOptions } from './doors.js'
import { parseAddress } from './peers/address.js'
import { PROTOCOLS } from './peers/wire.js'
import type { Clock, Rng } from './ports.js'

/** Where a node that is not a member yet may knock. */
const openPaths = ['/api/cluster/enrol']

/** A connection on which nothing arrives for less than this is not given up, however short the timeout. */
const shortestIdleMs = 5000

/** A witness of several clusters has an address with a port of its own in each. */
function portOf({ witnesses, port }: ClusterConfig, self: string): number {
  const own = witnesses.find(({ name }) => name === self)?.addresses[0]
  return own === undefined ? port : parseAddress(own, port).port
}

/** One TLS port for the API and for peers. */
export function tlsDoors(ports: { readonly clock: Clock; readonly rng: Rng }): OpenTls {
  return async (o: TlsOptions): Promise<Result<TlsDoor>> => {
    let links: WsPeerLinks | null = null
    const { cluster } = o
    const server = await serveTls({
      port: portOf(cluster(), o.self),
      material: materialOf(o.certificates, cluster().id),
      serve: o.handle,
      members: () => o.members().map(({ name }) => name),
      openPaths,
      onPeer: (request: IncomingMessage, socket: Duplex, head: Buffer, node: string) => {
        if (links === null) socket.destroy()
        else links.accept(request, socket, head, node)
      },
    })
    if (!server.ok) return server
    let { certificates } = o
    const configure = (): void => links?.configure(o.members(), cluster().port)
    return ok({
      links: (events) => {
        links = wsPeerLinks({
          ...ports,
          material: materialOf(certificates, cluster().id),
          own: () => ({
            clusterId: cluster().id,
            node: o.self,
            machineId: o.machineId,
            incarnation: o.incarnation(),
            agentVersion: o.version,
            protocols: PROTOCOLS,
          }),
          machineIdOf: o.machineIdOf,
          events,
          complain: o.say,
          // A link that is silent for longer than the peer may be is of no use.
          idleMs: Math.max(shortestIdleMs, cluster().heartbeat.timeoutMs),
        })
        configure()
        return links
      },
      peersChanged: configure,
      replaceCertificates: (next) => {
        certificates = next
        const material = materialOf(next, cluster().id)
        server.value.renew(material)
        links?.renew(material)
      },
      close: async () => {
        links?.close()
        await server.value.close()
      },
    })
  }
}
