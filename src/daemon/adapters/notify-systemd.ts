import type { Clock, Exec, Notify } from '../ports.js'

const NOTIFY_TIMEOUT_MS = 5_000

export interface NotifyPorts {
  readonly exec: Exec
  readonly clock: Clock
  /** NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, where systemd has set them. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Of this process. */
  readonly pid: number
  /** Gets a sentence where telling does not work. */
  readonly complain: (sentence: string) => void
}

/**
 * Tells systemd through sd_notify(3), where it asked to be told. From `ready` on its watchdog is fed, each time by a timer of the event loop that sends
 * beats: a loop that hangs feeds nothing.
 */
export function systemdNotify({ exec, clock, env, pid, complain }: NotifyPorts): Notify {
  const socket = env['NOTIFY_SOCKET'] ?? ''
  let isStopping = false
  let turn: Promise<void> = Promise.resolve()
  const tell = (argument: string): Promise<void> => (turn = turn.then(() => say(argument)))
  const say = async (argument: string): Promise<void> => {
    if (socket === '') return
    const options = { timeoutMs: NOTIFY_TIMEOUT_MS, env: { NOTIFY_SOCKET: socket } }
    const result = await exec.run(['systemd-notify', argument], options)
    if (result.exit !== 0)
      complain(`systemd could not be told ${argument}: ${result.stderr.trim() || result.outcome}`)
  }
  const everyMs = feedingMs(env, pid)
  const feed = (): void => {
    if (everyMs === null || isStopping) return
    void tell('WATCHDOG=1')
    clock.at(clock.nowMs() + everyMs, feed)
  }
  const ready = async (): Promise<void> => {
    await tell('--ready')
    feed()
  }
  const stopping = (): Promise<void> => {
    isStopping = true
    return tell('STOPPING=1')
  }
  return { ready: () => void ready(), stopping }
}

/** Half of the watchdog's time, as sd_watchdog_enabled(3) asks for; null where there is none, or it is another process's. */
function feedingMs(env: NotifyPorts['env'], pid: number): number | null {
  const { NOTIFY_SOCKET: socket = '', WATCHDOG_USEC: usec = '', WATCHDOG_PID: whose = '' } = env
  const ms = Number(usec) / 2000
  const isOurs = whose === '' || Number(whose) === pid
  return socket !== '' && isOurs && ms > 0 && Number.isFinite(ms) ? ms : null
}
