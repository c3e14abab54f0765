import type { Resource } from '../../../core/service.js'
import { textOf } from '../../driver.js'

const MODES = ['bridge', 'macvlan', 'ipvlan-l2', 'ipvlan-l3', 'dedicated'] as const
export type Mode = (typeof MODES)[number]

/** How the interface is made; `bridge` by default. */
export function modeOf(resource: Resource): Mode {
  const mode = textOf(resource, 'mode') ?? 'bridge'
  const known = MODES.find((candidate) => candidate === mode)
  if (known === undefined) throw new TypeError(`${resource.rid}.mode ${mode} is none of ${MODES.join(', ')}`)
  return known
}

/** An interface in layer 3 mode neither asks nor answers ARP. */
export const hasArp = (mode: Mode): boolean => mode !== 'ipvlan-l3'
