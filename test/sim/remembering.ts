import { remembered, type Remembered } from '../../src/daemon/agent/remembered.js'
import type { Store } from '../../src/daemon/ports.js'

/** What a daemon of this version begins with on a store that it understands. */
export function memoryOf(store: Store): Remembered {
  const kept = remembered({ store, varDir: '/var/lib/longshore' })
  if (!kept.ok) throw new Error(kept.error.message)
  return kept.value
}
