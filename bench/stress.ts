// A machine without a moment's rest, and nobody who takes that for death.
import { setTimeout as sleep } from 'node:timers/promises'
import { availableParallelism } from 'node:os'
import { execa } from 'execa'
import { openQuorate } from './failover.js'
import { atMost, type Report } from './report.js'
import type { Stage } from './stage.js'

const MINUTE_MS = 60_000

/** Three nodes of the default profile share every core with as many workers of stress-ng. */
export async function measureStress(minutes: number, report: Report): Promise<void> {
  await install()
  const stage = await openQuorate({ nodes: 3 })
  const [program, ...words] = [
    'stress-ng',
    '--quiet',
    `--cpu=${availableParallelism()}`,
    `--timeout=${minutes}m`,
  ]
  const load = execa(program, words, { reject: false })
  try {
    const before = await linesOf(stage)
    for (let minute = 0; minute < minutes; minute += 1) await sleep(MINUTE_MS)
    const said = (await linesOf(stage)).filter((line) => !before.includes(line))
    const starts = said.filter((line) => line.includes('do start'))
    const silences = said.filter((line) => line.includes('is silent on every path'))
    const what = `${minutes} minutes of stress-ng on every core`
    report.line(`${what}: starts`, String(starts.length), atMost(starts.length, 0, 'none'))
    report.line(`${what}: silences`, String(silences.length))
    report.set('stress', 'minutes', minutes)
    report.set('stress', 'starts', starts.length)
    report.set('stress', 'silences', silences.length)
  } finally {
    load.kill('SIGKILL')
    await load
    await stage.end()
  }
}

async function install(): Promise<void> {
  const found = await execa('sh', ['-c', 'command -v stress-ng'], { reject: false })
  if (found.exitCode === 0) return
  await execa('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'stress-ng'], {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  })
}

/** What all daemons have logged. */
async function linesOf(stage: Stage): Promise<readonly string[]> {
  const logs = await Promise.all(
    stage.lab.nodes.map((node) => node.run(['cat', '/var/log/longshore/omd.log'])),
  )
  return logs.flatMap((log) => log.split('\n'))
}
