// make bench-vm: where the time of the tutorial's switch goes, on virtual machines, beside the same commands typed by hand.
import { parseArgs } from 'node:util'
import { TUTORIAL } from '../test/scenarios/tutorial.js'
import { openMachines } from '../test/vm/index.js'
import { ASK, asRun, commandsFor, type Commands } from './by-hand.js'
import { spreadOf, type Spread } from './figures.js'
import { atMost, openReport } from './report.js'
import { postgresService, type Measured } from './services.js'
import { stageOn, type Configuration, type Stage } from './stage.js'
import { DOCKER_RELOCATION, PINGS_MS } from './docker-relocation.js'
import { lastSwitch, phasesOf, quietSpans, type Line, type Told } from './switch-log.js'

const LIMIT_RATIO = 1.15

/** No wait of a fixed time is in a switch: what is longer is shown. */
const QUIET_MS = 300

/** From a machine to the other one, there and back. */
const WAYS = [[1, 2] as const, [2, 1] as const]

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, json: { type: 'string' } },
})
const report = openReport((line) => console.log(line))
const machines = await openMachines({ name: 'bench' })
try {
  const stage = stageOn(machines)
  await stage.om(1, 'cluster set --kw heartbeat.profile=slow')
  await measure(stage, Number(values.rounds))
} finally {
  await machines.down()
}
if ((await report.end(values.json)) > 0) process.exitCode = 1

async function measure(stage: Stage, rounds: number): Promise<void> {
  const under = await relocatable(stage, 'db1', '192.168.100.14')
  const hand = await relocatable(stage, 'hand1', '192.168.100.15')
  await stage.deploy(under.name, under.configuration)
  await stage.deploy(hand.name, hand.configuration)
  // what the agent made stays, and is nobody's from here on
  await stage.om(1, `${hand.name} stop --wait`)
  await stage.om(1, `${hand.name} delete`)
  // LVM there remembers what it saw before the group was made
  await stage.node(2).run(['pvscan', '--cache'])
  const commands = await bothWays(stage, under, hand)
  await typePrepare(hand, commands[2], 1)
  await timed(1, asking(hand), commands[2].start)
  // By hand before and after: how fast this machine is changes within minutes.
  const before = await thereAndBackByHand(hand, commands)
  await stage.settled(under.name, 1)
  // unmeasured the first two: the machines have not had the service yet, and the daemons have only begun
  const om = (await switches(stage, under, rounds + 1)).slice(2)
  tell(om, [...before, ...(await thereAndBackByHand(hand, commands))])
}

/** There and back that many times. */
async function switches(stage: Stage, under: Measured, times: number): Promise<readonly Told[]> {
  const told: Told[] = []
  for (const [from, to] of Array.from({ length: times }, () => WAYS).flat()) {
    await stage.om(from, `${under.name} switch --wait`)
    await stage.settled(under.name, to)
    told.push(lastSwitch(await stage.om(from, `${under.name} logs`)))
  }
  return told
}

/** Twice, the first time unmeasured. Without an agent that wakes up at mounts and containers which are none of its own; what it runs stays up. */
async function thereAndBackByHand(
  hand: Measured,
  commands: Readonly<Record<1 | 2, Commands>>,
): Promise<readonly Typed[]> {
  const typed: Typed[] = []
  await Promise.all(machines.nodes.map((node) => node.stopDaemon()))
  for (const [from, to] of [...WAYS, ...WAYS])
    typed.push(await relocateByHand(hand, commands[from], from, to))
  await Promise.all(machines.nodes.map((node) => node.startDaemon()))
  return typed.slice(2)
}

/** The commands of the way there and of the way back, each as the agent then went it. */
async function bothWays(stage: Stage, under: Measured, hand: Measured): Promise<Record<1 | 2, Commands>> {
  const one = async (from: 1 | 2, to: 1 | 2): Promise<Commands> => {
    const commands = await commandsFor(stage, under, hand)
    await stage.om(from, `${under.name} switch --wait`)
    await stage.settled(under.name, to)
    const told = lastSwitch(await stage.om(from, `${under.name} logs`))
    return asRun(commands, told, under, hand, { from: `node${from}`, to: `node${to}` })
  }
  return { 1: await one(1, 2), 2: await one(2, 1) }
}

/** The tutorial's service, word for word but for its disk and its address. */
async function relocatable(stage: Stage, name: string, address: string): Promise<Measured> {
  const disk = await stage.lab.disk('512M')
  const { env, ...rest } = JSON.parse(TUTORIAL) as Record<string, Record<string, string>>
  const configuration: Configuration = { ...rest, env: { ...env, dev: disk, ipaddr: address } }
  return { ...postgresService(name, address, disk), configuration }
}

// What follows takes milliseconds of the machines' own time, without what asks for the numbers in the commands.

interface Typed {
  readonly totalMs: number
  /** Each command with the time that it took, in their order. */
  readonly commands: readonly { readonly text: string; readonly ms: number }[]
}

async function relocateByHand(hand: Measured, commands: Commands, from: number, to: number): Promise<Typed> {
  const parts = [
    await typePrepare(hand, commands, to),
    await timed(from, asking(hand), commands.stop),
    await timed(to, asking(hand), commands.start),
  ]
  const typed = parts.flatMap((part) => part.commands)
  return { totalMs: parts.reduce((sum, { totalMs }) => sum + totalMs, 0), commands: typed }
}

