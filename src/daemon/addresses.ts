import { networkInterfaces } from 'node:os'

/** Interfaces of containers, virtual machines and bridges made for them: no way from node to node. */
const notForNodes = /^(lo|docker|br-|virbr|veth|cni|podman|lxc|tap|tun|ifb|macvlan|ipvlan)/

/** Addresses at which other nodes can reach this one: each becomes a heartbeat path. IPv6 only where there is no IPv4. */
export function ownAddresses(): readonly string[] {
  const found = Object.entries(networkInterfaces())
    .filter(([name]) => !notForNodes.test(name))
    .flatMap(([, addresses]) => addresses ?? [])
    .filter(
      ({ internal, address }) => !internal && !address.startsWith('fe80:') && !address.startsWith('169.254.'),
    )
  const v4 = found.filter(({ family }) => family === 'IPv4').map(({ address }) => address)
  return v4.length > 0 ? v4 : found.map(({ address }) => address)
}
