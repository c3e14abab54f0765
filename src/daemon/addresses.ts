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

/** `192.0.2.1`, `192.0.2.1:1215`, `[2001:db8::1]:1215`: host and port, the cluster's port where none is written. */
export function hostAndPort(address: string, port: number): { readonly host: string; readonly port: number } {
  const bracketed = /^\[(.+)\](?::(\d+))?$/.exec(address)
  if (bracketed !== null) return { host: bracketed[1] ?? '', port: Number(bracketed[2] ?? port) }
  const simple = /^([^:]+):(\d+)$/.exec(address)
  return simple === null ? { host: address, port } : { host: simple[1] ?? '', port: Number(simple[2]) }
}
