import type { Terminal } from './terminal.js'

/** Lines at the end of what was printed, rewritten in place as they change. Only for a terminal. */
export class LiveLines {
  private shown: readonly string[] = []

  constructor(private readonly terminal: Terminal) {}

  /** Shows the last of these lines, as many as there is room for. */
  update(lines: readonly string[]): void {
    const rows = Math.max(1, (this.terminal.size()?.rows ?? 24) - 2)
    const next = lines.slice(-rows)
    const up = this.shown.length > 0 ? `\u001b[${this.shown.length}A` : ''
    const surplus = this.shown.length > next.length ? '\u001b[J' : ''
    this.terminal.out(`${up}${next.map((line) => `\r\u001b[K${line}\n`).join('')}${surplus}`)
    this.shown = next
  }

  /** What is shown stays as it is; the next update begins below whatever was printed since. */
  leave(): void {
    this.shown = []
  }
}
