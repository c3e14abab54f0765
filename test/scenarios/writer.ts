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
/** Between two rows: what is judged needs the machine too. */
const PAUSE_MS = 20

/** A server that vanishes with a question is given up soon, too. */
const KEEPALIVE = 'keepalives_idle=1 keepalives_interval=1 keepalives_count=2'

/** Writes into `rows (n)` at the address, a connection for each row. */
export function startWriter(lab: Lab, address: string): Writer {
  const server = `host=${address} user=postgres connect_timeout=2 tcp_user_timeout=1500 ${KEEPALIVE}`
  const acknowledged: Acknowledged[] = []
  let going = true
  const write = async (): Promise<void> => {
    for (let row = 1; going; row += 1) {
      const text = `insert into rows values (${row}) returning pg_postmaster_start_time() at time zone 'utc'`
      const { exit, stdout } = await lab.outside(['psql', server, '-qtAc', text])
      if (exit === 0) acknowledged.push({ row, server: stdout.trim() })
      await sleep(exit === 0 ? PAUSE_MS : RETRY_MS)
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
