import type { Message } from '../../src/daemon/peers/wire.js'
import type { PeerLinks } from '../../src/daemon/ports.js'
import type { Machine } from './machine.js'
import type { Network } from './network.js'

/** One message in so many comes in by the door, which looks at every word of it; for the others that would take most of the time. */
const checkedEvery = 16

export interface LinksPorts {
  readonly from: string
  readonly network: Network
  readonly machine: (name: string) => Machine
  readonly says: ((text: string) => string) | undefined
}

/** What a daemon sends with: every path is up, and the network decides what arrives. */
export function linksOf({ from, network, machine, says }: LinksPorts): PeerLinks {
  let sent = 0
  return {
    send: (path, text) => {
      const ends = path.split('>')
      const to = machine((ends[0] === from ? ends[1] : ends[0]) ?? '')
      const said = says === undefined ? text : says(text)
      const checked = (sent += 1) % checkedEvery === 0
      network.deliver(from, to.name, kindOf(text), () =>
        to.clock.whenRunning(() => arrive(to, { path, from, text: said, checked })),
      )
      return true
    },
    drop: () => undefined,
    close: () => undefined,
  }
}

/** It comes first in every message. */
const kindOf = (text: string): string => text.slice(9, text.indexOf('"', 9))

interface Arrival {
  readonly path: string
  readonly from: string
  readonly text: string
  readonly checked: boolean
}

function arrive({ daemon }: Machine, { path, from, text, checked }: Arrival): void {
  if (daemon === null) return
  if (checked) return daemon.peering.onMessage({ id: path, peer: from, address: from }, text)
  daemon.peering['happen']({ kind: 'message', path, peer: from, message: JSON.parse(text) as Message })
}
