// A client of the tutorial's PostgreSQL, outside of the nodes, at the service's address.
import { LabError, type Lab, type ProbeWish } from '../lab/index.js'
import { until } from '../lab/wait.js'
import { ADDRESS } from './tutorial.js'

export interface Client {
  /** Runs SQL; the rows, a line each, columns separated by `|`. Waits for a server that is starting. */
  ask(sql: string): Promise<string>
}

export function clientOf(lab: Lab, address = ADDRESS): Client {
  return {
    async ask(sql) {
      const reach = async () => {
        const said = await lab.outside(psql(sql, address))
        return said.exit === UNREACHABLE ? undefined : said
      }
      const said = await until(reach, { timeoutMs: 30_000, everyMs: 100, or: `nobody answers at ${address}` })
      if (said.exit !== 0) throw new LabError(`psql said to ${sql}: ${said.stderr.trim()}`)
      return said.stdout.trim()
    },
  }
}

/** psql's exit code where no connection came about, as while the server recovers. */
const UNREACHABLE = 2

/** The command line, for people too. */
export function psql(sql: string, address = ADDRESS): string[] {
  return ['psql', '-h', address, '-U', 'postgres', '-At', '-c', sql]
}

/** Logs on again and again: a server that accepts connections and is still recovering does not count as back. */
export function logOn(address = ADDRESS): ProbeWish {
  return {
    address,
    port: 5432,
    everyMs: 40,
    answerMs: 900,
    send: startupMessage().toString('base64'),
    expect: 'server_version',
  }
}

/** What a client says that logs on and asks at once, in base64. */
export function startsWith(sql: string): string {
  const text = Buffer.from(`${sql}\0`)
  const query = Buffer.alloc(5 + text.length, 'Q')
  query.writeUInt32BE(4 + text.length, 1)
  text.copy(query, 5)
  return Buffer.concat([startupMessage(), query]).toString('base64')
}

/** https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-STARTUPMESSAGE */
function startupMessage(): Buffer {
  const words = Buffer.from('user\0postgres\0database\0postgres\0\0')
  const message = Buffer.alloc(8 + words.length)
  message.writeUInt32BE(message.length, 0)
  message.writeUInt32BE(3 << 16, 4)
  words.copy(message, 8)
  return message
}
