// How long the commands that people type most take, beside a bare node: in turns, in one shell of a node.
import { spreadOf, spreadText, type Spread } from './figures.js'
import { atMost, type Report } from './report.js'
import type { Stage } from './stage.js'

const LIMIT_MS = 60

const COMMANDS = [
  { key: 'node_ms', line: 'node -e 0' },
  { key: 'print_status_ms', line: 'om db1 print status' },
  { key: 'svcmon_ms', line: 'svcmon' },
] as const

type Key = (typeof COMMANDS)[number]['key']

/** `suffix` tells the keys of a second measurement from those of the first. */
export async function measureCommands(
  stage: Stage,
  rounds: number,
  report: Report,
  suffix = '',
): Promise<void> {
  const times = await timesOf(stage, rounds)
  const node = spreadOf(times.get('node_ms') ?? []) as Spread
  for (const { key, line } of COMMANDS) {
    const spread = spreadOf(times.get(key) ?? []) as Spread
    const beyond = spread.median - node.median
    const more = key === 'node_ms' ? '' : `, ${beyond.toFixed(0)} ms more than node`
    const figures = `${spreadText(spread, 'ms')}, ${spread.runs} runs${more}`
    const expected =
      key === 'node_ms' || suffix !== '' ? undefined : atMost(beyond, LIMIT_MS, `${LIMIT_MS} ms more`)
    report.line(line, figures, expected)
    report.set('cli', `${key}${suffix}`, spread.median)
    report.set('cli', `${key}${suffix}_least`, spread.least)
  }
}

async function timesOf(stage: Stage, rounds: number): Promise<ReadonlyMap<Key, readonly number[]>> {
  const timed = COMMANDS.map(
    ({ key, line }) =>
      `began=\${EPOCHREALTIME/./}; ${line} >/dev/null || exit 1; echo ${key} $((\${EPOCHREALTIME/./} - began))`,
  )
  const text = `for ((i = 0; i < ${rounds + 1}; i++)); do\n${timed.join('\n')}\ndone`
  const said = await stage.node(1).run(['bash', '-c', text], { timeoutMs: 300_000 })
  const times = new Map<Key, number[]>(COMMANDS.map(({ key }) => [key, []]))
  // the first round reads files that the others find in memory
  for (const line of said.trim().split('\n').slice(COMMANDS.length)) {
    const [key, microseconds] = line.split(' ')
    times.get(key as Key)?.push(Number(microseconds) / 1000)
  }
  return times
}
