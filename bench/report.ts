// What a run has found: a line for people as soon as it is known, and one JSON object at the end.
import { writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { spreadText, type Spread } from './figures.js'

/** What is measured against what was expected. */
export interface Expectation {
  readonly text: string
  readonly met: boolean
}

export type Figure = number | string | readonly number[]

export interface Report {
  heading(text: string): void
  /** A measured thing, with the expectation that it has. */
  line(what: string, figures: string, expectation?: Expectation): void
  spread(what: string, spread: Spread, unit: string, expectation?: Expectation): void
  /** Into the JSON: `switch.outage_ms`. */
  set(section: string, key: string, value: Figure): void
  /** The number of expectations that were missed. */
  end(file: string | undefined): Promise<number>
}

const WHAT_COLUMNS = 44

export function openReport(say: (line: string) => void): Report {
  const sections: Record<string, Record<string, Figure>> = {}
  const missed: string[] = []
  const set: Report['set'] = (section, key, value) => {
    sections[section] = { ...sections[section], [key]: value }
  }
  const line: Report['line'] = (what, figures, expectation) => {
    const verdict =
      expectation === undefined ? '' : `  ${expectation.met ? 'ok' : 'MISSED'}: expected ${expectation.text}`
    say(`  ${what.padEnd(WHAT_COLUMNS)} ${figures}${verdict}`)
    if (expectation?.met === false) missed.push(`${what}: ${figures}, expected ${expectation.text}`)
  }
  const before = loadNow()
  say(`load of the machine: ${before} (ratios mean something below 3)`)
  return {
    heading: (text) => say(`\n${text}`),
    line,
    spread: (what, spread, unit, expectation) =>
      line(what, `${spreadText(spread, unit)}, ${spread.runs} runs`, expectation),
    set,
    async end(file) {
      set('machine', 'load_before', Number(before))
      set('machine', 'load_after', Number(loadNow()))
      say(`\nload of the machine: ${loadNow()}`)
      say(missed.length === 0 ? 'every expectation is met' : `${missed.length} missed:`)
      for (const one of missed) say(`  ${one}`)
      if (file !== undefined) await writeFile(file, `${JSON.stringify(sections, null, 2)}\n`)
      return missed.length
    },
  }
}

const loadNow = (): string => (loadavg()[0] ?? 0).toFixed(1)

/** At most so much. */
export const atMost = (value: number, limit: number, text: string): Expectation => ({
  text: `at most ${text}`,
  met: value <= limit,
})

export const below = (value: number, limit: number, text: string): Expectation => ({
  text: `under ${text}`,
  met: value < limit,
})
