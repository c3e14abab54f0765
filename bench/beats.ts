// What work does to heartbeats: how many of each node's beats came late or not at all while it had much to do, and whether its leases went on.
import { setTimeout as sleep } from 'node:timers/promises'
import { DAEMON_LOG } from '../test/lab/daemon.js'
import type { LabNode } from '../test/lab/index.js'
import { openQuorate } from './failover.js'
import { heardOf } from './late.js'
import { atMost, type Report } from './report.js'
import { until, type Configuration, type Stage } from './stage.js'

/** Those that work; the third one votes. */
const NODES = [1, 2] as const
const ALL = [1, 2, 3] as const

/** Actions that run at the same time, on each node. */
const AT_ONCE = 50

/** The daemon counts the last hundred beats of a path; these are that many at the default interval, and what went before is forgotten. */
const WINDOW_MS = 52_000

const LOG_MB = 100
/** For what a node keeps. */
const SMALL_DISK = '64M'
/** One argument of a command may be as long as that. */
const COMMENT_BYTES = 100_000
const KEPT = '/var/lib/longshore'

interface Part {
  readonly key: string
  readonly what: string
  /** Once, on each node, before its beats are counted. */
  readonly prepare?: (stage: Stage, n: number) => Promise<void>
  /** Again and again, on each node. */
  readonly round: (stage: Stage, n: number) => Promise<unknown>
  readonly mend?: (stage: Stage, n: number) => Promise<void>
}

const PARTS: readonly Part[] = [
  { key: 'idle', what: 'nothing to do', round: () => sleep(1000) },
  { key: 'actions', what: `${AT_ONCE} actions at once`, prepare: deployMany, round: stopAndStart },
  {
    key: 'full_disk',
    what: 'a full disk, and changes',
    prepare: makeSmallDisk,
    round: changeOnFullDisk,
    mend: removeSmallDisk,
  },
  {
    key: 'log',
    what: `a log of ${LOG_MB} MB that is read, a stuck driver`,
    prepare: async (stage, n) => {
      await fillLog(stage.node(n))
      await beStuck(stage, n)
    },
    round: (stage, n) => stage.node(n).exec(['om', `stuck${n}`, 'logs', '-n', '1000']),
  },
]

/** On two nodes with quorum, so that all that runs there runs under a lease that the acks of beats renew. */
export async function measureBeats(report: Report): Promise<void> {
  const stage = await openQuorate({ nodes: 3, witness: true })
  try {
    for (const part of PARTS) await measure(stage, part, report)
  } finally {
    await stage.end()
  }
}

async function measure(stage: Stage, part: Part, report: Report): Promise<void> {
  for (const n of NODES) await part.prepare?.(stage, n)
  const before = await Promise.all(NODES.map((n) => countsOf(stage.node(n))))
  const endMs = performance.now() + WINDOW_MS
  const again = async (n: number): Promise<void> => {
    while (performance.now() < endMs) await part.round(stage, n)
  }
  await Promise.all(NODES.map(again))
  await tell(stage, part, report)
  const after = await Promise.all(NODES.map((n) => countsOf(stage.node(n))))
  const grown = (key: keyof Counts): readonly number[] =>
    after.map((now, i) => now[key] - (before[i]?.[key] ?? 0))
  tellCounts(part, { actions: grown('actions'), lapses: grown('lapses') }, report)
  for (const n of NODES) await part.mend?.(stage, n)
}

/** Two seconds each way, so that all of a node's actions are under way at the same time. */
const lasting = (n: number): Configuration => ({
  DEFAULT: { nodes: n === 1 ? 'node1 node2' : 'node2 node1' },
  'fs#1': { type: 'flag' },
  'app#1': { type: 'forking', start: '/bin/sleep 2', stop: '/bin/sleep 2' },
})

/** A driver whose command does not end until it is killed. */
const stuck = (n: number): Configuration => ({
  DEFAULT: { nodes: `node${n}` },
  'app#1': {
    type: 'forking',
    start: '/bin/sleep 600',
    stop: '/bin/true',
    check: '/bin/false',
    start_timeout: '10m',
  },
})

async function deployMany(stage: Stage, n: number): Promise<void> {
  await stage.om(n, `cluster set --kw node.max_parallel=${AT_ONCE}`)
  for (let i = 1; i <= AT_ONCE; i += 1)
    await stage.om(n, `act${n}-${i} deploy --config=- --no-wait`, JSON.stringify(lasting(n)))
  await rest(stage, n)
}

/** On a machine that is busy otherwise one may fail, or be refused: the next start makes it good. */
async function stopAndStart(stage: Stage, n: number): Promise<void> {
  for (const action of ['stop', 'start']) {
    await stage.node(n).exec(['om', `act${n}-*`, action, '--no-wait'])
    await rest(stage, n)
  }
}

/** Waits until nothing is being done about the node's services. */
async function rest(stage: Stage, n: number): Promise<void> {
  await until(`the services of node${n} have come to rest`, async () => {
    const { services } = await stage.cluster(n)
    const own = services.filter(({ name }) => name.startsWith(`act${n}-`))
    const acts = own.some(
      ({ target, instances }) =>
        target !== null || instances.some(({ instance }) => instance?.monitor.endsWith('ing') === true),
    )
    return own.length === AT_ONCE && !acts
  })
}

