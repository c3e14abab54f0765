/**
 * Which of a peer's last beats arrived on a path. Every node counts its intervals from its start on, and each path gets one beat an interval that
 * carries this number, so that a gap in the numbers is a beat that was lost.
 */
export interface Reception {
  /** Of the sender: a new one begins the count anew. */
  readonly incarnation: number
  /** Number of the newest beat that arrived. */
  readonly newest: number
  /** Numbers that are known of, the newest included; at most `window`. */
  readonly known: number
  /** Bit i: the beat number `newest - i` arrived. */
  readonly arrived: bigint
}

/** Loss is a share of so many beats. */
const window = 100
const mask = (1n << BigInt(window)) - 1n

/** After one more beat. It may come late or twice. */
export function received(
  before: Reception | null,
  beat: { readonly incarnation: number; readonly round: number },
): Reception {
  const { incarnation, round } = beat
  if (before === null || incarnation > before.incarnation)
    return { incarnation, newest: round, known: 1, arrived: 1n }
  if (incarnation < before.incarnation) return before
  const ahead = round - before.newest
  if (ahead <= 0) return late(before, -ahead)
  const known = Math.min(window, before.known + ahead)
  const arrived = ahead >= window ? 1n : ((before.arrived << BigInt(ahead)) & mask) | 1n
  return { incarnation, newest: round, known, arrived }
}

function late(before: Reception, behind: number): Reception {
  if (behind >= before.known) return before
  return { ...before, arrived: before.arrived | (1n << BigInt(behind)) }
}

/** Share of the last beats that were lost, from 0 to 1. `overdue`: beats that should have come since the newest. */
export function lossOf({ known, arrived }: Reception, overdue: number): number {
  const expected = Math.min(window, known + overdue)
  let there = 0
  // What is overdue takes the place of the oldest.
  for (let i = 0; i < expected - overdue; i++) if (((arrived >> BigInt(i)) & 1n) === 1n) there++
  return (expected - there) / expected
}
