import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { fail, ok, type Result } from '../../core/result.js'
import { headerFrame, openHeader, openPulse, pulseFrame, type Seal } from '../peers/frame.js'
import type { Clock, Pulse, PulseLine } from '../ports.js'
import { directMemory } from './direct-memory.js'
import { errorCode, systemFailure } from './errno.js'

/** Header and slots have a block each, the header first: the largest sector that disks have. */
export const BLOCK_BYTES = 4096

/** Whatever a disk is used for has a mark within its first so many bytes: partitions, volumes, filesystems. */
const MARKED_BYTES = 1024 * 1024

export interface PulseDiskOptions {
  readonly clock: Clock
  /** `hb#1` */
  readonly name: string
  /** A block device or a file that every node reaches. */
  readonly device: string
  readonly seal: Seal
  /** Members, each with its slot; this node's own is `ownSlot`. */
  readonly slots: number
  readonly ownSlot: number
  /** A disk that has not answered for so long is told of. */
  readonly timeoutMs: number
  readonly onPulse: (pulse: Pulse) => void
  readonly complain: (sentence: string) => void
  /** It works: the next complaint is told again. */
  readonly content: () => void
}

/**
 * Heartbeats on a shared disk. A turn reads header and slots and writes the own slot, past every cache; there is one at a time, in
 * Node's thread pool, so that a disk which hangs holds up one thread and no beat.
 */
export class PulseDisk implements PulseLine {
  private disk: Disk | null = null
  /** When the turn began that has not ended. */
  private beganMs: number | null = null
  private closed = false
  /** What was read last, by node. */
  private readonly last = new Map<string, string>()

  private readonly memory: Buffer

  constructor(private readonly o: PulseDiskOptions) {
    this.memory = directMemory(Math.max((1 + o.slots) * BLOCK_BYTES, MARKED_BYTES))
  }

  beat(pulse: Pulse): void {
    const { clock, device, name, timeoutMs, complain } = this.o
    const nowMs = clock.nowMs()
    if (this.beganMs === null) {
      this.beganMs = nowMs
      void this.run(pulse)
    } else if (nowMs - this.beganMs >= timeoutMs)
      complain(
        `the heartbeat disk ${device} (${name}) has not answered for ${timeoutMs / 1000} s: see dmesg, and the paths to the disk`,
      )
  }

  close(): void {
    this.closed = true
    if (this.beganMs === null) void this.letGo()
  }

  private async run(pulse: Pulse): Promise<void> {
    const { o } = this
    const done = await this.turn(pulse).catch((error: unknown) => failed(o, error))
    this.beganMs = null
    if (this.closed || !done.ok) await this.letGo()
    if (this.closed) return
    if (done.ok) o.content()
    else o.complain(done.error.message)
  }

  private async turn(pulse: Pulse): Promise<Result<void>> {
    const { device, slots, ownSlot, seal } = this.o
    if (this.disk === null) {
      const opened = await openDisk(this.o, this.memory)
      if (!opened.ok) return opened
      this.disk = opened.value
    }
    const { disk, memory } = this
    await disk.read((1 + slots) * BLOCK_BYTES)
    if (openHeader(memory) !== seal.cluster) return fail('CONFLICT', `${device} has lost its header`)
    if (this.closed) return ok(undefined)
    this.hear(memory)
    await disk.write(1 + ownSlot, pulseFrame(pulse, seal))
    return ok(undefined)
  }

  /** What stood there when this daemon came is no sign of life: only what changes is. */
  private hear(blocks: Buffer): void {
    const { slots, ownSlot, seal, onPulse } = this.o
    for (let slot = 0; slot < slots; slot++) {
      const at = (1 + slot) * BLOCK_BYTES
      const pulse = slot === ownSlot ? null : openPulse(blocks.subarray(at, at + BLOCK_BYTES), seal)
      if (pulse === null) continue
      const text = `${pulse.incarnation} ${pulse.round}`
      const before = this.last.get(pulse.node)
      this.last.set(pulse.node, text)
      if (before !== undefined && before !== text) onPulse(pulse)
    }
  }

  private async letGo(): Promise<void> {
    const held = this.disk
    this.disk = null
    await held?.close().catch(() => undefined)
  }
}

function failed({ device, name }: PulseDiskOptions, error: unknown): Result<never> {
  if (errorCode(error) === 'EINVAL')
    return fail(
      'INVALID',
      `${device} (${name}) takes no direct reads and writes: use a block device, or a file on ext4, xfs or NFS`,
    )
  return { ok: false, error: systemFailure(`the heartbeat disk ${device} (${name}) cannot be used`, error) }
}

interface Disk {
  /** From the beginning, into the memory; how many bytes there were. */
  read(bytes: number): Promise<number>
  write(block: number, frame: string): Promise<void>
  close(): Promise<void>
}

/** Opens a disk that is prepared for this cluster, or is empty and then prepared; everything else is left alone. */
async function openDisk(o: PulseDiskOptions, memory: Buffer): Promise<Result<Disk>> {
  const handle = await open(o.device, constants.O_RDWR | constants.O_DIRECT)
  const disk = diskOn(handle, memory)
  const ready = await prepare(o, disk, memory).catch((error: unknown) => failed(o, error))
  if (ready.ok) return ok(disk)
  await handle.close()
  return ready
}

async function prepare(o: PulseDiskOptions, disk: Disk, memory: Buffer): Promise<Result<void>> {
  const { device, name, slots, seal } = o
  const bytes = await disk.read(memory.length)
  const needed = (1 + slots) * BLOCK_BYTES
  if (bytes < needed)
    return fail('INVALID', `${device} (${name}) is too small: ${slots} members need ${needed / 1024} KiB`)
  const cluster = openHeader(memory)
  if (cluster === seal.cluster) return ok(undefined)
  if (cluster !== null)
    return fail(
      'CONFLICT',
      `${device} (${name}) has the heartbeats of another cluster (${cluster}): ${erase(o)}`,
    )
  if (memory.subarray(0, bytes).some((byte) => byte !== 0))
    return fail(
      'CONFLICT',
      `${device} (${name}) holds something that is no heartbeat, and is left alone: ${erase(o)}`,
    )
  await disk.write(0, headerFrame(seal.cluster))
  return ok(undefined)
}

const erase = ({ device, name }: PulseDiskOptions): string =>
  `name another device in ${name}.dev, or if nothing on it is needed empty it with: dd if=/dev/zero of=${device} bs=1M count=1 conv=notrunc,fsync`

function diskOn(handle: FileHandle, memory: Buffer): Disk {
  return {
    read: async (bytes) => (await handle.read(memory, 0, bytes, 0)).bytesRead,
    write: async (block, frame) => {
      memory.fill(0, 0, BLOCK_BYTES)
      memory.write(frame)
      await handle.write(memory, 0, BLOCK_BYTES, block * BLOCK_BYTES)
    },
    close: () => handle.close(),
  }
}
