import { onTestFinished } from 'vitest'
import type { ClusterNode } from '../../src/core/cluster.js'
import { systemClock } from '../../src/daemon/adapters/clock.js'
import { serveTls, type TlsServer, type TlsServerOptions } from '../../src/daemon/adapters/https.js'
import { wsPeerLinks, type WsPeerLinks } from '../../src/daemon/adapters/peers-ws.js'
import { systemRng } from '../../src/daemon/adapters/rng.js'
import type { TlsMaterial } from '../../src/daemon/adapters/tls.js'
import type { Introduction } from '../../src/daemon/peers/hello.js'
import { PROTOCOLS } from '../../src/daemon/peers/wire.js'
import { valueOf, type TestCluster } from './cluster.js'

export interface TestNode extends ClusterNode {
  readonly port: number
  readonly links: WsPeerLinks
  readonly log: readonly string[]
  readonly complaints: readonly string[]
  /** Waits until this was logged so many times. */
  saw(line: string, times?: number): Promise<void>
  complained(words: string | RegExp): Promise<void>
  say(to: TestNode, word: string): void
  /** Tells it the cluster's nodes. */
  know(...nodes: readonly ClusterNode[]): void
  renew(material: TlsMaterial): void
  end(): Promise<void>
}

interface StartOptions {
  readonly port?: number
  readonly idleMs?: number
  readonly own?: Partial<Introduction>
  readonly machines?: Readonly<Record<string, string>>
}

/** A node of a cluster with its listener and its peer links, and nothing else. */
export async function start(
  cluster: TestCluster,
  name: string,
  hosts: readonly string[],
  o: StartOptions = {},
): Promise<TestNode> {
  const log: string[] = []
  const complaints: string[] = []
  const material = await cluster.material(name)
  let members: readonly string[] = []
  const links = wsPeerLinks({
    clock: systemClock(),
    rng: systemRng(),
    material,
    own: () => ({ ...introduction(cluster, name), ...o.own }),
    machineIdOf: (node) => o.machines?.[node] ?? null,
    events: {
      onUp: (path, protocol) =>
        log.push(`up ${path.peer} ${path.id}${protocol === 1 ? '' : ` by ${protocol}`}`),
      onDown: (path, why) => log.push(`down ${path.id} ${why}`),
      onMessage: (path, text) => log.push(`text ${path.id} ${wordOf(text)}`),
    },
    complain: (sentence) => complaints.push(sentence),
    idleMs: o.idleMs ?? 60_000,
  })
  const servers = await listen(hosts, {
    port: o.port ?? 0,
    material,
    members: () => members,
    onPeer: links.accept,
  })
  const port = servers[0]!.port
  const end = async (): Promise<void> => {
    links.close()
    await Promise.all(servers.map((server) => server.close()))
  }
  onTestFinished(end)
  const addresses = hosts.map((host) => `${host}:${port}`)
  const node: TestNode = {
    name,
    addresses,
    port,
    links,
    log,
    complaints,
    end,
    saw: (line, times = 1) => until(() => log.filter((each) => each === line).length >= times),
    complained: (words) =>
      until(() => complaints.some((each) => (typeof words === 'string' ? each === words : words.test(each)))),
    say: (to, word) => void links.send(pathOf(node, to), JSON.stringify({ kind: 'want', node: word })),
    know: (...nodes) => {
      members = nodes.map((each) => each.name)
      links.configure(nodes, 1215)
    },
    renew: (next) => {
      links.renew(next)
      for (const server of servers) server.renew(next)
    },
  }
  return node
}

/** The same port on several addresses. */
async function listen(
  hosts: readonly string[],
  o: Pick<TlsServerOptions, 'port' | 'material' | 'members' | 'onPeer'>,
): Promise<readonly TlsServer[]> {
  const servers: TlsServer[] = []
  for (const host of hosts) {
    const port = servers[0]?.port ?? o.port
    servers.push(valueOf(await serveTls({ ...o, port, host, serve: () => new Response(''), openPaths: [] })))
  }
  return servers
}

function pathOf(a: ClusterNode, b: ClusterNode): string {
  return a.name < b.name ? `${a.name}>${b.name}@${b.addresses[0]}` : pathOf(b, a)
}

const wordOf = (text: string): string => /"node":"([^"]*)"/.exec(text)?.[1] ?? text

function introduction({ clusterId }: TestCluster, node: string): Introduction {
  return {
    clusterId,
    node,
    machineId: `machine of ${node}`,
    incarnation: 1,
    agentVersion: '0.1.0',
    protocols: PROTOCOLS,
  }
}

/** Tells each node of all. */
export function meet(...nodes: readonly TestNode[]): void {
  for (const node of nodes) node.know(...nodes)
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10))
}