/** What comes before anything stops: the container that holds the namespace, and the interface in it. */
async function typePrepare(hand: Measured, commands: Commands, on: number): Promise<Typed> {
  const [holder = '', ...inside] = commands.prepare.split('\n')
  const held = await timed(on, '', `mkdir -p /srv/${hand.name}/data\n${holder}`)
  const plumbed = await timed(on, asking(hand), inside.join('\n'))
  return {
    totalMs: held.totalMs + plumbed.totalMs,
    commands: [...held.commands, ...plumbed.commands],
  }
}

function asking({ name }: Measured): string {
  return `eval "$(${ASK(name)})"`
}

/** From the first command of a script to the end of its last one. The shell tells the time itself: another process would be counted. */
async function timed(on: number, ask: string, text: string): Promise<Typed> {
  const lines = text.split('\n').filter((line) => line !== '')
  const now = 'echo "@ $EPOCHREALTIME"'
  const script = ['set -e', ask, now, ...lines.flatMap((line) => [line, now])].join('\n')
  const said = await machines.node(on).run(['bash', '-c', script], { timeoutMs: 120_000 })
  const atMs = [...said.matchAll(/^@ (\d+)[.,](\d{6})$/gm)].map(
    ([, s, us]) => Number(s) * 1000 + Number(us) / 1000,
  )
  if (atMs.length !== lines.length + 1) throw new Error(`a script told ${atMs.length} times: ${said}`)
  const ends = atMs.slice(1)
  const commands = lines.map((line, i) => ({ text: line, ms: Math.round((ends[i] ?? 0) - (atMs[i] ?? 0)) }))
  return { totalMs: Math.round((ends.at(-1) ?? 0) - (atMs[0] ?? 0)), commands }
}

function tell(om: readonly Told[], byHand: readonly Typed[]): void {
  const last = om.at(-1)
  if (last !== undefined) {
    tellSteps(last)
    tellTyped(byHand.at(-1)?.commands ?? [])
    tellPhases(last)
    tellQuiet(last)
  }
  report.heading('The whole')
  const whole = (runs: readonly { readonly totalMs: number }[]): readonly number[] =>
    runs.map(({ totalMs }) => totalMs)
  const [agent, script] = [spreadOf(whole(om)), spreadOf(whole(byHand))] as [Spread, Spread]
  report.spread('om db1 switch', agent, 'ms')
  report.spread('the same commands by hand', script, 'ms')
  const ratio = agent.median / script.median
  report.line('ratio', `${ratio.toFixed(2)} x`, atMost(ratio, LIMIT_RATIO, `${LIMIT_RATIO} x`))
  const { totalMs } = DOCKER_RELOCATION
  const rest = (totalMs / (totalMs - PINGS_MS)).toFixed(2)
  report.line(
    'the tutorial’s own, on real machines',
    `${totalMs} ms, ${PINGS_MS} of them waits for pings (${rest} x the rest)`,
  )
  report.set('vm', 'switch_ms', whole(om))
  report.set('vm', 'script_ms', whole(byHand))
  report.set('vm', 'ratio', ratio)
}

function tellTyped(commands: Typed['commands']): void {
  report.heading('By hand, one after the other: milliseconds of each command')
  for (const { text, ms } of commands) console.log(`${column(ms)}  ${text.slice(0, 128)}`)
}

function column(figure: number | string): string {
  return String(figure).padStart(7)
}

function tellSteps({ lines }: Told): void {
  report.heading(
    'The tutorial’s switch, step by step: milliseconds since the order, those until the next line',
  )
  for (const [i, { atMs, who, text }] of lines.entries()) {
    const tookMs = (lines[i + 1]?.atMs ?? atMs) - atMs
    console.log(`${column(atMs)}${column(tookMs)}  ${who.padEnd(24)} ${text.slice(0, 110)}`)
  }
}

/** Of two nodes that act at once both are counted: the phases behind the release are no part of the whole. */
function tellPhases(told: Told): void {
  report.heading('By phase: milliseconds here, and in the tutorial’s own log, of real machines')
  const [ours, theirs] = [phasesOf(told), phasesOf(DOCKER_RELOCATION)]
  for (const phase of new Set([...ours.keys(), ...theirs.keys()]))
    console.log(`  ${phase.padEnd(24)}${column(ours.get(phase) ?? '-')}${column(theirs.get(phase) ?? '-')}`)
  console.log(`  ${'the whole'.padEnd(24)}${column(told.totalMs)}${column(DOCKER_RELOCATION.totalMs)}`)
}

function tellQuiet(told: Told): void {
  report.heading(`Longer than ${QUIET_MS} ms without a command on either node, as far as the log tells`)
  const line = ({ who, text }: Line): string => `${who} ${text.slice(0, 80)}`
  for (const { fromMs, toMs, before, behind, perhaps } of quietSpans(told, QUIET_MS)) {
    const begun = perhaps.map((one) => `; from its begin to the next line: ${line(one)}`)
    console.log(`${column(fromMs)}${column(toMs - fromMs)}  behind: ${line(before)}${begun.join('')}`)
    console.log(`${' '.repeat(14)}  before: ${line(behind)}`)
  }
}
