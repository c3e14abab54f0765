import { width } from './render/paint.js'
import type { Terminal } from './terminal.js'

// Control sequences of ECMA-48 terminals, as xterm documents them (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html).
const ENTER = '\u001b[?1049h\u001b[?25l'
const LEAVE = '\u001b[?25h\u001b[?1049l'
const BEGIN_UPDATE = '\u001b[?2026h'
const END_UPDATE = '\u001b[?2026l'
const CLEAR_TO_LINE_END = '\u001b[K'
const CLEAR_BELOW = '\u001b[J'
const CLEAR_ALL = '\u001b[2J'

/** The whole terminal, painted over and over. `close` gives back what was there before. */
export class Screen {
  private shown: readonly string[] = []

  constructor(private readonly terminal: Terminal) {
    terminal.out(ENTER)
  }

  paint(lines: readonly string[]): void {
    const size = this.terminal.size() ?? { columns: 80, rows: 24 }
    const next = lines.slice(0, size.rows).map((line) => crop(line, size.columns))
    const text = changes(this.shown, next)
    if (text !== '') this.terminal.out(BEGIN_UPDATE + text + END_UPDATE)
    this.shown = next
  }

  /** The terminal has another size: nothing on it can be relied on. */
  reset(): void {
    this.shown = []
    this.terminal.out(CLEAR_ALL)
  }

  close(): void {
    this.terminal.out(LEAVE)
  }
}

/** What turns a screen that shows `before` into one that shows `after`: only the lines that differ are written. */
export function changes(before: readonly string[], after: readonly string[]): string {
  const at = (row: number): string => `\u001b[${row + 1};1H`
  const lines = after.map((line, row) => (line === before[row] ? '' : at(row) + line + CLEAR_TO_LINE_END))
  const surplus = before.length > after.length ? at(after.length) + CLEAR_BELOW : ''
  return lines.join('') + surplus
}

/** The beginning of a line that fits; its colours do not count, and end with it. */
export function crop(line: string, columns: number): string {
  if (width(line) <= columns) return line
  let room = columns
  let cropped = ''
  for (const [part] of line.matchAll(/\p{Cc}\[[\d;]*m|./gsu)) {
    if (part.length > 1 && part.startsWith('\u001b')) cropped += part
    else if (room > 0) {
      cropped += part
      room--
    }
  }
  return cropped
}
