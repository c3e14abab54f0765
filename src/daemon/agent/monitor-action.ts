import type { Service } from '../../core/service.js'
import { splitWords } from '../../spec/words.js'
import type { Node } from './action/view.js'
import type { Logbook } from './logbook.js'

/** An operator's `pre_monitor_action` may take this long: a node in trouble must not hang on it. */
const preActionLimitMs = 60_000
const rebootLimitMs = 30_000

interface Where {
  readonly node: Node
  readonly logbook: Logbook
  readonly service: Service
}

/** Runs the service's `pre_monitor_action`, if it has one. Its failure is logged and stops nothing. */
export async function beforeMonitorAction({ node, logbook, service }: Where): Promise<void> {
  const argv = service.preMonitorAction === null ? null : splitWords(service.preMonitorAction)
  if (argv === null || argv.length === 0) return
  logbook.write({ service: service.name, message: `pre_monitor_action: ${argv.join(' ')}` })
  const result = await node.io.exec.run(argv, { timeoutMs: preActionLimitMs, changes: true })
  if (result.outcome === 'exited' && result.exit === 0) return
  const end = result.outcome === 'exited' ? `exit ${result.exit}` : result.outcome
  logbook.write({
    service: service.name,
    level: 'warn',
    message: `pre_monitor_action: ${end} ${result.stderr.trim()}`,
  })
}

/** Restarts this machine: `reboot` syncs its disks first, `crash` does not. Services are not stopped: that has failed already. */
export async function rebootNode(where: Where, how: 'reboot' | 'crash'): Promise<void> {
  await beforeMonitorAction(where)
  where.logbook.flush()
  const argv = how === 'reboot' ? ['reboot', '-f'] : ['reboot', '-f', '-n']
  const result = await where.node.io.exec.run(argv, { timeoutMs: rebootLimitMs })
  const message = `${argv.join(' ')}: ${result.outcome} ${result.stderr.trim()}`
  where.logbook.write({ service: where.service.name, level: 'error', message })
}
