// What the daemon costs while nothing happens: memory, and time of a processor, of it and the children that it keeps.
import { readFile, readdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { initOf } from '../test/lab/exec.js'
import { placeOf } from '../test/lab/place.js'
import { below, type Report } from './report.js'
import { until, type Configuration, type Stage } from './stage.js'

const LIMIT_MB = 100
const LIMIT_PERCENT = 1

/** What the services before have left to do is done by then, and what a daemon does each second has been compiled as well as it will be. */
const CALM_MS = 45_000

const FLAG: Configuration = { 'fs#1': { type: 'flag' } }

/** So many services are deployed at a time. */
const AT_ONCE = 4

/** Deploys flag services until there are `count` of them, then measures both nodes; the worse one counts. */
export async function measureDaemon(
  stage: Stage,
  count: 1 | 200,
  windowMs: number,
  report: Report,
): Promise<void> {
  await deployFlags(stage, count)
  await sleep(CALM_MS)
  const costs = await Promise.all(stage.lab.nodes.map((_, i) => costOf(stage, i + 1, windowMs)))
  const rssMb = Math.max(...costs.map((cost) => cost.rssMb))
  const percent = Math.max(...costs.map((cost) => cost.percent))
  const plural = count === 1 ? 'service' : 'services'
  report.line(
    `omd idle, ${count} flag ${plural}: memory`,
    `${costs.map((cost) => cost.rssMb.toFixed(0)).join(' and ')} MB`,
    below(rssMb, LIMIT_MB, `${LIMIT_MB} MB`),
  )
  report.line(
    `omd idle, ${count} flag ${plural}: processor`,
    `${costs.map((cost) => cost.percent.toFixed(2)).join(' and ')} % of a core over ${windowMs / 1000} s`,
    below(percent, LIMIT_PERCENT, `${LIMIT_PERCENT} %`),
  )
  report.set('daemon', `rss_mb_${count}`, rssMb)
  report.set('daemon', `cpu_pct_${count}`, percent)
}

async function deployFlags(stage: Stage, count: number): Promise<void> {
  const missing = Array.from({ length: count }, (_, i) => `flag${i + 1}`)
  const known = new Set(await upServices(stage))
  const input = JSON.stringify(FLAG)
  const queue = missing.filter((name) => !known.has(name))
  const deployer = async (): Promise<void> => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      await stage.om(1, `${name} deploy --config=- --no-wait`, input)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, deployer))
  await until(`${count} flag services are up`, async () => {
    const up = new Set(await upServices(stage))
    return missing.every((name) => up.has(name))
  })
}

async function upServices(stage: Stage): Promise<readonly string[]> {
  const { services } = await stage.cluster(1)
  return services
    .filter(({ avail, target }) => avail === 'up' && target === null)
    .map((service) => service.name)
}

interface Cost {
  readonly rssMb: number
  readonly percent: number
}

async function costOf(stage: Stage, n: number, windowMs: number): Promise<Cost> {
  const pid = await daemonOf(stage, n)
  const before = await ticksOf(pid)
  const beganMs = performance.now()
  await sleep(windowMs)
  const ticks = (await ticksOf(pid)) - before
  const seconds = (performance.now() - beganMs) / 1000
  return { rssMb: await residentMb(pid), percent: (100 * (ticks / TICKS_PER_SECOND)) / seconds }
}

/** sysconf(_SC_CLK_TCK), the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100

/** omd's process in this machine's numbers; it knows its own within its node. */
export async function daemonOf(stage: Stage, n: number): Promise<number> {
  const init = await initOf(placeOf(stage.lab.name), n)
  const within = String((await stage.cluster(n)).daemon.pid)
  for (const pid of await descendants(init?.pid ?? 0)) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    const numbers = /^NSpid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/) ?? []
    if (numbers.at(-1) === within) return pid
  }
  throw new Error(`omd of node${n} is not to be found`)
}

/** Ticks of a process, of all children that it has waited for, and of those that live. */
async function ticksOf(pid: number): Promise<number> {
  const alive = [pid, ...(await descendants(pid))]
  const each = await Promise.all(alive.map(ownTicks))
  return each.reduce((sum, ticks) => sum + ticks, 0)
}

/** proc(5): utime, stime, cutime and cstime are fields 14 to 17; the second field may hold anything. */
async function ownTicks(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
}

async function descendants(pid: number): Promise<readonly number[]> {
  const tasks = await readdir(`/proc/${pid}/task`).catch((): string[] => [])
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '')),
  )
  const children = lists.join(' ').split(/\s+/).filter(Boolean).map(Number)
  const deeper = await Promise.all(children.map(descendants))
  return [...children, ...deeper.flat()]
}

export async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024
}
