import { compareNatural } from '../../core/natural.js'
import type { ApiEvent } from '../../daemon/api/contract.js'
import { clean, type Paint, type Style } from './paint.js'
import { table } from './table.js'

export type Progress = Extract<ApiEvent, { kind: 'progress' }>

/** The newest word of each resource, in the order in which they began. */
export function fold(known: readonly Progress[], next: Progress): readonly Progress[] {
  const same = (each: Progress): boolean =>
    each.service === next.service &&
    each.node === next.node &&
    each.rid === next.rid &&
    each.action === next.action
  return known.some(same) ? known.map((each) => (same(each) ? next : each)) : [...known, next]
}

/** A line a resource, for a terminal. */
export function progressLines(known: readonly Progress[], paint: Paint): readonly string[] {
  const services = [...new Set(known.map((each) => each.service))].toSorted(compareNatural)
  const several = services.length > 1
  return table(
    services.flatMap((service) =>
      known
        .filter((each) => each.service === service)
        .map((each) => [
          `  ${several ? `${service}  ` : ''}${clean(each.node)}`,
          clean(each.rid),
          each.action,
          paint(STYLES[each.state], WORDS[each.state]),
        ]),
    ),
  )
}

/** One event as a line, for a pipe; null where there is nothing to tell yet. */
export function progressLine(event: Progress): string | null {
  if (event.state === 'begun') return null
  return clean(`${event.node}.${event.service}.${event.rid} ${event.action} ${WORDS[event.state]}`)
}

const WORDS = { begun: '…', done: 'done', failed: 'failed', 'rolled back': 'rolled back' } as const
const STYLES = {
  begun: 'info',
  done: 'good',
  failed: 'bad',
  'rolled back': 'doubt',
} as const satisfies Record<Progress['state'], Style>
