import { ok } from '../../../core/result.js'
import type { Driver } from '../../driver.js'
import { keywords } from './keywords.js'

/**
 * The implicit `sync#i0`: the service's configuration on every node. The cluster replicates it without being asked, so there is nothing to
 * start, and a node that runs the service by an older one says so elsewhere.
 */
export const syncConfig: Driver<null> = {
  group: 'sync',
  type: 'config',
  keywords,
  tools: [],
  events: [],
  label: () => 'rsync svc config to nodes',
  look: async () => ok(null),
  status: () => ({ status: 'up', messages: [] }),
  start: () => [],
  stop: () => [],
  released: () => true,
  assume: () => null,
}
