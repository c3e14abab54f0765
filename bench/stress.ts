// A machine without a moment's rest, and nobody who takes that for death.
import { availableParallelism } from 'node:os'
import { execa } from 'execa'
import { openQuorate } from './failover.js'
import { atMost, type Report } from './report.js'
import type { Stage } from './stage.js'

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
    if (!before.some(isAction)) throw new Error('the log tells of no action: a failover would not show')
    const stressed = await load
    if (stressed.failed) throw new Error(`stress-ng did not run: ${stressed.shortMessage}`)
    const said = (await linesOf(stage)).filter((line) => !before.includes(line))
    const actions = said.filter(isAction)
    const silences = said.filter((line) => line.includes('is silent on every path'))
    const what = `${minutes} minutes of stress-ng on every core`
    report.line(`${what}: starts and stops`, String(actions.length), atMost(actions.length, 0, 'none'))
    report.line(`${what}: silences`, String(silences.length))
    report.set('stress', 'minutes', minutes)
    report.set('stress', 'actions', actions.length)
    report.set('stress', 'silences', silences.length)
  } finally {
    load.kill('SIGKILL')
    await load
    await stage.end()
  }
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
  const logs = await Promise.all(
    stage.lab.nodes.map((node) => node.run(['cat', '/var/log/longshore/omd.log'])),
  )
  return logs.flatMap((log) => log.split('\n'))
}
