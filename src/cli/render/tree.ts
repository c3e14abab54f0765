import { pad, width } from './paint.js'
import { trimEnd } from './table.js'

/** A row of a tree: its name and columns; `notes` are rows of their own under its last column. */
export interface Branch {
  readonly name: string
  readonly columns: readonly string[]
  readonly notes?: readonly string[]
  readonly children?: readonly Branch[]
}

export interface TreeShape {
  /** Least width of each column but the last. */
  readonly columnWidths: readonly number[]
  /** Least width of a name, its tree glyphs not counted. */
  readonly nameWidth: number
  /** Lines are wrapped to this in their last column; null: as long as they are. */
  readonly terminalColumns: number | null
}

interface Row {
  readonly lead: string
  readonly name: string
  readonly columns: readonly string[]
  /** Goes before the notes and the wrapped rest of the row. */
  readonly under: string
  readonly notes: readonly string[]
}

/** Lines of a tree, with the glyphs that operators of the field know: a bar and a dash, a backtick for the last of its level. */
export function tree(root: Branch, shape: TreeShape): readonly string[] {
  const rows = [...flatten(root, '', '')]
  const names = Math.max(...rows.map((row) => row.lead.length + Math.max(shape.nameWidth, width(row.name))))
  const columns = shape.columnWidths.map((least, i) =>
    Math.max(least, ...rows.map((row) => width(row.columns[i] ?? ''))),
  )
  const textAt = names + 1 + columns.reduce((sum, each) => sum + each + 1, 0)
  const room = shape.terminalColumns === null ? null : Math.max(20, shape.terminalColumns - textAt)
  return rows.flatMap((row) => {
    const last = row.columns[columns.length] ?? ''
    const [first = '', ...rest] = [...wrap(last, room), ...row.notes.flatMap((note) => wrap(note, room))]
    const fixed = columns.map((size, i) => pad(row.columns[i] ?? '', size))
    const head = [pad(row.lead + row.name, names), ...fixed, first].join(' ')
    return [head, ...rest.map((text) => pad(row.under, textAt) + text)].map(trimEnd)
  })
}

function* flatten(branch: Branch, lead: string, under: string): Generator<Row> {
  const children = branch.children ?? []
  const below = under + (children.length > 0 ? '|' : '')
  yield { lead, name: branch.name, columns: branch.columns, under: below, notes: branch.notes ?? [] }
  for (const [i, child] of children.entries()) {
    const last = i === children.length - 1
    yield* flatten(child, `${under}${last ? '`- ' : '|- '}`, under + (last ? '   ' : '|  '))
  }
}

/** Breaks at spaces into pieces of at most `room` columns; a word that is longer stays whole. */
export function wrap(text: string, room: number | null): readonly string[] {
  if (room === null || width(text) <= room) return [text]
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && width(line) + 1 + width(word) > room) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
