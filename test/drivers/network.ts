import type { DriverPorts } from '../../src/resources/driver.js'
import { run } from './docker-engine.js'

/**
 * A node's network, and another machine on the same two segments, as namespaces. The node has `uplink` on the first segment, and the bridge
 * `br0` with a port on the second one.
 */
export interface TestNetwork {
  /** Ports whose commands run in the node's network. */
  readonly node: DriverPorts
  /** Runs a command on the other machine, which must work. */
  peer(...argv: readonly string[]): Promise<string>
  /** Does an address answer ARP from the other machine's point of view? */
  answers(segment: Segment, ip: string): Promise<boolean>
  end(): Promise<void>
}

/** Interface of the other machine on the segment, and its address there. */
export type Segment = 'seg1' | 'seg2'

export const PEER = { seg1: '192.0.2.99', seg2: '198.51.100.99' } as const

export async function makeNetwork(io: DriverPorts): Promise<TestNetwork> {
  const [own, other] = [`lsu-n${process.pid}`, `lsu-p${process.pid}`]
  for (const name of [own, other]) await run(io, ['ip', 'netns', 'add', name])
  const ip = (netns: string, ...words: readonly string[]): Promise<string> =>
    run(io, ['ip', '-n', netns, ...words])
  await ip(own, 'link', 'add', 'name', 'uplink', 'type', 'veth', 'peer', 'name', 'seg1', 'netns', other)
  await ip(own, 'link', 'add', 'name', 'port', 'type', 'veth', 'peer', 'name', 'seg2', 'netns', other)
  await ip(own, 'link', 'add', 'name', 'br0', 'type', 'bridge')
  await ip(own, 'link', 'set', 'port', 'master', 'br0')
  for (const dev of ['uplink', 'port', 'br0', 'lo']) await ip(own, 'link', 'set', dev, 'up')
  for (const dev of ['seg1', 'seg2', 'lo']) await ip(other, 'link', 'set', dev, 'up')
  await ip(other, 'addr', 'add', `${PEER.seg1}/24`, 'dev', 'seg1')
  await ip(other, 'addr', 'add', `${PEER.seg2}/24`, 'dev', 'seg2')
  return {
    node: within(io, own),
    peer: (...argv) => run(within(io, other), argv),
    answers: async (segment, address) => {
      const asked = await within(io, other).exec.run(
        ['arping', '-f', '-c', '1', '-w', '1', '-I', segment, address],
        {
          timeoutMs: 5_000,
        },
      )
      return asked.exit === 0
    },
    end: async () => {
      for (const name of [own, other]) await io.exec.run(['ip', 'netns', 'del', name], { timeoutMs: 10_000 })
    },
  }
}

/** The same ports, with every command run in a network namespace. */
function within(io: DriverPorts, netns: string): DriverPorts {
  const enter = (argv: readonly string[]): readonly string[] => [
    'nsenter',
    `--net=/run/netns/${netns}`,
    '--',
    ...argv,
  ]
  return {
    ...io,
    exec: {
      run: async (argv, options) => ({ ...(await io.exec.run(enter(argv), options)), argv }),
      follow: (argv, onLine, onEnd) => io.exec.follow(enter(argv), onLine, onEnd),
      detach: (argv, options) => io.exec.detach(enter(argv), options),
    },
  }
}
