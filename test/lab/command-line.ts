// The command line of the lab and of the virtual machines: a thin table over what either of them can do.
import { Command, Option } from 'commander'
import { LabError, messageOf } from './failure.js'
import { labName, statusLines } from './index.js'
import type { DaemonMode, Lab, Network, Plan, ProbeReport } from './index.js'

/** Whose commands these are. */
export interface Kind {
  /** Of the command: `lab`, `vm`. */
  readonly name: string
  readonly description: string
  /** Builds what is built once per machine; what to say of it. */
  readonly prepare: () => Promise<string>
  readonly open: (plan: Partial<Plan>) => Promise<Lab>
  readonly find: () => Promise<Lab>
  readonly remove: () => Promise<void>
  /** What `up` can be asked for besides; their values are part of the plan. */
  readonly wishes?: readonly Option[]
  /** Commands that only this kind has. */
  readonly commands?: (program: Command) => void
}

type Format = 'human' | 'json'
interface Global {
  readonly format?: Format
}

/** Prints an answer: as JSON, or as the line a person wants. */
function say(command: Command, value: unknown, line?: string): void {
  const { format } = command.optsWithGlobals<Global>()
  if (format === 'json') console.log(JSON.stringify(value))
  else if (line !== undefined) console.log(line)
}

interface UpOptions {
  readonly nodes: string
  readonly daemon: DaemonMode
  readonly docker: boolean
  readonly cluster: boolean
  readonly witness?: true
  readonly watchdog?: true
  readonly watchdogPeriod: number
}

function program(kind: Kind): Command {
  const lab = new Command(kind.name)
    .description(kind.description)
    .enablePositionalOptions()
    .showHelpAfterError(`(${kind.name} --help shows every command)`)
  lifeCommands(lab, kind)
  nodeCommands(lab, kind)
  networkCommands(lab, kind)
  lookCommands(lab, kind)
  kind.commands?.(lab)
  // before the command or after it
  for (const command of [lab, ...lab.commands]) {
    command.addOption(
      new Option('--format <format>', 'how to print (default: human)').choices(['human', 'json']),
    )
  }
  return lab
}

function lifeCommands(lab: Command, kind: Kind): void {
  lab
    .command('prepare')
    .description('build what all labs share (root filesystem, images), once per machine')
    .action(async (_options: unknown, command: Command) => {
      const prepared = await kind.prepare()
      say(command, { prepared }, `ready: ${prepared}`)
    })
  const up = lab
    .command('up')
    .description('remove what an earlier lab left, then bring one up')
    .option('--nodes <n>', 'how many nodes, 1 to 5', '2')
    .addOption(
      new Option('--daemon <mode>', 'omd in each node')
        .choices(['default', 'tuned', 'none'])
        .default('default'),
    )
    .option('--no-docker', 'no Docker engine in the nodes')
    .option('--no-cluster', 'leave each daemon a cluster of its own')
    .option('--witness', 'the last node only votes: its daemon is omd --witness')
    .option('--watchdog', 'a watchdog device in each node: /dev/longshore-watchdog')
    .option('--watchdog-period <time>', 'reset a node after this long without a byte', duration, 5000)
    .action(async (options: UpOptions, command: Command) => {
      const { nodes, daemon, docker, cluster, witness = false, watchdog, watchdogPeriod } = options
      const wishes = (kind.wishes ?? []).map((wish) => wish.attributeName())
      const plan = {
        ...Object.fromEntries(Object.entries(options).filter(([name]) => wishes.includes(name))),
        nodes: Number(nodes),
        daemon,
        docker,
        cluster,
        witness,
      }
      const opened = await kind.open(watchdog ? { ...plan, watchdogMs: watchdogPeriod } : plan)
      say(
        command,
        { name: opened.name, nodes: opened.nodes.map((node) => node.name) },
        `${kind.name} ${opened.name} is up`,
      )
    })
  for (const wish of kind.wishes ?? []) up.addOption(wish)
  lab
    .command('down')
    .description('end the lab and remove every trace of it')
    .action(async (_options: unknown, command: Command) => {
      await kind.remove()
      say(command, { down: labName() }, `${kind.name} ${labName()} is down`)
    })
  lab
    .command('disk <size>')
    .description('make a disk that all nodes share (512M, 2G) and print its device')
    .action(async (size: string, _options: unknown, command: Command) => {
      const path = await (await kind.find()).disk(size)
      say(command, { path }, path)
    })
}

/** The commands that do one thing to one node. */
const NODE_COMMANDS = [
  ['crash', 'power loss: silent at once, nothing left but the disks', 'crash'],
  ['boot', 'boot a crashed node on its old disk', 'boot'],
  ['pause', 'stop every process of a node, and its links', 'pause'],
  ['resume', 'let a paused node go on', 'resume'],
  ['isolate', 'drop every frame from and to a node', 'isolate'],
  ['kill-daemon', 'kill -9 of omd', 'killDaemon'],
  ['start-daemon', 'start omd and wait until it serves', 'startDaemon'],
  ['stop-daemon', 'SIGTERM to omd, as systemctl stop', 'stopDaemon'],
] as const

