// QEMU's monitor (QMP): https://www.qemu.org/docs/master/interop/qmp-spec.html
import { join } from 'node:path'
import type { Place } from '../lab/place.js'
import { JsonSocket, type QemuEvent } from './json-socket.js'
import { machineFolder } from './place.js'

const ANSWER_MS = 20_000

/** Asks a machine's QEMU, which answers while the guest hangs too. */
export class Monitor {
  /** What QEMU told since the monitor was opened, in that order; milliseconds since 1970 by QEMU's clock. */
  readonly events: QemuEvent[] = []

  private constructor(private readonly open: { socket?: JsonSocket }) {}

  static async of(place: Place, n: number): Promise<Monitor> {
    const open: { socket?: JsonSocket } = {}
    const monitor = new Monitor(open)
    open.socket = await JsonSocket.open(join(machineFolder(place, n), 'monitor'), (event) =>
      monitor.events.push(event),
    )
    await monitor.ask('qmp_capabilities')
    return monitor
  }

  ask(command: string, given?: object): Promise<unknown> {
    if (this.open.socket === undefined) throw new Error('a monitor is opened before it is asked')
    return this.open.socket.ask(command, given, ANSWER_MS)
  }

  close(): void {
    this.open.socket?.close()
  }
}

/** Opens a monitor for some questions. */
export async function withMonitor<T>(
  place: Place,
  n: number,
  ask: (monitor: Monitor) => Promise<T>,
): Promise<T> {
  const monitor = await Monitor.of(place, n)
  try {
    return await ask(monitor)
  } finally {
    monitor.close()
  }
}
