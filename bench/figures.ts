// PURE. What many runs of one thing amount to.

export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
  readonly runs: number
}

/** Undefined where there were no runs. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  const [least, most] = [sorted[0], sorted.at(-1)]
  if (least === undefined || most === undefined) return undefined
  return { median: medianOf(sorted), least, most, runs: sorted.length }
}

export function medianOf(sorted: readonly number[]): number {
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}

/** `812 ms (790 to 870)` */
export function spreadText(spread: Spread, unit: string, digits = 0): string {
  const text = (value: number): string => value.toFixed(digits)
  return `${text(spread.median)} ${unit} (${text(spread.least)} to ${text(spread.most)})`
}
