// A client that writes one row after the other into PostgreSQL, and remembers which were acknowledged, and by which start of the server.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab } from '../lab/index.js'

export interface Acknowledged {
  readonly row: number
  /** When the server was started that acknowledged it, in its own words, which sort by time. */
  readonly server: string
}

export interface Writer {
  /** Each acknowledged row until now. */
  readonly acknowledged: readonly Acknowledged[]
  stop(): Promise<void>
}

const RETRY_MS = 50

/** Writes into `rows (n)` at the address, from row `first` on, a connection for each. */
export function startWriter(lab: Lab, address: string, first: number): Writer {
  const server = `host=${address} user=postgres connect_timeout=2 tcp_user_timeout=1500`
  const acknowledged: Acknowledged[] = []
  let going = true
  const write = async (): Promise<void> => {
    for (let row = first; going; row += 1) {
      const text = `insert into rows values (${row}) returning pg_postmaster_start_time() at time zone 'utc'`
      const { exit, stdout } = await lab.outside(['psql', server, '-qtAc', text])
      if (exit === 0) acknowledged.push({ row, server: stdout.trim() })
      else await sleep(RETRY_MS)
    }
  }
  const done = write()
  return {
    acknowledged,
    stop() {
      going = false
      return done
    },
  }
}