/** What the node keeps goes to a small disk of its own with little room: SQLite would go on for long in room that it had taken before. */
async function makeSmallDisk(stage: Stage, n: number): Promise<void> {
  const disk = await stage.lab.disk(SMALL_DISK)
  const fill = `cat /dev/zero >${KEPT}/fill || true; truncate -s -2M ${KEPT}/fill`
  await movingKept(stage.node(n), `mkfs.ext4 -q ${disk}; mount ${disk} ${KEPT}`, fill)
}

async function changeOnFullDisk(stage: Stage, n: number): Promise<void> {
  const node = stage.node(n)
  await node.exec(['sh', '-c', `cat /dev/zero >>${KEPT}/fill`])
  for (const action of ['stop', 'start']) await node.exec(['om', `act${n}-*`, action, '--no-wait'])
  // SQLite has room of its own in its log: what is written has to be more than that.
  const comment = `${performance.now()} ${'x'.repeat(COMMENT_BYTES)}`
  await node.exec(['om', `act${n}-1`, 'set', '--kw', `fs#1.comment=${comment}`])
}

async function removeSmallDisk(stage: Stage, n: number): Promise<void> {
  const node = stage.node(n)
  const said = await node.exec(['grep', '-c', 'the disk is full', DAEMON_LOG])
  if (Number(said.stdout) === 0) throw new Error(`${node.name} never said that its disk is full`)
  await node.run(['rm', `${KEPT}/fill`])
  await movingKept(node, `umount ${KEPT}; find ${KEPT} -mindepth 1 -delete`)
}

/** Does it while the daemon is down, and what it keeps is elsewhere. */
async function movingKept(node: LabNode, script: string, then = 'true'): Promise<void> {
  await node.stopDaemon()
  const [away, back] = [`cp -a ${KEPT} /run/kept`, `cp -a /run/kept/. ${KEPT}; rm -r /run/kept`]
  await node.run(['sh', '-c', `set -e; ${away}; ${script}; ${back}; ${then}`])
  await node.startDaemon()
}

/** Lines of a kilobyte, into the node's own log. */
async function fillLog(node: LabNode): Promise<void> {
  const script = `
    const Database = require('/opt/longshore/node_modules/better-sqlite3')
    const log = new Database('${KEPT}/log.db')
    const add = log.prepare('INSERT INTO log (wall_ms, node, service, rid, level, message, action) VALUES (?, ?, ?, NULL, 1, ?, NULL)')
    const text = 'x'.repeat(1000)
    for (let chunk = 0; chunk < ${LOG_MB}; chunk += 1)
      log.transaction(() => { for (let i = 0; i < 1000; i += 1) add.run(Date.now(), '${node.name}', 'stuck', text) })()`
  await node.run(['node', '-e', script])
}

async function beStuck(stage: Stage, n: number): Promise<void> {
  const input = JSON.stringify(stuck(n))
  await stage.node(n).run(['om', `stuck${n}`, 'create', '--config=-'], { input })
  await stage.om(n, `stuck${n} start --no-wait`)
}

interface Counts {
  readonly actions: number
  /** So often the node has lost its lease. */
  readonly lapses: number
}

/** As the daemon's own output tells. */
async function countsOf(node: LabNode): Promise<Counts> {
  const count = async (pattern: string): Promise<number> =>
    Number((await node.exec(['grep', '-cE', pattern, DAEMON_LOG])).stdout)
  return {
    actions: await count(' do (provision|start|stop) --local'),
    lapses: await count(' end lapse: '),
  }
}

function tellCounts(
  { what, key }: Part,
  { actions, lapses }: Readonly<Record<keyof Counts, readonly number[]>>,
  report: Report,
): void {
  report.line(`${what}: leases lost`, lapses.join(' and '), atMost(Math.max(...lapses), 0, 'none'))
  report.line(`${what}: starts and stops`, actions.join(' and '))
  report.set('beats', `${key}_leases_lost`, lapses)
  report.set('beats', `${key}_actions`, actions)
}

/** Beats of each node as the others counted them, on the worst path; and how late each daemon was itself. A path that is silent just then is named. */
async function tell(stage: Stage, { what, key }: Part, report: Report): Promise<void> {
  const seen = await Promise.all(ALL.map((asked) => stage.cluster(asked)))
  const heard = NODES.map((n) => {
    const others = seen.flatMap(({ daemon }, i) =>
      ALL[i] === n ? [] : [{ by: `node${ALL[i]}`, paths: daemon.paths }],
    )
    return heardOf(`node${n}`, others)
  })
  const worst = heard.map((one) => one.worst)
  const silent = heard.flatMap((one) => one.silent)
  report.line(
    `${what}: beats late or lost`,
    [`${worst.join(' and ')} of 100 of node1 and node2`, ...silent].join(', '),
    atMost(Math.max(...worst, silent.length), 0, 'none'),
  )
  const delays = NODES.map((n) => seen[n - 1]?.daemon.loopDelay?.maxMs ?? 0)
  report.line(`${what}: longest delay of the loop`, `${delays.map((ms) => ms.toFixed(0)).join(' and ')} ms`)
  report.set('beats', `${key}_late_pct`, worst)
  report.set('beats', `${key}_silent`, silent.join(', '))
  report.set('beats', `${key}_delay_ms`, delays)
}
