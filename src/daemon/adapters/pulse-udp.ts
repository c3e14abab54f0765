import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { LONGEST_FRAME_BYTES, openPulse, pulseFrame, type Seal } from '../peers/frame.js'
import type { Pulse, PulseLine } from '../ports.js'
import { systemFailure } from './errno.js'

export interface PulseUdpOptions {
  /** `hb#1` */
  readonly name: string
  readonly seal: Seal
  /** UDP port, the same on every node. */
  readonly port: number
  /** A multicast group to join, IPv4; null where each peer is sent its own. */
  readonly group: string | null
  /** Host names or addresses that each pulse goes to. */
  readonly hosts: readonly string[]
  readonly onPulse: (pulse: Pulse) => void
  /** `key`: the host or family that it is about. */
  readonly complain: (key: string, sentence: string) => void
}

/** Room for what arrives while the daemon is busy: in the kernel's usual 208 KiB hardly a pulse fits behind three large datagrams of anybody's. Capped at `net.core.rmem_max`. */
const RECEIVE_BYTES = 1024 * 1024

/** Heartbeats as datagrams. What is not authenticated as a member's is dropped without a word: anybody can send that. */
export class PulseUdp implements PulseLine {
  private readonly sockets = new Map<'udp4' | 'udp6', Socket>()

  constructor(private readonly o: PulseUdpOptions) {
    this.socketFor('udp4')
  }

  beat(pulse: Pulse): void {
    const { hosts, port, name, seal, complain } = this.o
    const frame = pulseFrame(pulse, seal)
    for (const host of hosts) {
      this.socketFor(isIPv6(host) ? 'udp6' : 'udp4').send(frame, port, host, (error) => {
        if (error !== null)
          complain(host, systemFailure(`${name}: no datagram could be sent to ${host}`, error).message)
      })
    }
  }

  close(): void {
    for (const family of this.sockets.keys()) this.drop(family)
  }

  /** A socket that failed is made anew at the next beat. */
  private socketFor(family: 'udp4' | 'udp6'): Socket {
    const { name, port, group, complain } = this.o
    const known = this.sockets.get(family)
    if (known !== undefined) return known
    const socket = createSocket({
      type: family,
      reuseAddr: group !== null,
      ipv6Only: family === 'udp6',
      recvBufferSize: RECEIVE_BYTES,
    })
    this.sockets.set(family, socket)
    const fail = (error: unknown): void => {
      complain(family, systemFailure(`${name}: UDP port ${port} cannot be used`, error).message)
      if (this.sockets.get(family) === socket) this.drop(family)
    }
    socket.on('error', fail)
    socket.on('message', (datagram) => this.receive(datagram))
    socket.bind(port, () => {
      try {
        if (group !== null && family === 'udp4') socket.addMembership(group)
      } catch (error) {
        fail(error)
      }
    })
    return socket
  }

  private drop(family: 'udp4' | 'udp6'): void {
    const socket = this.sockets.get(family)
    this.sockets.delete(family)
    socket?.close()
  }

  private receive(datagram: Buffer): void {
    if (datagram.length > LONGEST_FRAME_BYTES) return
    const pulse = openPulse(datagram, this.o.seal)
    if (pulse !== null) this.o.onPulse(pulse)
  }
}
