import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { expect, onTestFinished, test, vi } from 'vitest'
import { PulseUdp } from '../../src/daemon/adapters/pulse-udp.js'
import { PathBook, pulseId } from '../../src/daemon/agent/path-book.js'
import { pulseFrame } from '../../src/daemon/peers/frame.js'
import type { Pulse } from '../../src/daemon/ports.js'

const seal = { cluster: 'c1', key: Buffer.alloc(32, 7) }
const pulse = (node: string, round: number): Pulse => ({ node, incarnation: 1, round })

async function socketOn(port: number): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(port, '127.0.0.1')
  await once(socket, 'listening')
  onTestFinished(() => new Promise<void>((resolve) => void socket.close(resolve)))
  return socket
}

/** A port that nobody has now. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  await new Promise<void>((resolve) => void socket.close(resolve))
  return port
}

function line(port: number, hosts: readonly string[]) {
  const heard: Pulse[] = []
  const complaints: string[] = []
  const made = new PulseUdp({
    name: 'hb#2',
    seal,
    port,
    group: null,
    hosts,
    onPulse: (one) => heard.push(one),
    complain: (key, sentence) => complaints.push(`${key}: ${sentence.replaceAll(String(port), 'PORT')}`),
  })
  onTestFinished(() => made.close())
  return { made, heard, complaints }
}

test('a pulse goes to every host, and is heard', async () => {
  const { made, heard, complaints } = line(await freePort(), ['127.0.0.1', '127.0.0.2'])
  await vi.waitFor(() => {
    made.beat(pulse('node1', 1))
    expect(heard.length).toBeGreaterThanOrEqual(2)
  })
  expect(new Set(heard.map((one) => JSON.stringify(one)))).toEqual(
    new Set([JSON.stringify(pulse('node1', 1))]),
  )
  expect(complaints).toEqual([])
})

test('what is no pulse of a member is dropped', async () => {
  const port = await freePort()
  const { heard } = line(port, [])
  const stranger = await socketOn(0)
  const good = pulseFrame(pulse('node2', 5), seal)
  const datagrams = [
    '',
    'longshore pulse 1 ',
    'x'.repeat(60_000),
    good.slice(0, -1),
    good.replace('"round":5', '"round":6'),
    pulseFrame(pulse('node2', 7), { ...seal, key: Buffer.alloc(32, 1) }),
    pulseFrame(pulse('node2', 8), { ...seal, cluster: 'c2' }),
    pulseFrame(pulse('n'.repeat(2000), 9), seal),
    pulseFrame({ node: 'node2', incarnation: -1, round: 1 }, seal),
  ]
  await vi.waitFor(() => {
    for (const datagram of datagrams) stranger.send(datagram, port, '127.0.0.1')
    stranger.send(good, port, '127.0.0.1')
    expect(heard.length).toBeGreaterThan(2)
  })
  expect(new Set(heard.map(({ round }) => round))).toEqual(new Set([5]))
})

test('amid garbage, cut off, oversized and repeated datagrams every pulse comes, and counts once', async () => {
  const port = await freePort()
  const { heard, complaints } = line(port, [])
  const member = await socketOn(0)
  const stranger = await socketOn(0)
  const book = new PathBook()
  const id = pulseId('hb#2', 'node2')
  const news: number[] = []
  const sent: string[] = []
  const largest = randomBytes(65_507)
  for (let round = 1; round <= 20; round += 1) {
    const frame = pulseFrame(pulse('node2', round), seal)
    for (const datagram of [largest, '', frame.slice(0, -2), frame.padEnd(65_507), ...sent])
      stranger.send(datagram, port, '127.0.0.1')
    sent.push(frame)
    await vi.waitFor(() => {
      member.send(frame, port, '127.0.0.1')
      expect(heard.some((one) => one.round === round)).toBe(true)
    })
    for (const one of heard.splice(0)) {
      if (!book.isNews(id, one, 1)) continue
      book.heard(id, { nowMs: 500 * round, intervalMs: 500 }, one)
      news.push(one.round)
    }
  }
  expect(news).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
  expect(complaints).toEqual([])
})

test('pulses that come behind large datagrams while the daemon is busy are heard', async () => {
  const port = await freePort()
  const { heard } = line(port, [])
  const member = await socketOn(0)
  await vi.waitFor(() => {
    member.send(pulseFrame(pulse('node2', 0), seal), port, '127.0.0.1')
    expect(heard.length).toBeGreaterThan(0)
  })
  // One each: what is not read yet is counted against its sender too.
  const strangers = await Promise.all([1, 2, 3].map(() => socketOn(0)))
  for (const stranger of strangers) stranger.send(randomBytes(65_507), port, '127.0.0.1')
  const rounds = Array.from({ length: 40 }, (_, index) => index + 1)
  for (const round of rounds) member.send(pulseFrame(pulse('node2', round), seal), port, '127.0.0.1')
  await vi.waitFor(() => expect(heard.map(({ round }) => round).filter((round) => round > 0)).toEqual(rounds))
})

test('a port that another program has is told of, and used once it is free', async () => {
  const port = await freePort()
  const other = createSocket('udp4').bind(port)
  await once(other, 'listening')
  const { made, heard, complaints } = line(port, ['127.0.0.1'])
  await vi.waitFor(() =>
    expect(complaints).toContain(
      'udp4: hb#2: UDP port PORT cannot be used: address already in use: another process has it, see ss -lntp',
    ),
  )
  other.close()
  await vi.waitFor(() => {
    made.beat(pulse('node1', 1))
    expect(heard.length).toBeGreaterThan(0)
  })
})
