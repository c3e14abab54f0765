import { afterAll, afterEach, beforeAll } from 'vitest'
import { must } from '../../src/core/invariant.js'
import type { Resource, Value } from '../../src/core/service.js'
import { runSteps } from '../../src/daemon/agent/action/run-steps.js'
import { contextOf } from '../../src/daemon/agent/action/view.js'
import { dockerContainer } from '../../src/resources/container/docker/driver.js'
import type { AnyDriver, Context, Step } from '../../src/resources/driver.js'
import { ipNetns } from '../../src/resources/ip/netns/driver.js'
import type { Seen } from '../../src/resources/ip/netns/seen.js'
import { Look } from '../../src/resources/look.js'
import { startDocker, type DockerEngine } from './docker-engine.js'
import { instance, type Instance } from './instance.js'
import { makeNetwork, type TestNetwork } from './network.js'
import { systemPorts, testNode, type TestNode } from './node.js'
import { resource, service } from './sample.js'

/** A node with an engine and a network of its own; what a test starts on it is stopped after the test. */
export interface NetnsNode {
  node(): TestNode
  network(): TestNetwork
  /** The service db1 with these resources, on this node. */
  db1(...resources: readonly Resource[]): Instance
  /** Names of the node's interfaces. */
  links(): Promise<readonly string[]>
  /** Names of the interfaces in the namespace of container#0. */
  inside(one: Instance): Promise<readonly string[]>
  /** How many steps a start of the address takes now. */
  steps(one: Instance): Promise<number>
  /** Takes only the first of them, as a daemon does that dies half way. */
  interruptedStart(one: Instance, steps: number): Promise<void>
  docker(...argv: readonly string[]): Promise<void>
}

export function netnsNode(): NetnsNode {
  let docker: DockerEngine
  let network: TestNetwork
  let node: TestNode
  let current: Instance | null = null
  beforeAll(async () => {
    docker = await startDocker(systemPorts())
    network = await makeNetwork(docker.io)
    node = testNode([dockerContainer, ipNetns] as readonly AnyDriver[], network.node)
  })
  afterEach(async () => {
    await current?.act('stop')
    current = null
  })
  afterAll(async () => {
    await network?.end()
    await docker?.end()
    node?.remove()
  })
  return {
    node: () => node,
    network: () => network,
    db1: (...resources) => (current = instance(node, service(resources))),
    links: () => linksOf(node),
    inside: async (one) => {
      const { current: namespace } = (await look(node, one)).seen
      must(namespace !== null, 'container#0 runs')
      return namespace.network.links.map(({ name }) => name)
    },
    steps: async (one) => (await startSteps(node, one)).length,
    interruptedStart: async (one, steps) => runAll(node, (await startSteps(node, one)).slice(0, steps)),
    docker: async (...argv) => void (await node.io.exec.run(['docker', ...argv], { timeoutMs: 10_000 })),
  }
}

/** An address in the namespace of container#0, with the defaults of its keywords. */
const address = (keywords: Readonly<Record<string, Value>>): Resource =>
  resource('ip#0', 'netns', {
    netns: 'container#0',
    netmask: '24',
    check_carrier: true,
    arp_wait: 150,
    ...keywords,
  })

export const macvlan = (keywords: Readonly<Record<string, Value>> = {}): Resource =>
  address({ mode: 'macvlan', ipname: '192.0.2.14', ipdev: 'uplink', gateway: '192.0.2.1', ...keywords })

export const bridge = (keywords: Readonly<Record<string, Value>> = {}): Resource =>
  address({ mode: 'bridge', ipname: '198.51.100.14', ipdev: 'br0', ...keywords })

async function linksOf(node: TestNode): Promise<readonly string[]> {
  const result = await node.io.exec.run(['ip', '-j', 'link'], { timeoutMs: 5_000 })
  return (JSON.parse(result.stdout) as { readonly ifname: string }[]).map(({ ifname }) => ifname).sort()
}

async function look(node: TestNode, one: Instance): Promise<{ readonly ctx: Context; readonly seen: Seen }> {
  const ip = one.service.resources.find(({ group }) => group === 'ip')
  must(ip !== undefined, 'the service has an address')
  const ctx = contextOf(node, one.service, ip, 1)
  const seen = await ipNetns.look(ctx, new Look(node.io))
  must(seen.ok, 'the namespace can be looked at')
  return { ctx, seen: seen.value }
}

async function startSteps(node: TestNode, one: Instance): Promise<readonly Step[]> {
  const { ctx, seen } = await look(node, one)
  return ipNetns.start(ctx, seen)
}

async function runAll(node: TestNode, steps: readonly Step[]): Promise<void> {
  const ran = await runSteps(steps, {
    io: node.io,
    exec: node.io.exec,
    clock: node.io.clock,
    signal: new AbortController().signal,
    deadlineMs: node.io.clock.nowMs() + 60_000,
    limitMs: 60_000,
    mayContinue: () => null,
    env: {},
    tools: [],
    log: () => undefined,
  })
  must(ran.ok, 'the steps work')
}
