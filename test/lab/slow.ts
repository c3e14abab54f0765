// A node whose peers are far away: everything that its daemon and theirs say to each other goes through a relay that holds it back.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { run } from './command.js'
import { LabError } from './failure.js'
import type { Lab } from './index.js'
import { NETWORKS, nodeAddress } from './network.js'
import { nodeNamespace, placeOf } from './place.js'
import { eventually } from './wait.js'

const DAEMON_PORT = 1215
/** The relay's: for what comes in, then one for each address of each peer. */
const FIRST_PORT = 13_000
/** The relay's own connections are left alone. */
const NOBODY = 65_534

export interface SlowOrder {
  readonly ways: readonly { readonly port: number; readonly host: string; readonly to: number }[]
}

/** Holds back what node number `n` and its peers say to each other, each way, until the answer is called. */
export async function slowDown(lab: Lab, n: number, delayMs: number): Promise<() => Promise<void>> {
  const place = placeOf(lab.name)
  const within = ['nsenter', `--net=/run/netns/${nodeNamespace(place, n)}`]
  const iptables = (words: string) => run([...within, 'iptables', '-w', ...words.split(' ')])
  const others = lab.nodes.map((_, index) => index + 1).filter((one) => one !== n)
  const addresses = others.flatMap((one) => NETWORKS.map((network) => nodeAddress(one, network)))
  const ways = [
    { port: FIRST_PORT, host: '127.0.0.1', to: DAEMON_PORT },
    ...addresses.map((host, index) => ({ port: FIRST_PORT + 1 + index, host, to: DAEMON_PORT })),
  ]
  const order: SlowOrder = { ways }
  const relay = execa(
    'nsenter',
    [
      ...within.slice(1),
      'setpriv',
      `--reuid=${NOBODY}`,
      '--clear-groups',
      process.execPath,
      RUN,
      JSON.stringify(order),
    ],
    // it ends when its input does: none outlives this process
    { reject: false, stdin: 'pipe', stderr: 'inherit', lines: true, buffer: { stdout: true } },
  )
  let listens = false
  relay.stdout.once('data', () => (listens = true))
  if ((await eventually(async () => listens, { timeoutMs: 10_000 })) !== true)
    throw new LabError(`the relay of node${n} does not listen: see what it printed above`)
  const rules = [
    `PREROUTING -p tcp --dport ${DAEMON_PORT} -j REDIRECT --to-ports ${FIRST_PORT}`,
    ...ways
      .slice(1)
      .map(
        ({ host, port }) =>
          `OUTPUT -p tcp -d ${host} --dport ${DAEMON_PORT} -m owner ! --uid-owner ${NOBODY} -j REDIRECT --to-ports ${port}`,
      ),
  ]
  for (const rule of rules) await iptables(`-t nat -A ${rule}`)
  await breakAll(iptables)
  // All are connected anew by then; what is slow from now on is not also cut.
  await sleep(CALM_MS)
  relay.stdin.write(`${delayMs}\n`)
  return async () => {
    for (const rule of rules) await iptables(`-t nat -D ${rule}`)
    relay.stdin.end()
    await relay
    await breakAll(iptables)
  }
}

const RUN = join(import.meta.dirname, 'slow-run.mjs')

/** Connections that are up go on as they were made: the peer's end of each gets a reset, this one's with its next word, and it is made anew. */
async function breakAll(iptables: (words: string) => Promise<string>): Promise<void> {
  const rules = ['--dport', '--sport'].map(
    (side) => `INPUT -p tcp ${side} ${DAEMON_PORT} -j REJECT --reject-with tcp-reset`,
  )
  for (const rule of rules) await iptables(`-A ${rule}`)
  await sleep(BROKEN_MS)
  for (const rule of rules) await iptables(`-D ${rule}`)
}

/** A beat is sent more often than that on each connection. */
const BROKEN_MS = 700
const CALM_MS = 3000
