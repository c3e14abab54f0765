// make bench: what the agent costs, in figures of one run on two lab nodes. Never fails because of a figure: it says what was missed.
import { parseArgs } from 'node:util'
import { measureBeats } from './beats.js'
import { measureCommands } from './cli.js'
import { measureCrash, measureRestart } from './crash.js'
import { measureDaemon } from './daemon.js'
import { measureFailover } from './failover.js'
import { measureGarbage } from './garbage.js'
import { openReport, type Report } from './report.js'
import { postgresService, webService, type Measured } from './services.js'
import { openStage, type Stage } from './stage.js'
import { measureStress } from './stress.js'
import { measureSwitch } from './switch.js'

const PARTS = ['switch', 'postgres', 'restart', 'crash', 'cli', 'daemon', 'beats', 'failover'] as const
/** Take as long as one wants to wait: run by their names alone. */
const LONG = ['stress', 'garbage'] as const
type Part = (typeof PARTS)[number] | (typeof LONG)[number]

interface Wish {
  readonly json: string | undefined
  readonly parts: readonly Part[]
  readonly quick: boolean
  /** Of the long ones. */
  readonly minutes: number
}

const USAGE = `usage: tsx bench/main.ts [--json FILE] [--quick] [--only ${[...PARTS, ...LONG].join(',')}] [--minutes N]
  --quick    few runs each, for a look
  --only     some parts alone
  --minutes  how long stress and garbage last, 30 unless told`

await main()

async function main(): Promise<void> {
  const wish = wishOf(process.argv.slice(2))
  if (wish === undefined) {
    console.error(USAGE)
    process.exitCode = 1
    return
  }
  const report = openReport((line) => console.log(line))
  const ownLabs: readonly Part[] = ['beats', 'failover', ...LONG]
  if (wish.parts.some((part) => !ownLabs.includes(part))) await measureTwo(wish, report)
  if (wish.parts.includes('beats')) {
    report.heading('Heartbeats beside work, with quorum')
    await measureBeats(report)
  }
  if (wish.parts.includes('failover')) {
    report.heading('A node dies, with quorum: an address and a process')
    await measureFailover(wish.quick ? 2 : 10, report)
  }
  if (wish.parts.includes('stress')) await measureStress(wish.minutes, report)
  if (wish.parts.includes('garbage')) await measureGarbage(wish.minutes, report)
  await report.end(wish.json)
}

/** What is measured on two nodes without quorum. */
async function measureTwo(wish: Wish, report: Report): Promise<void> {
  const stage = await openStage()
  try {
    await measure(stage, wish, report)
  } finally {
    await stage.end()
  }
}

function wishOf(argv: readonly string[]): Wish | undefined {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        json: { type: 'string' },
        quick: { type: 'boolean' },
        only: { type: 'string' },
        minutes: { type: 'string', default: '30' },
      },
    })
    const named: readonly string[] = values.only?.split(',') ?? PARTS
    const parts = [...PARTS, ...LONG].filter((part) => named.includes(part))
    const minutes = Number(values.minutes)
    if (parts.length !== named.length || !(minutes > 0)) return undefined
    return { json: values.json, parts, quick: values.quick === true, minutes }
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
  if (parts.includes('daemon')) {
    await stage.om(1, 'db1 purge --yes --wait')
    report.heading('The daemon, idle')
    // What came before is not what is measured.
    for (const n of [1, 2]) await stage.om(n, 'daemon restart')
    const windowMs = quick ? 10_000 : 60_000
    await measureDaemon(stage, 1, windowMs, report)
    await measureDaemon(stage, 200, windowMs, report)
  }
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
