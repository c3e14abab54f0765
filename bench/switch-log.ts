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

/** Programs that a switch of the tutorial's service runs: a line that begins with one is a command's begin. */
export const COMMAND = /^(docker|ip|nsenter|mount|umount|mkdir|vgchange|lvchange) /

const DAY_MS = 86_400_000
const LINE = /^(\d\d):(\d\d):(\d\d),(\d{3}) (\S+)\s+[A-Z]+\s+(.*)$/

/** The last switch in a log as `om SERVICE logs` prints it. Throws where there is none that was met. */
export function lastSwitch(log: string): Told {
  const { lines } = wholeOf(log)
  const from = lines.findLastIndex(({ text }) => /target state set to placed@/.test(text))
  const until = lines.findIndex(({ text }, i) => i > from && /target state placed@\S+ met/.test(text))
  if (from === -1 || until === -1) throw new Error(`the log tells of no switch that was met:\n${log}`)
  return sinceFirst(lines.slice(from, until + 1))
}

/** All that a log tells, since its first line. */
export function wholeOf(log: string): Told {
  const lines = log.split('\n').flatMap((line) => {
    const [, h, m, s, ms, who = '', text = ''] = LINE.exec(line) ?? []
    if (h === undefined) return []
    return [{ atMs: ((Number(h) * 60 + Number(m)) * 60 + Number(s)) * 1000 + Number(ms), who, text }]
  })
  return sinceFirst(lines)
}

function sinceFirst(lines: readonly Line[]): Told {
  const zeroMs = lines[0]?.atMs ?? 0
  const told = lines.map((line) => {
    // a moment before: the other node's clock; half a day before: midnight
    const sinceMs = line.atMs - zeroMs
    return { ...line, atMs: sinceMs < -DAY_MS / 2 ? sinceMs + DAY_MS : sinceMs }
  })
  return { lines: told, totalMs: told.at(-1)?.atMs ?? 0 }
}

const nodeOf = ({ who }: Line): string => who.split('.')[0] ?? ''
const ridOf = ({ who }: Line): string | undefined => who.split('.')[2]

/** The order, what is prepared before anything stops, the stop and the start: each ends where the next one begins. */
interface Stage {
  readonly name: 'order' | 'prepare' | 'stop' | 'start'
  /** In the order of time, of both nodes. */
  readonly lines: readonly Line[]
  readonly endMs: number
}

const BEGINS = [
  ['prepare', /^do prepare /],
  ['stop', /^stop failover /],
  ['start', /^start failover /],
] as const

function stagesOf({ lines, totalMs }: Told): readonly Stage[] {
  const begun = BEGINS.flatMap(([name, begin]) => {
    const at = lines.findIndex(({ text }) => begin.test(text))
    return at === -1 ? [] : [{ name, at }]
  })
  return [{ name: 'order' as const, at: 0 }, ...begun].map(({ name, at }, i) => {
    const next = begun[i]?.at
    return { name, lines: lines.slice(at, next), endMs: lines[next ?? -1]?.atMs ?? totalMs }
  })
}

/**
 * Milliseconds by what they went to, `stop fs#1`, in the order of time: a line counts until the node's next one. `agent` is what no resource's
 * line tells, `handover` from the last output of the stop to the start's beginning, `behind` what goes on beside the start.
 */
export function phasesOf(told: Told): ReadonlyMap<string, number> {
  const phases = new Map<string, number>()
  const count = (phase: string, ms: number): void => void phases.set(phase, (phases.get(phase) ?? 0) + ms)
  const stages = stagesOf(told)
  const source = stages.find(({ name }) => name === 'stop')?.lines[0]
  for (const { name, lines, endMs } of stages) {
    const node = nodeOf(lines[0] ?? { atMs: 0, who: '', text: '' })
    // asked beside everything else, wherever its answer stands
    const own = lines.filter((line) => nodeOf(line) === node && !line.text.startsWith('addresses checked'))
    for (const [i, line] of own.entries()) {
      const last = i === own.length - 1
      const tookMs = (own[i + 1]?.atMs ?? endMs) - line.atMs
      const over = name === 'stop' && last && !COMMAND.test(line.text)
      const part = ridOf(line) ?? 'agent'
      count(over ? 'handover' : name === 'order' ? 'order' : `${name} ${part}`, tookMs)
    }
    if (name !== 'start' || source === undefined) continue
    const behind = lines.filter((line) => nodeOf(line) === nodeOf(source) && ridOf(line) !== undefined)
    for (const [i, line] of behind.entries())
      count(`behind ${ridOf(line)}`, (behind[i + 1]?.atMs ?? line.atMs) - line.atMs)
  }
  return phases
}

/** A time in which no command ran on either node, as far as the log tells. */
export interface Quiet {
  readonly fromMs: number
  readonly toMs: number
  readonly before: Line
  readonly behind: Line
  /** Commands that printed nothing, so that the log does not tell their end: they may have run until the node's next line. */
  readonly perhaps: readonly Line[]
}

interface Run {
  readonly line: Line
  readonly toMs: number
  readonly endIsTold: boolean
}

/** Those that are longer than so many milliseconds. */
export function quietSpans({ lines, totalMs }: Told, longerThanMs: number): readonly Quiet[] {
  const runs = lines.flatMap((line, i) =>
    COMMAND.test(line.text) ? [runOf(line, lines.slice(i + 1), totalMs)] : [],
  )
  const spans: Quiet[] = []
  for (const [i, behind] of lines.slice(1).entries()) {
    const before = lines[i]
    if (before === undefined || behind.atMs <= before.atMs) continue
    const under = runs.filter(({ line, toMs }) => line.atMs <= before.atMs && toMs >= behind.atMs)
    if (under.some(({ endIsTold }) => endIsTold)) continue
    const perhaps = under.map(({ line }) => line)
    const last = spans.at(-1)
    const goesOn =
      last?.toMs === before.atMs &&
      last.perhaps.length === perhaps.length &&
      last.perhaps.every((line, n) => line === perhaps[n])
    if (goesOn) spans[spans.length - 1] = { ...last, toMs: behind.atMs, behind }
    else spans.push({ fromMs: before.atMs, toMs: behind.atMs, before, behind, perhaps })
  }
  return spans.filter(({ fromMs, toMs }) => toMs - fromMs > longerThanMs)
}

/**
 * A command's line is its begin, its output its end. Of one without output nothing is known but when the node tells of something else, or a stage
 * begins, which waits for all before it.
 */
function runOf(line: Line, rest: readonly Line[], totalMs: number): Run {
  const answer = rest.find(({ who }) => who === line.who)
  if (answer?.text === 'output:') return { line, toMs: answer.atMs, endIsTold: true }
  const next = rest.find(
    (other) => nodeOf(other) === nodeOf(line) || BEGINS.some(([, begin]) => begin.test(other.text)),
  )
  return { line, toMs: next?.atMs ?? totalMs, endIsTold: false }
}
