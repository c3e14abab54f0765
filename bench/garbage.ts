// Strangers at the ports of a node and of a witness: memory stays as it is, and no beat is missed.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import type { PathStatus } from '../src/daemon/api/contract.js'
import { placeOf } from '../test/lab/place.js'
import { daemonOf, residentMb } from './daemon.js'
import { openQuorate } from './failover.js'
import { worstLate } from './late.js'
import { atMost, type Report } from './report.js'
import type { Stage } from './stage.js'

const PORT = 1215
/** Heartbeat paths beside the usual one, so that there are UDP ports. */
const GROUP = { address: '239.192.12.15', port: 1217 }
/** The stranger's own address. */
const OUTSIDE = '192.168.100.1'
const PULSES = ['hb#1.type=unicast', 'hb#2.type=multicast', `hb#2.port=${GROUP.port}`]
/** The node that runs the service, and the witness. */
const MET = [1, 3] as const
const SETTLE_MS = 60_000
/** The daemon counts the last hundred beats of a path, which are fifty seconds. */
const WINDOW_MS = 45_000
/** What a heap that is collected now and then moves by. */
const FLAT_MB = 15

export async function measureGarbage(minutes: number, report: Report): Promise<void> {
  const stage = await openQuorate({ nodes: 3, witness: true })
  await stage.om(1, `cluster set ${PULSES.map((keyword) => `--kw ${keyword}`).join(' ')}`)
  const stranger = strangerOf(stage)
  try {
    await sleep(SETTLE_MS)
    const before = await memoryOf(stage)
    const worst: Late = { connections: 0, datagrams: 0 }
    for (let passedMs = 0; passedMs < minutes * 60_000; passedMs += WINDOW_MS) {
      await sleep(WINDOW_MS)
      for (const each of await Promise.all([1, 2, 3].map((n) => lateAt(stage, n)))) {
        worst.connections = Math.max(worst.connections, each.connections)
        worst.datagrams = Math.max(worst.datagrams, each.datagrams)
      }
    }
    const after = await memoryOf(stage)
    stranger.stdin.end()
    const { reached, sent, replayed } = JSON.parse((await stranger).stdout) as Reached
    if (reached === 0 || replayed === 0) throw new Error('nobody reached a port: nothing was measured')
    const grown = Math.max(...after.map((mb, index) => mb - (before[index] ?? 0)))
    const what = `${minutes} minutes of garbage`
    const figures = `${before.map((mb) => mb.toFixed(0)).join(' and ')} MB before, ${after.map((mb) => mb.toFixed(0)).join(' and ')} MB after`
    report.line(`${what}: a node and a witness`, figures, atMost(grown, FLAT_MB, `${FLAT_MB} MB more`))
    for (const [over, late] of Object.entries(worst))
      report.line(`${what}: beats late or lost over ${over}`, `${late} of 100`, atMost(late, 0, 'none'))
    report.line(`${what}: connections made`, String(reached))
    report.line(`${what}: datagrams sent, heartbeats said again`, `${sent}, ${replayed}`)
    const buffer = await mostBufferBytes()
    report.line(`${what}: net.core.rmem_max`, String(buffer))
    report.set('garbage', 'rmem_max', buffer)
    report.set('garbage', 'minutes', minutes)
    report.set('garbage', 'connections', reached)
    report.set('garbage', 'datagrams', sent)
    report.set('garbage', 'before_mb', before)
    report.set('garbage', 'after_mb', after)
    report.set('garbage', 'late_pct', worst.connections)
    report.set('garbage', 'late_datagrams_pct', worst.datagrams)
  } finally {
    stranger.stdin.end()
    await stranger
    await stage.end()
  }
}

interface Reached {
  readonly reached: number
  readonly sent: number
  readonly replayed: number
}

/** It ends when its input does: none outlives this process. */
function strangerOf({ lab, node }: Stage) {
  const order = {
    port: PORT,
    udp: [PORT, GROUP.port],
    group: GROUP,
    own: OUTSIDE,
    hosts: MET.map((n) => node(n).address),
  }
  const words = [
    `--net=/run/netns/${placeOf(lab.name).switchNamespace}`,
    process.execPath,
    join(import.meta.dirname, 'garbage-run.mjs'),
    JSON.stringify(order),
  ]
  return execa('nsenter', words, { reject: false, stdin: 'pipe' })
}

const memoryOf = (stage: Stage): Promise<readonly number[]> =>
  Promise.all(MET.map(async (n) => residentMb(await daemonOf(stage, n))))

interface Late {
  connections: number
  datagrams: number
}

/** On the worst path of each kind, of the last hundred beats. */
async function lateAt(stage: Stage, n: number): Promise<Late> {
  const { paths } = (await stage.cluster(n)).daemon
  const isUdp = ({ address }: PathStatus): boolean => address.startsWith('udp ')
  return {
    connections: worstLate(
      'connections',
      paths.filter((path) => !isUdp(path)),
    ),
    datagrams: worstLate('datagrams', paths.filter(isUdp)),
  }
}

/** What the kernel gives a receive buffer at most, which decides how many datagrams crowd pulses out. */
const mostBufferBytes = async (): Promise<number> =>
  Number(await readFile('/proc/sys/net/core/rmem_max', 'utf8'))
