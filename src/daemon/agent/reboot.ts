import type { World } from '../../core/world.js'
import type { Node } from './action/view.js'

/** An operator's `pre_monitor_action` may take this long. */
const preActionLimitMs = 60_000
const rebootLimitMs = 30_000

/** Restarts this machine: `reboot` syncs its disks first, `crash` does not. Services are not stopped: that has failed already. */
export async function rebootNode(
  node: Node,
  how: 'reboot' | 'crash',
  world: World,
  service: string,
): Promise<void> {
  const before = world.services[service]?.service.preMonitorAction ?? null
  if (before !== null) {
    const argv = before.split(' ').filter((word) => word !== '')
    await node.io.exec.run(argv, { timeoutMs: preActionLimitMs })
  }
  const argv = how === 'reboot' ? ['reboot', '-f'] : ['reboot', '-f', '-n']
  await node.io.exec.run(argv, { timeoutMs: rebootLimitMs })
}
