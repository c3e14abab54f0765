import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { systemClock } from '../../src/daemon/adapters/clock.js'
import { BLOCK_BYTES, PulseDisk } from '../../src/daemon/adapters/pulse-disk.js'
import { headerFrame, openHeader, openPulse, pulseFrame } from '../../src/daemon/peers/frame.js'
import type { Pulse } from '../../src/daemon/ports.js'

const seal = { cluster: 'c1', key: Buffer.alloc(32, 7) }
const pulse = (node: string, round: number, incarnation = 1): Pulse => ({ node, incarnation, round })

/** A file as a disk; beside the tests, since a memory filesystem may take no direct reads. */
function emptyDisk(bytes = 2 * 1024 * 1024): string {
  const folder = mkdtempSync(join(import.meta.dirname, 'disk-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'disk')
  writeFileSync(path, '')
  truncateSync(path, bytes)
  return path
}

interface Member {
  readonly disk: PulseDisk
  readonly heard: Pulse[]
  readonly complaints: string[]
  /** A beat, and the turn on the disk that it makes, to its end. */
  beat(round: number): Promise<void>
}

function member(device: string, node: string, ownSlot: number, timeoutMs = 60_000): Member {
  const heard: Pulse[] = []
  const complaints: string[] = []
  let ended = (): void => undefined
  const disk = new PulseDisk({
    clock: systemClock(),
    name: 'hb#1',
    device,
    seal,
    slots: 3,
    ownSlot,
    timeoutMs,
    onPulse: (one) => heard.push(one),
    complain: (sentence) => {
      complaints.push(sentence.replaceAll(device, 'DISK'))
      ended()
    },
    content: () => ended(),
  })
  onTestFinished(() => disk.close())
  const beat = (round: number): Promise<void> =>
    new Promise((resolve) => {
      ended = resolve
      disk.beat(pulse(node, round))
    })
  return { disk, heard, complaints, beat }
}

const block = (path: string, n: number): Buffer =>
  readFileSync(path).subarray(n * BLOCK_BYTES, (n + 1) * BLOCK_BYTES)

function overwrite(path: string, at: number, text: string): void {
  const file = openSync(path, 'r+')
  writeSync(file, text, at)
  closeSync(file)
}

test('an empty disk is prepared, and each node hears the others where their slots change', async () => {
  const path = emptyDisk()
  const a = member(path, 'node1', 0)
  const b = member(path, 'node2', 1)
  await a.beat(1)
  expect(openHeader(block(path, 0))).toBe('c1')
  expect(openPulse(block(path, 1), seal)).toEqual(pulse('node1', 1))
  // What stood there before is not heard, nor what stays as it was.
  await b.beat(1)
  await b.beat(2)
  expect(b.heard).toEqual([])
  await a.beat(2)
  await a.beat(3)
  await b.beat(3)
  expect([a.heard, b.heard]).toEqual([[], [pulse('node1', 3)]])
  await a.beat(4)
  expect(a.heard).toEqual([pulse('node2', 3)])
  expect([...a.complaints, ...b.complaints]).toEqual([])
})

test.each<readonly [string, (path: string) => void, string]>([
  [
    'something at its beginning',
    (path) => overwrite(path, 0, 'XFSB'),
    'DISK (hb#1) holds something that is no heartbeat, and is left alone',
  ],
  [
    'a filesystem whose mark stands further back',
    (path) => overwrite(path, 65_600, '_BHRfS_M'),
    'DISK (hb#1) holds something that is no heartbeat, and is left alone',
  ],
  [
    'heartbeats of another cluster',
    (path) => overwrite(path, 0, headerFrame('c2')),
    'DISK (hb#1) has the heartbeats of another cluster (c2)',
  ],
])('a disk with %s is refused in words, and not written', async (_, fill, words) => {
  const path = emptyDisk()
  fill(path)
  const before = readFileSync(path)
  const a = member(path, 'node1', 0)
  await a.beat(1)
  await a.beat(2)
  expect(a.complaints[0]).toBe(
    `${words}: name another device in hb#1.dev, or if nothing on it is needed empty it with: dd if=/dev/zero of=DISK bs=1M count=1 conv=notrunc,fsync`,
  )
  expect(readFileSync(path).equals(before)).toBe(true)
})

test('a disk that is used for something else while the daemon runs is written no more', async () => {
  const path = emptyDisk()
  const a = member(path, 'node1', 0)
  await a.beat(1)
  overwrite(path, 0, 'XFSB')
  const before = readFileSync(path)
  await a.beat(2)
  await a.beat(3)
  expect(a.complaints).toEqual([
    'DISK has lost its header',
    expect.stringContaining('holds something that is no heartbeat'),
  ])
  expect(readFileSync(path).equals(before)).toBe(true)
})

test('a disk that is too small, or not there, is told of; once it is there it is used', async () => {
  const path = emptyDisk(8192)
  const a = member(path, 'node1', 0)
  await a.beat(1)
  rmSync(path)
  await a.beat(2)
  expect(a.complaints).toEqual([
    'DISK (hb#1) is too small: 3 members need 16 KiB',
    'the heartbeat disk DISK (hb#1) cannot be used: no such file or directory',
  ])
  writeFileSync(path, Buffer.alloc(16_384))
  await a.beat(3)
  expect(openPulse(block(path, 1), seal)).toEqual(pulse('node1', 3))
})

test('while the disk has not answered, nothing more is asked of it, and that is told of', async () => {
  const path = emptyDisk()
  const a = member(path, 'node1', 0, 0)
  a.disk.beat(pulse('node1', 1))
  a.disk.beat(pulse('node1', 2))
  expect(a.complaints).toEqual([
    'the heartbeat disk DISK (hb#1) has not answered for 0 s: see dmesg, and the paths to the disk',
  ])
  const slot = (): Pulse | null => openPulse(block(path, 1), seal)
  await vi.waitFor(() => expect(slot()).toEqual(pulse('node1', 1)))
  await vi.waitFor(() => {
    a.disk.beat(pulse('node1', 3))
    expect(slot()).toEqual(pulse('node1', 3))
  })
})

test.each<readonly [string, string]>([
  ['another key', pulseFrame(pulse('node2', 9), { ...seal, key: Buffer.alloc(32, 8) })],
  ['another cluster', pulseFrame(pulse('node2', 9), { ...seal, cluster: 'c2' })],
  ['a changed letter', pulseFrame(pulse('node2', 9), seal).replace('9', '8')],
  ['half of it', pulseFrame(pulse('node2', 9), seal).slice(0, 80)],
  ['no end', pulseFrame(pulse('node2', 9), seal).trimEnd()],
])('a slot with %s is nobody', async (_, frame) => {
  const path = emptyDisk()
  const a = member(path, 'node1', 0)
  await a.beat(1)
  overwrite(path, 2 * BLOCK_BYTES, pulseFrame(pulse('node2', 1), seal))
  await a.beat(2)
  overwrite(path, 2 * BLOCK_BYTES, frame.padEnd(500, '\0'))
  await a.beat(3)
  expect(a.heard).toEqual([])
})
