// What work does to heartbeats: how many of each node's beats came late or not at all while it had much to do.
import { setTimeout as sleep } from 'node:timers/promises'
import { atMost, type Report } from './report.js'
import { until, type Configuration, type Stage } from './stage.js'

/** Actions that run at the same time. */
const AT_ONCE = 50

/** The daemon counts the last hundred beats of a path; these are that many at the default interval, and what went before is forgotten. */
const WINDOW_MS = 52_000

const LOG_MB = 100

const FLAG: Configuration = { DEFAULT: { nodes: 'node1' }, 'fs#1': { type: 'flag' } }

/** A driver whose command does not end until it is killed. */
const STUCK: Configuration = {
  DEFAULT: { nodes: 'node1' },
  'app#1': {
    type: 'forking',
    start: '/bin/sleep 600',
    stop: '/bin/true',
    check: '/bin/false',
    start_timeout: '10m',
  },
}

export async function measureBeats(stage: Stage, report: Report): Promise<void> {
  await sleep(WINDOW_MS)
  await tell(stage, 'nothing to do', 'idle', report)
  await deployMany(stage)
  let going = true
  const work = (async () => {
    for (let up = true; going; up = !up) {
      const words = up ? 'stop --local' : 'start --local'
      await Promise.all(names().map((name) => stage.node(1).exec(['om', name, ...words.split(' ')])))
    }
  })()
  await sleep(WINDOW_MS)
  await tell(stage, `${AT_ONCE} actions at once`, 'actions', report)
  going = false
  await work
  for (const name of names()) await stage.om(1, `${name} purge --yes --wait`)
  await fillLog(stage)
  await stage.node(1).exec(['om', 'stuck', 'create', '--config=-'], { input: JSON.stringify(STUCK) })
  await stage.om(1, 'stuck start --no-wait')
  const endMs = performance.now() + WINDOW_MS
  while (performance.now() < endMs) await stage.node(1).exec(['om', 'stuck', 'logs', '-n', '1000'])
  await tell(stage, `a log of ${LOG_MB} MB that is read, a stuck driver`, 'log', report)
  // Ends its command, too.
  await stage.node(1).exec(['om', 'stuck', 'abort'])
}

const names = (): readonly string[] => Array.from({ length: AT_ONCE }, (_, i) => `act${i + 1}`)

async function deployMany(stage: Stage): Promise<void> {
  await stage.om(1, `cluster set --kw node.max_parallel=${AT_ONCE}`)
  for (const name of names()) await stage.om(1, `${name} deploy --config=- --no-wait`, JSON.stringify(FLAG))
  await until('the services are up', async () => {
    const { services } = await stage.cluster(1)
    return services.filter(({ name, avail }) => name.startsWith('act') && avail === 'up').length === AT_ONCE
  })
}

/** Lines of a kilobyte, into the node's own log. */
async function fillLog(stage: Stage): Promise<void> {
  const script = `
    const Database = require('/opt/longshore/node_modules/better-sqlite3')
    const log = new Database('/var/lib/longshore/log.db')
    const add = log.prepare('INSERT INTO log (wall_ms, node, service, rid, level, message, action) VALUES (?, ?, ?, NULL, 1, ?, NULL)')
    const text = 'x'.repeat(1000)
    for (let chunk = 0; chunk < ${LOG_MB}; chunk += 1)
      log.transaction(() => { for (let i = 0; i < 1000; i += 1) add.run(Date.now(), 'node1', 'stuck', text) })()`
  await stage.node(1).run(['node', '-e', script])
}

/** Beats of each node as the other one counted them, on the worst path; and how late each daemon was itself. */
async function tell(stage: Stage, what: string, key: string, report: Report): Promise<void> {
  const seen = await Promise.all([2, 1].map((asked) => stage.cluster(asked)))
  const worst = seen.map(({ daemon }) =>
    Math.max(...daemon.paths.map(({ late, loss }) => Math.round(100 * ((late ?? 0) + (loss ?? 0))))),
  )
  const most = Math.max(...worst)
  report.line(
    `${what}: beats late or lost`,
    `${worst.join(' and ')} of 100 of node1 and node2`,
    atMost(most, 0, 'none'),
  )
  const delays = seen.toReversed().map(({ daemon }) => daemon.loopDelay?.maxMs ?? 0)
  report.line(`${what}: longest delay of the loop`, `${delays.map((ms) => ms.toFixed(0)).join(' and ')} ms`)
  report.set('beats', `${key}_late_pct`, worst)
  report.set('beats', `${key}_delay_ms`, delays)
}
