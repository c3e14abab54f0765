import { run } from '../lab/command.js'
import { NETWORKS, portOf } from '../lab/network.js'
import type { Place } from '../lab/place.js'

/** Plugs a machine's cards into the switch: everything that cuts and isolates nodes holds for it as for a node of the lab. */
export async function plugCards(place: Place, n: number): Promise<void> {
  const lines = NETWORKS.flatMap((network) => [
    `tuntap add dev ${portOf(place, n, network)} mode tap`,
    `link set ${portOf(place, n, network)} master br${network} up`,
  ])
  await run(['ip', '-n', place.switchNamespace, '-batch', '-'], `${lines.join('\n')}\n`)
}
