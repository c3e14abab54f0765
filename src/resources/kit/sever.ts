import type { Severing } from '../../daemon/ports.js'
import type { Context } from '../driver.js'

/** Every process that the service has started or runs in a container: each finds the service's name in its environment. */
export const killService = (ctx: Context): readonly Severing[] => [
  ['@kill', `LONGSHORE_SERVICE=${ctx.service.name}`],
]
