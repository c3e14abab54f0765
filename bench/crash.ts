// A node dies, a container dies: how long until a client is answered again.
import { parseCluster } from '../src/spec/cluster.js'
import { spreadOf, type Spread } from './figures.js'
import { atMost, type Report } from './report.js'
import type { Measured } from './services.js'
import { outageMs, until, type Stage } from './stage.js'

/** On top of the time after which silence counts as death. */
const CRASH_MARGIN_MS = 1000
const RESTART_LIMIT_MS = 1000

/** The active node is crashed again and again, and booted again each time. */
export async function measureCrash(
  stage: Stage,
  service: Measured,
  rounds: number,
  report: Report,
): Promise<void> {
  const timeoutMs = await timeoutInForce(stage)
  await stage.om(1, `${service.name} set --kw orchestrate=ha`)
  const outages: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const active = (await upOn(stage, service, 1)) === 1 ? 1 : 2
    const other = 3 - active
    const seen = await stage.watched(service.wish, async () => {
      await stage.node(active).crash()
      await stage.settled(service.name, other)
    })
    outages.push(outageMs(seen, `crash ${round + 1}`))
    await stage.node(active).boot()
    await until(`node${active} is back and leaves ${service.name} alone`, async () => {
      return (await stage.upOn(service.name, active)) === other
    })
  }
  await stage.om(1, `${service.name} set --kw orchestrate=no`)
  const outage = spreadOf(outages) as Spread
  const limitMs = timeoutMs + CRASH_MARGIN_MS
  report.spread(
    `crash of the active node, timeout ${timeoutMs} ms`,
    outage,
    'ms',
    atMost(outage.median, limitMs, `${limitMs} ms`),
  )
  report.set('crash', 'outage_ms', outage.median)
  report.set('crash', 'timeout_ms', timeoutMs)
  report.set('crash', 'outages_ms', outages)
}

/** The service's last process is killed: it is started again where it is. */
export async function measureRestart(
  stage: Stage,
  service: Measured,
  rounds: number,
  report: Report,
): Promise<void> {
  const outages: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    // a restart begins with as many tries as the configuration grants
    await stage.om(1, `${service.name} clear`)
    const active = await upOn(stage, service, 1)
    const seen = await stage.watched(service.wish, async () => {
      await stage.node(active).run(['docker', 'kill', '--signal=KILL', `${service.name}.container.1`])
      await stage.settled(service.name, active)
    })
    outages.push(outageMs(seen, `restart ${round + 1}`))
  }
  const outage = spreadOf(outages) as Spread
  report.spread(
    'killed container, restarted in place',
    outage,
    'ms',
    atMost(outage.median, RESTART_LIMIT_MS, `${RESTART_LIMIT_MS} ms`),
  )
  report.set('restart', 'outage_ms', outage.median)
  report.set('restart', 'outages_ms', outages)
}

async function timeoutInForce(stage: Stage): Promise<number> {
  const text = await stage.om(1, 'cluster print config')
  const cluster = parseCluster({ text, source: 'the cluster' })
  if (!cluster.ok) throw new Error(cluster.error.message)
  return cluster.value.heartbeat.timeoutMs
}

async function upOn(stage: Stage, service: Measured, askedOn: number): Promise<number> {
  let found: number | undefined
  await until(`${service.name} is up on one node`, async () => {
    found = await stage.upOn(service.name, askedOn)
    return found !== undefined
  })
  return found ?? 1
}
