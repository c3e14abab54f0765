// A machine without a moment's rest, and nobody who takes that for death.
import { availableParallelism } from 'node:os'
import { execa } from 'execa'
import { DAEMON_LOG } from '../test/lab/daemon.js'
import { goBy, openQuorate, PROFILES, type Profile } from './failover.js'
import { atMost, type Report } from './report.js'
import type { Stage } from './stage.js'

/** Three nodes share every core with as many workers of stress-ng, under each profile. */
export async function measureStress(minutes: number, report: Report): Promise<void> {
  await install()
  for (const profile of PROFILES) await measure(profile, minutes, report)
}

async function measure(profile: Profile, minutes: number, report: Report): Promise<void> {
  const stage = await openQuorate({ nodes: 3 })
  try {
    await goBy(stage, profile)
    const before = await linesOf(stage)
    if (!before.some(isAction)) throw new Error('the log tells of no action: a failover would not show')
    await beStressed(minutes)
    const said = (await linesOf(stage)).filter((line) => !before.includes(line))
    const actions = said.filter(isAction)
    const silences = said.filter((line) => line.includes('is silent on every path'))
    const what = `${minutes} minutes of stress-ng on every core, ${profile}`
    report.line(`${what}: starts and stops`, String(actions.length), atMost(actions.length, 0, 'none'))
    report.line(`${what}: silences`, String(silences.length))
    report.set('stress', `${profile}_minutes`, minutes)
    report.set('stress', `${profile}_actions`, actions.length)
    report.set('stress', `${profile}_silences`, silences.length)
  } finally {
    await stage.end()
  }
}

async function beStressed(minutes: number): Promise<void> {
  const words = ['--quiet', `--cpu=${availableParallelism()}`, `--timeout=${minutes}m`]
  const stressed = await execa('stress-ng', words, { reject: false })
  if (stressed.failed) throw new Error(`stress-ng did not run: ${stressed.shortMessage}`)
}

/** A service is provisioned, started, stopped or restarted. */
const isAction = (line: string): boolean => / do (provision|start|stop|restart) --local/.test(line)

async function install(): Promise<void> {
  const found = await execa('sh', ['-c', 'command -v stress-ng'], { reject: false })
  if (found.exitCode === 0) return
  await execa('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'stress-ng'], {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  })
}

/** What all daemons have logged. */
async function linesOf(stage: Stage): Promise<readonly string[]> {
  const logs = await Promise.all(stage.lab.nodes.map((node) => node.run(['cat', DAEMON_LOG])))
  return logs.flatMap((log) => log.split('\n'))
}
