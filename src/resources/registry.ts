import type { Resource } from '../core/service.js'
import { dockerContainer } from './container/docker/driver.js'
import { podmanContainer } from './container/podman/driver.js'
import type { AnyDriver } from './driver.js'
import { appForking } from './app/forking/driver.js'
import { appSimple } from './app/simple/driver.js'
import { diskLoop } from './disk/loop/driver.js'
import { diskLv } from './disk/lv/driver.js'
import { diskScsireserv } from './disk/scsireserv/driver.js'
import { diskVg } from './disk/vg/driver.js'
import { fsDirectory } from './fs/directory/driver.js'
import { fsFlag } from './fs/flag/driver.js'
import { fsBind, fsBtrfs, fsExt4, fsNfs, fsTmpfs, fsXfs } from './fs/mount/driver.js'
import { syncConfig } from './sync/config/driver.js'
import { ipHost } from './ip/host/driver.js'
import { ipNetns } from './ip/netns/driver.js'

/** The drivers that a node has. */
export interface Registry {
  readonly drivers: readonly AnyDriver[]
  /** Null where there is none for that group and type. */
  find(resource: Pick<Resource, 'group' | 'type'>): AnyDriver | null
}

/** Two drivers of one group and type would be a mistake in the list: the first one is found. */
export function registryOf(drivers: readonly AnyDriver[]): Registry {
  return {
    drivers,
    find: ({ group, type }) =>
      drivers.find((driver) => driver.group === group && driver.type === type) ?? null,
  }
}

/** Every driver that Longshore comes with. */
export const builtinDrivers: readonly AnyDriver[] = [
  ipHost,
  ipNetns,
  diskVg,
  diskLv,
  diskLoop,
  diskScsireserv,
  fsXfs,
  fsExt4,
  fsBtrfs,
  fsTmpfs,
  fsBind,
  fsNfs,
  fsDirectory,
  fsFlag,
  dockerContainer,
  podmanContainer,
  appSimple,
  appForking,
  syncConfig,
]
