import type { Message } from '../../src/daemon/peers/wire.js'
import type { PeerLinks } from '../../src/daemon/ports.js'
import type { Buggify } from './buggify.js'
import type { Machine } from './machine.js'
import type { Network } from './network.js'

/** One message in so many comes in by the door, which looks at every word of it; for the others that would take most of the time. */
const checkedEvery = 64

export interface LinksPorts {
  readonly from: string
  readonly network: Network
  readonly machine: (name: string) => Machine
  readonly buggify: Buggify
  readonly says: ((text: string, from: string) => string | null) | undefined
}

/** What a daemon sends with: every path is up, and the network decides what arrives. */
export function linksOf({ from, network, machine, buggify, says }: LinksPorts): PeerLinks {
  let sent = 0
  let last: Parcel = { text: '' }
  return {
    send: (path, text) => {
      const to = machine(
        path.startsWith(`${from}>`) ? path.slice(from.length + 1) : path.slice(0, -from.length - 1),
      )
      if (buggify.happens('a path takes nothing')) return false
      // Nobody is connected to who has no part in anything that the node goes by.
      if (!(to.name in (machine(from).daemon?.agent.world.links ?? {}))) return true
      const said = says === undefined ? text : says(text, from)
      if (said === null) return true
      // What no agent of this version says may be anything.
      const checked = said !== text || (sent += 1) % checkedEvery === 0
      if (last.text !== said) last = { text: said }
      const parcel = last
      const deliver = (): void =>
        network.deliver(from, to.name, kindOf(text, from), () =>
          to.clock.whenRunning(() => arrive(to, { path, from, parcel, checked })),
        )
      deliver()
      if (buggify.happens('a message comes twice')) deliver()
      return true
    },
    drop: () => undefined,
    close: () => undefined,
  }
}

/** It comes first in every message, and the author of a document soon behind it. What is passed on for another author is a kind of its own. */
function kindOf(text: string, from: string): string {
  const kind = text.slice(9, text.indexOf('"', 9))
  return isPassedOn(text, from) ? 'passed on' : kind
}

/** Is it another node's document? */
export function isPassedOn(text: string, from: string): boolean {
  const author = /^\{"kind":"(?:document","document":\{|patch",)"node":"([^"]*)"/.exec(text)?.[1]
  return author !== undefined && author !== from
}

/** What goes to several peers in the same words is read once. */
interface Parcel {
  readonly text: string
  message?: Message
}

interface Arrival {
  readonly path: string
  readonly from: string
  readonly parcel: Parcel
  readonly checked: boolean
}

function arrive({ daemon }: Machine, { path, from, parcel, checked }: Arrival): void {
  // Who is no member is not let in.
  if (daemon === null || !(from in daemon.agent.world.links)) return
  if (checked) return daemon.peering.onMessage({ id: path, peer: from, address: from }, parcel.text)
  parcel.message ??= JSON.parse(parcel.text) as Message
  daemon.peering['happen']({ kind: 'message', path, peer: from, message: parcel.message })
}
