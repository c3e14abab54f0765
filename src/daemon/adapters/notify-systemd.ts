import type { Exec, Notify } from '../ports.js'

const NOTIFY_TIMEOUT_MS = 5_000

/**
 * Tells systemd through sd_notify(3), where it asked to be told: `socket` is the value of NOTIFY_SOCKET. `complain` gets a sentence
 * where that does not work.
 */
export function systemdNotify(
  exec: Exec,
  socket: string | undefined,
  complain: (sentence: string) => void,
): Notify {
  const tell = async (argument: string): Promise<void> => {
    if (socket === undefined || socket === '') return
    const env = { NOTIFY_SOCKET: socket }
    const result = await exec.run(['systemd-notify', argument], { timeoutMs: NOTIFY_TIMEOUT_MS, env })
    if (result.exit !== 0)
      complain(`systemd could not be told ${argument}: ${result.stderr.trim() || result.outcome}`)
  }
  return { ready: () => void tell('--ready'), stopping: () => void tell('STOPPING=1') }
}
