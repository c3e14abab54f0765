// What is measured: a service of a disk, an address and two containers, with a program that answers at once, or with PostgreSQL.
import type { ProbeWish } from '../test/lab/index.js'
import type { Configuration, Stage } from './stage.js'

/** A service that can be made twice: once under the agent, once by hand. */
export interface Measured {
  readonly name: string
  readonly address: string
  readonly disk: string
  readonly configuration: Configuration
  /** What a client asks, and how it knows the answer. */
  readonly wish: ProbeWish
  /** Brings its first content to where it is up. */
  fill(stage: Stage, on: number): Promise<void>
}

/** A try every so many milliseconds: what an outage is measured to. */
const EVERY_MS = 5

/** PostgreSQL makes a process for each client: more of them, and it would be the clients that are measured. */
const POSTGRES_EVERY_MS = 25

const CONTENT = 'the disk is here'

/** Answers TCP from a file on its disk. */
export function webService(name: string, address: string, disk: string): Measured {
  return {
    name,
    address,
    disk,
    configuration: relocatable(address, disk, {
      image: 'web',
      run_args: '-v /srv/{svcname}/web:/data',
    }),
    wish: { address, port: 80, everyMs: EVERY_MS, expect: CONTENT },
    fill: async (stage, on) => {
      await stage.node(on).run(['tee', `/srv/${name}/web/index.txt`], { input: `${CONTENT}\n` })
      await stage.node(on).run(['sync'])
    },
  }
}

/** The tutorial's PostgreSQL. */
export function postgresService(name: string, address: string, disk: string): Measured {
  return {
    name,
    address,
    disk,
    configuration: relocatable(address, disk, {
      image: 'postgres',
      run_args: '-v /srv/{svcname}/postgresql:/var/lib/postgresql:rw --user=999:999',
    }),
    wish: {
      address,
      port: 5432,
      everyMs: POSTGRES_EVERY_MS,
      send: startupMessage(),
      expect: 'server_version',
    },
    fill: () => Promise.resolve(),
  }
}

function relocatable(
  address: string,
  disk: string,
  container: Readonly<Record<string, string>>,
): Configuration {
  return {
    'fs#1': { type: 'xfs', dev: disk, mnt: '/srv/{svcname}', shared: 'true' },
    'container#0': { type: 'docker', image: 'google/pause', rm: 'true' },
    'ip#0': {
      type: 'netns',
      netns: 'container#0',
      mode: 'macvlan',
      ipdev: 'bond0',
      ipname: address,
      netmask: '24',
      gateway: '192.168.100.1',
    },
    'container#1': { type: 'docker', netns: 'container#0', rm: 'true', restart: '1', ...container },
  }
}

/**
 * A client that logs on: a server that accepts connections and is still recovering does not count as back.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-STARTUPMESSAGE
 */
function startupMessage(): string {
  const words = Buffer.from('user\0postgres\0database\0postgres\0\0')
  const message = Buffer.alloc(8 + words.length)
  message.writeUInt32BE(message.length, 0)
  message.writeUInt32BE(3 << 16, 4)
  words.copy(message, 8)
  return message.toString('base64')
}
