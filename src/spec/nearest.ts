/** The candidate that a mistyped name most likely meant; null where none is near. */
export function nearest(name: string, candidates: Iterable<string>): string | null {
  const wanted = name.toLowerCase()
  let best: string | null = null
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** `; did you mean x?`, the names that there are where they are few, or nothing. */
export function suggestion(name: string, candidates: readonly string[]): string {
  const near = nearest(name, candidates)
  if (near !== null) return `; did you mean ${near}?`
  if (candidates.length === 0 || candidates.length > 12) return ''
  return `; known: ${candidates.join(', ')}`
}

// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours each count one.
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) row.push(cell({ a, b, i, j, row, last, beforeLast }))
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}

function cell(o: {
  readonly a: string
  readonly b: string
  readonly i: number
  readonly j: number
  readonly row: readonly number[]
  readonly last: readonly number[]
  readonly beforeLast: readonly number[]
}): number {
  const { a, b, i, j } = o
  const same = a[i - 1] === b[j - 1]
  let distance = Math.min(
    (o.last[j] ?? 0) + 1,
    (o.row[j - 1] ?? 0) + 1,
    (o.last[j - 1] ?? 0) + (same ? 0 : 1),
  )
  if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
    distance = Math.min(distance, (o.beforeLast[j - 2] ?? 0) + 1)
  }
  return distance
}
