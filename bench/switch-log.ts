// PURE. Where the time of a switch goes, read from its log.

export interface Line {
  /** Milliseconds since the target state was set. */
  readonly atMs: number
  /** `node1.db1.fs#1` */
  readonly who: string
  readonly text: string
}

export interface Told {
  readonly lines: readonly Line[]
  /** From the target state's setting to its end. */
  readonly totalMs: number
}

const DAY_MS = 86_400_000
const LINE = /^(\d\d):(\d\d):(\d\d),(\d{3}) (\S+)\s+[A-Z]+\s+(.*)$/

/** The last switch in a log as `om SERVICE logs` prints it. Throws where there is none that was met. */
export function lastSwitch(log: string): Told {
  const lines = log.split('\n').flatMap((line) => {
    const [, h, m, s, ms, who = '', text = ''] = LINE.exec(line) ?? []
    if (h === undefined) return []
    return [{ dayMs: ((Number(h) * 60 + Number(m)) * 60 + Number(s)) * 1000 + Number(ms), who, text }]
  })
  const from = lines.findLastIndex(({ text }) => /target state set to placed@/.test(text))
  const until = lines.findIndex(({ text }, i) => i > from && /target state placed@\S+ met/.test(text))
  if (from === -1 || until === -1) throw new Error(`the log tells of no switch that was met:\n${log}`)
  const zeroMs = lines[from]?.dayMs ?? 0
  const told = lines.slice(from, until + 1).map(({ dayMs, who, text }) => {
    // a moment before: the other node's clock; half a day before: midnight
    const sinceMs = dayMs - zeroMs
    return { atMs: sinceMs < -DAY_MS / 2 ? sinceMs + DAY_MS : sinceMs, who, text }
  })
  return { lines: told, totalMs: told.at(-1)?.atMs ?? 0 }
}
