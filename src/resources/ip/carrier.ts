import { flagOf, type Context } from '../driver.js'
import type { Link } from '../kit/ip.js'

/** An interface that is not raised yet says nothing of its carrier. */
export function lacksCarrier(ctx: Context, link: Link | undefined): boolean {
  return link !== undefined && flagOf(ctx.resource, 'check_carrier') && link.up && !link.carrier
}

export const noCarrier = (dev: string): string =>
  `${dev} has no carrier: look at its cable and its switch port, or set check_carrier=false`
