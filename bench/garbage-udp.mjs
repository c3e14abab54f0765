// The same over UDP: at heartbeat ports, what is no pulse, what looks like one, and what was one.
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'

const LARGEST = 65_507
/** So many real ones are kept, and sent again for as long as this lasts. */
const KEPT = 200

const forged = `longshore pulse 1 ${'0'.repeat(64)} {"cluster":"c","node":"node2","incarnation":9,"round":99999999}\n`
const attacks = [
  () => Buffer.alloc(0),
  () => randomBytes(1400),
  () => randomBytes(LARGEST),
  () => Buffer.from('longshore pulse 1 '),
  () => Buffer.from(forged),
]
/** Out of a real one. */
const variations = [
  (datagram) => datagram,
  (datagram) => datagram.subarray(0, datagram.length - 2),
  (datagram) => Buffer.from(datagram.toString().replace(/"round":(\d+)/, '"round":9$1')),
  (datagram) => Buffer.concat([datagram, Buffer.alloc(LARGEST - datagram.length, ' ')]),
]

/** Hears the group like anybody on the network; `throwAt` sends one datagram of each kind. */
export function strangerOn(group, groupPort, own) {
  const genuine = []
  const counts = { sent: 0, replayed: 0 }
  createSocket({ type: 'udp4', reuseAddr: true })
    .on('message', (datagram) => {
      if (genuine.length < KEPT) genuine.push(datagram)
    })
    .bind(groupPort, function joined() {
      this.addMembership(group, own)
    })
  const socket = createSocket('udp4')
  const send = (datagram, port, host) =>
    socket.send(datagram, port, host, (error) => {
      if (error === null) counts.sent += 1
    })
  const throwAt = (port, host) => {
    for (const make of attacks) send(make(), port, host)
    const real = genuine[Math.floor(Math.random() * genuine.length)]
    if (real === undefined) return
    for (const vary of variations) send(vary(real), port, host)
    counts.replayed += 1
  }
  return { counts, throwAt }
}