function nodeCommands(lab: Command, kind: Kind): void {
  for (const [name, description, act] of NODE_COMMANDS) {
    lab
      .command(`${name} <node>`)
      .description(description)
      .action(async (which: string, _options: unknown, command: Command) => {
        const node = (await kind.find()).node(which)
        await node[act]()
        say(command, { done: name, node: node.name })
      })
  }
  lab
    .command('exec <node> <command...>')
    .description('run a command in a node: lab exec node1 -- ip addr')
    .passThroughOptions()
    .action(async (which: string, argv: string[]) => {
      const words = argv[0] === '--' ? argv.slice(1) : argv
      process.exitCode = await (await kind.find()).node(which).attach(words)
    })
}

function networkCommands(lab: Command, kind: Kind): void {
  lab
    .command('outside <command...>')
    .description(
      'run a program of the images as a client outside of the nodes: lab outside psql -h 192.168.100.14',
    )
    .passThroughOptions()
    .action(async (argv: string[]) => {
      const said = await (await kind.find()).outside(argv[0] === '--' ? argv.slice(1) : argv)
      process.stdout.write(said.stdout)
      process.stderr.write(said.stderr)
      process.exitCode = said.exit
    })
  lab
    .command('cut <a> <b>')
    .description('drop every frame between two nodes')
    .addOption(new Option('--net <net>', 'on this network only').choices(['0', '1']))
    .action(async (a: string, b: string, options: { net?: string }, command: Command) => {
      const network = options.net === undefined ? undefined : (Number(options.net) as Network)
      await (await kind.find()).cut(a, b, network)
      say(command, { done: 'cut', nodes: [a, b] })
    })
  lab
    .command('mute <from> <to>')
    .description('drop every frame from one node to another, and none of those that go the other way')
    .action(async (from: string, to: string, _options: unknown, command: Command) => {
      await (await kind.find()).mute(from, to)
      say(command, { done: 'mute', nodes: [from, to] })
    })
  lab
    .command('lose <percent>')
    .description('drop this share of all frames between nodes, by chance')
    .action(async (percent: string, _options: unknown, command: Command) => {
      await (await kind.find()).lose(Number(percent))
      say(command, { done: 'lose', percent: Number(percent) })
    })
  lab
    .command('heal')
    .description('end every cut, isolation and loss')
    .action(async (_options: unknown, command: Command) => {
      await (await kind.find()).heal()
      say(command, { done: 'heal' })
    })
}

interface ProbeOptions {
  readonly every: number
  readonly for: number
  readonly expect?: string
  readonly connectOnly?: true
}

function lookCommands(lab: Command, kind: Kind): void {
  lab
    .command('status')
    .description('nodes, cuts and disks')
    .action(async (_options: unknown, command: Command) => {
      const status = await (await kind.find()).status()
      say(command, status, statusLines(status).join('\n'))
    })
  lab
    .command('probe <address> <port>')
    .description('ask a TCP service from the outside again and again, then tell when it was silent')
    .option('--every <time>', 'a new try each', duration, 10)
    .option('--for <time>', 'how long; SIGINT and SIGTERM end it before', duration, 30_000)
    .option('--expect <text>', 'the answer must contain this')
    .option('--connect-only', 'a connection alone is an answer')
    .action(async (address: string, port: string, options: ProbeOptions, command: Command) => {
      const { every: everyMs, for: forMs, ...rest } = options
      const probe = await (await kind.find()).probe({ address, port: Number(port), everyMs, forMs, ...rest })
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void probe.stop())
      const report = await probe.report
      say(command, report, probeLines(report).join('\n'))
    })
}

function probeLines({ tries, answered, outages }: ProbeReport): string[] {
  const when = (ms: number) => new Date(ms).toISOString().slice(11, 23)
  return [
    `${answered} of ${tries} tries were answered`,
    ...outages.map(
      ({ from, to, ms, open }) => `silent ${when(from)} to ${open ? 'the end' : when(to)}: ${ms} ms`,
    ),
  ]
}

/** `10ms`, `30s`, `2m` to milliseconds. */
function duration(text: string): number {
  const found = /^(\d+)(ms|s|m)$/.exec(text)
  if (found === null) throw new LabError(`"${text}" is no duration: write it as 10ms, 30s or 2m`)
  return Number(found[1]) * { ms: 1, s: 1000, m: 60_000 }[found[2] as 'ms' | 's' | 'm']
}

/** Carries out what was typed; an error is one sentence, and exit code 1. */
export async function carryOut(kind: Kind): Promise<void> {
  try {
    await program(kind).parseAsync()
  } catch (thrown) {
    console.error(`${kind.name}: ${thrown instanceof LabError ? thrown.message : messageOf(thrown)}`)
    process.exitCode = 1
  }
}
