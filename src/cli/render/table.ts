import { pad, width } from './paint.js'

/** Lines of a table: columns as wide as their widest cell, two spaces between, nothing at the ends of lines. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = columnWidths(rows)
  return rows.map((row) => trimEnd(row.map((cell, i) => pad(cell, widths[i] ?? 0)).join('  ')))
}

/** Widest cell of each column. */
export function columnWidths(rows: readonly (readonly string[])[]): readonly number[] {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, width(cell))
    })
  }
  return widths
}

/** Without spaces at the end, which a copied screen would carry along. */
export function trimEnd(line: string): string {
  return line.replace(/ +$/, '')
}
