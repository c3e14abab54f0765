// make bench: what the agent costs, in figures of one run on two lab nodes. Never fails because of a figure: it says what was missed.
import { parseArgs } from 'node:util'
import { measureBeats } from './beats.js'
import { measureCommands } from './cli.js'
import { measureCrash, measureRestart } from './crash.js'
import { measureDaemon } from './daemon.js'
import { openReport, type Report } from './report.js'
import { postgresService, webService, type Measured } from './services.js'
import { openStage, type Stage } from './stage.js'
import { measureSwitch } from './switch.js'

const PARTS = ['switch', 'postgres', 'restart', 'crash', 'cli', 'daemon', 'beats'] as const
type Part = (typeof PARTS)[number]

interface Wish {
  readonly json: string | undefined
  readonly parts: readonly Part[]
  readonly quick: boolean
}

const USAGE = `usage: tsx bench/main.ts [--json FILE] [--quick] [--only ${PARTS.join(',')}]
  --quick  few runs each, for a look
  --only   some parts alone`

await main()

async function main(): Promise<void> {
  const wish = wishOf(process.argv.slice(2))
  if (wish === undefined) {
    console.error(USAGE)
    process.exitCode = 1
    return
  }
  const report = openReport((line) => console.log(line))
  const stage = await openStage()
  try {
    await measure(stage, wish, report)
  } finally {
    await stage.end()
  }
  await report.end(wish.json)
}

function wishOf(argv: readonly string[]): Wish | undefined {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { json: { type: 'string' }, quick: { type: 'boolean' }, only: { type: 'string' } },
    })
    const named = values.only?.split(',') ?? PARTS
    const parts = PARTS.filter((part) => named.includes(part))
    return parts.length === named.length
      ? { json: values.json, parts, quick: values.quick === true }
      : undefined
  } catch {
    return undefined
  }
}

async function measure(stage: Stage, { parts, quick }: Wish, report: Report): Promise<void> {
  const web = await measuredWeb(stage, parts, quick ? 2 : 9, report)
  if (parts.includes('postgres')) await measurePostgres(stage, quick ? 1 : 5, report)
  if (parts.includes('restart')) {
    report.heading('A container dies')
    await measureRestart(stage, web, quick ? 2 : 7, report)
  }
  if (parts.includes('crash')) {
    report.heading('A node dies')
    await measureCrash(stage, web, quick ? 1 : 5, report)
  }
  if (parts.includes('cli')) {
    report.heading('Commands')
    await measureCommands(stage, quick ? 5 : 40, report)
  }
  if (parts.includes('daemon') || parts.includes('beats')) await stage.om(1, 'db1 purge --yes --wait')
  if (parts.includes('beats')) {
    report.heading('Heartbeats beside work')
    await measureBeats(stage, report)
  }
  if (!parts.includes('daemon')) return
  report.heading('The daemon, idle')
  const windowMs = quick ? 10_000 : 30_000
  await measureDaemon(stage, 1, windowMs, report)
  await measureDaemon(stage, 200, windowMs, report)
}

/** The service that answers from a file on its disk: relocated, and then there for what follows. */
async function measuredWeb(
  stage: Stage,
  parts: readonly Part[],
  rounds: number,
  report: Report,
): Promise<Measured> {
  const under = webService('db1', '192.168.100.14', await stage.lab.disk('400M'))
  if (!parts.includes('switch')) {
    await stage.deploy(under.name, under.configuration)
    await under.fill(stage, 1)
    return under
  }
  report.heading(
    'A relocation: xfs on a shared disk, a macvlan address, pause, a program that answers from a file',
  )
  const hand = webService('hand1', '192.168.100.15', await stage.lab.disk('400M'))
  await measureSwitch(stage, { under, hand, prefix: '', expected: true }, rounds, report)
  return under
}

async function measurePostgres(stage: Stage, rounds: number, report: Report): Promise<void> {
  report.heading('The same with PostgreSQL')
  const under = postgresService('db2', '192.168.100.16', await stage.lab.disk('600M'))
  const hand = postgresService('hand2', '192.168.100.17', await stage.lab.disk('600M'))
  await measureSwitch(stage, { under, hand, prefix: 'postgres_', expected: false }, rounds, report)
  await stage.om(1, `${under.name} purge --yes --wait`)
}
