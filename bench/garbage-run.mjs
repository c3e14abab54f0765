// The process of somebody who means no good: on ports, everything that a daemon should not have to read.
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { strangerOn } from './garbage-udp.mjs'

const { port, udp, group, own, hosts } = JSON.parse(process.argv[2])
const stranger = strangerOn(group.address, group.port, own)
/** Connections that are opened and then say nothing, or half a thing, at once. */
const HALF_OPEN = 100
const EVERY_MS = 50
const HELD_MS = 20_000

let reached = 0
const plain = (host) =>
  connect({ host, port })
    .on('connect', () => (reached += 1))
    .on('error', () => undefined)
const tls = (host) => connectTls({ host, port, rejectUnauthorized: false }).on('error', () => undefined)

const attacks = [
  (host) => plain(host).end(randomBytes(4096)),
  (host) => plain(host).end(`GET / HTTP/1.1\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`),
  // a TLS record of the largest length, and then nothing
  (host) => plain(host).write(Buffer.from([0x16, 0x03, 0x01, 0xff, 0xff])),
  (host) => {
    const client = tls(host)
    client.on('secureConnect', () => client.end(randomBytes(1 << 20)))
  },
  (host) => {
    const client = tls(host)
    client.on('secureConnect', () =>
      client.write(
        `POST /join HTTP/1.1\r\nhost: x\r\ncontent-length: 999999999\r\n\r\n${'x'.repeat(1 << 20)}`,
      ),
    )
    setTimeout(() => client.destroy(), HELD_MS)
  },
  (host) => {
    const client = tls(host)
    client.on('secureConnect', () =>
      client.write(
        'GET /peers HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: x\r\n\r\n',
      ),
    )
    setTimeout(() => client.destroy(), HELD_MS)
  },
]

const held = new Map(hosts.map((host) => [host, []]))
let made = 0
setInterval(() => {
  for (const host of hosts) {
    attacks[made % attacks.length](host)
    const open = held.get(host)
    open.push(plain(host))
    if (open.length > HALF_OPEN) open.shift().destroy()
    for (const each of udp) stranger.throwAt(each, host)
  }
  made += 1
}, EVERY_MS)
process.stdin
  .on('end', () => {
    console.log(JSON.stringify({ reached, ...stranger.counts }))
    process.exit(0)
  })
  .resume()
