import type { Paint } from './paint.js'

/** Beyond this many comparisons two texts are shown whole instead of line by line. */
const MAX_CELLS = 4_000_000
/** Unchanged lines that are shown around a change. */
const CONTEXT = 3

interface Line {
  readonly mark: ' ' | '-' | '+'
  readonly text: string
}

/** Lines removed (`-`) and added (`+`) between two texts, with some unchanged ones around; none where they are the same. */
export function difference(before: string, after: string, paint: Paint): readonly string[] {
  const all = compare(linesOf(before), linesOf(after))
  const shown = all.map((_, i) =>
    all.slice(Math.max(0, i - CONTEXT), i + CONTEXT + 1).some((line) => line.mark !== ' '),
  )
  return all.flatMap((line, i) => {
    if (shown[i] !== true) return shown[i - 1] === true ? [paint('faint', '...')] : []
    const text = `${line.mark} ${line.text}`.trimEnd()
    return [line.mark === ' ' ? text : paint(line.mark === '-' ? 'bad' : 'good', text)]
  })
}

const linesOf = (text: string): readonly string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))

/** By the longest common subsequence of lines. */
function compare(before: readonly string[], after: readonly string[]): readonly Line[] {
  if (before.length * after.length > MAX_CELLS) return [...marked('-', before), ...marked('+', after)]
  const common = commonLengths(before, after)
  const lines: Line[] = []
  let [i, j] = [0, 0]
  while (i < before.length && j < after.length) {
    const same = before[i] === after[j]
    const drop = (common[i + 1]?.[j] ?? 0) >= (common[i]?.[j + 1] ?? 0)
    if (same) lines.push({ mark: ' ', text: before[i] ?? '' })
    else lines.push(drop ? { mark: '-', text: before[i] ?? '' } : { mark: '+', text: after[j] ?? '' })
    if (same || drop) i++
    if (same || !drop) j++
  }
  return [...lines, ...marked('-', before.slice(i)), ...marked('+', after.slice(j))]
}

const marked = (mark: Line['mark'], lines: readonly string[]): readonly Line[] =>
  lines.map((text) => ({ mark, text }))

/** Length of the longest common subsequence of what follows each pair of positions. */
function commonLengths(a: readonly string[], b: readonly string[]): readonly (readonly number[])[] {
  const rows: number[][] = Array.from({ length: a.length + 1 }, () => Array.from(b, () => 0))
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const [down, right, diagonal] = [
        rows[i + 1]?.[j] ?? 0,
        rows[i]?.[j + 1] ?? 0,
        rows[i + 1]?.[j + 1] ?? 0,
      ]
      const row = rows[i]
      if (row !== undefined) row[j] = a[i] === b[j] ? diagonal + 1 : Math.max(down, right)
    }
  }
  return rows
}
