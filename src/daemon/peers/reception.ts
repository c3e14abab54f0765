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
  /** Bit i: that beat came later than it should have after the one before. */
  readonly late: bigint
}

/** Loss is a share of so many beats. */
const window = 100
const mask = (1n << BigInt(window)) - 1n

/** After one more beat. It may come late or twice. */
export function received(
  before: Reception | null,
  beat: { readonly incarnation: number; readonly round: number; readonly late: boolean },
): Reception {
  const { incarnation, round } = beat
  if (before === null || incarnation > before.incarnation)
    return { incarnation, newest: round, known: 1, arrived: 1n, late: 0n }
  if (incarnation < before.incarnation) return before
  const ahead = round - before.newest
  if (ahead <= 0) return behind(before, -ahead)
  const known = Math.min(window, before.known + ahead)
  const arrived = shifted(before.arrived, ahead) | 1n
  const late = shifted(before.late, ahead) | (beat.late ? 1n : 0n)
  return { incarnation, newest: round, known, arrived, late }
}

const shifted = (bits: bigint, by: number): bigint => (by >= window ? 0n : (bits << BigInt(by)) & mask)

/** One that others overtook. */
function behind(before: Reception, by: number): Reception {
  if (by >= before.known) return before
  const bit = 1n << BigInt(by)
  return { ...before, arrived: before.arrived | bit, late: before.late | bit }
}

/** Share of the last beats that came late, from 0 to 1. */
export function lateOf({ known, late }: Reception): number {
  return ones(late, known) / known
}

/** Share of the last beats that were lost, from 0 to 1. `overdue`: beats that should have come since the newest. */
export function lossOf({ known, arrived }: Reception, overdue: number): number {
  const expected = Math.min(window, known + overdue)
  // What is overdue takes the place of the oldest.
  return (expected - ones(arrived, expected - overdue)) / expected
}

/** Bits that are set among the first so many. */
function ones(bits: bigint, count: number): number {
  let set = 0
  for (let i = 0; i < count; i++) if (((bits >> BigInt(i)) & 1n) === 1n) set++
  return set
}
