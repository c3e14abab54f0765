import { run } from '../lab/command.js'
import { NETWORKS, portOf } from '../lab/network.js'
import type { Place } from '../lab/place.js'

const STORAGE_BRIDGE = 'brs'

/** The network of the disks, beside those of the nodes: what cuts and isolates nodes does not touch it. */
export async function makeStorageNetwork(place: Place): Promise<void> {
  const add = `link add ${STORAGE_BRIDGE} type bridge forward_delay 0 mcast_snooping 0`
  await plugIn(place, [add, `link set ${STORAGE_BRIDGE} up`])
}

/** Plugs a machine's cards into the switch: everything that cuts and isolates nodes holds for it as for a node of the lab. */
export async function plugCards(place: Place, n: number): Promise<void> {
  const card = (port: string, bridge: string): string[] => [
    `tuntap add dev ${port} mode tap`,
    `link set ${port} master ${bridge} up`,
  ]
  await plugIn(place, [
    ...NETWORKS.flatMap((network) => card(portOf(place, n, network), `br${network}`)),
    ...card(storagePort(place, n), STORAGE_BRIDGE),
  ])
}

/** The switch's end of a machine's cable to the storage. */
export const storagePort = (place: Place, n: number): string => `lsl-${place.name}-${n}-s`

/** A machine's card on the storage's network. */
export const storageMac = (n: number): string => `02:00:00:00:02:0${n}`

/** A machine's address on the storage's network. */
export const storageAddress = (n: number): string => `192.168.102.${100 + n}`

async function plugIn(place: Place, lines: readonly string[]): Promise<void> {
  await run(['ip', '-n', place.switchNamespace, '-batch', '-'], `${lines.join('\n')}\n`)
}
