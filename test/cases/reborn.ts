import type { ClusterConfig } from '../../src/core/cluster.js'
import type { World } from '../../src/core/world.js'
import { birth } from '../../src/daemon/agent/birth.js'
import type { Store } from '../../src/daemon/ports.js'
import { memoryOf } from '../sim/remembering.js'
import { VirtualClock } from '../sim/virtual-clock.js'

/** The world of the next daemon on node1, by what the one before it has stored; nothing is known of a lease. */
export function reborn(store: Store, cluster: ClusterConfig, bootId = 'boot1'): World {
  const load = { load15m: 0, memTotalMb: 1, memAvailMb: 1, swapTotalMb: 0, swapAvailMb: 0, cpus: 1 }
  const sys = { hostname: 'node1', machineId: 'm', bootId, load: () => Promise.resolve(load) }
  return birth({
    store,
    kept: memoryOf(store),
    clock: new VirtualClock(),
    sys,
    self: 'node1',
    cluster,
    load,
    version: '1',
    leaseEndsMs: null,
  })
}
