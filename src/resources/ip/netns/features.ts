import type { DriverPorts, Feature } from '../../driver.js'
import { modeOf } from './mode.js'

/** What a mode needs of the kernel. */
export const linkKinds: readonly Feature[] = [
  linkKind('macvlan', 'macvlan mode bridge', 'bridge or ipvlan-l2'),
  linkKind('ipvlan', 'ipvlan mode l2', 'bridge or macvlan'),
]

/** Can this kernel make interfaces of a kind? Asked by making one, in a network namespace that ends with the command. */
function linkKind(kind: string, type: string, instead: string): Feature {
  return {
    name: kind,
    probe: (io) => canMake(io, type),
    neededBy: (resource) => modeOf(resource).startsWith(kind),
    sentence: `its kernel has no ${kind} interfaces; boot one that has the ${kind} module, or set mode to ${instead}`,
  }
}

const ASK_MS = 5_000

async function canMake(io: DriverPorts, type: string): Promise<boolean> {
  const input = [
    'link add name lsprobe0 type veth peer name lsprobe1',
    `link add link lsprobe0 name lsprobe2 type ${type}`,
    '',
  ].join('\n')
  const made = await io.exec.run(['unshare', '--net', 'ip', '-batch', '-'], { timeoutMs: ASK_MS, input })
  return made.exit === 0
}
