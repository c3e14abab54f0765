// The process of a watcher, run in the switch's network namespace: looks every few milliseconds, and prints what has changed.
import { readdirSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { basename } from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import type { Sighting } from './sightings.js'
import { WATCH_PORT } from '../lab/network.js'
import type { WatchOrder } from './watcher.js'

const ANSWER_MS = 500
const SAY_MS = 500

const order = JSON.parse(process.argv[2] ?? '{}') as WatchOrder
const say = (sighting: Sighting): void => void process.stdout.write(`${JSON.stringify(sighting)}\n`)
const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // it ended, or its node is down
    return ''
  }
}

function processesBelow(folder: string): readonly string[] {
  const own = read(`${folder}/cgroup.procs`).split('\n').filter(Boolean)
  let entries: readonly string[] = []
  try {
    entries = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    )
  } catch {
    // the same
  }
  return [...own, ...entries.flatMap((name) => processesBelow(`${folder}/${name}`))]
}

/** By the name that the kernel keeps: to read a process' words is to wait for it while it forks, however busy the machine is. */
const COMM_LENGTH = 15
const comm = basename(order.program).slice(0, COMM_LENGTH)
const isProgram = (pid: string): boolean => read(`/proc/${pid}/comm`).trimEnd() === comm

type Runs = Pick<Extract<Sighting, { kind: 'runs' }>, 'on' | 'frozen'>

function runs(): Runs {
  const [on, frozen]: [string[], string[]] = [[], []]
  for (const { name, freezer } of order.nodes) {
    const thawed = read(`${freezer}/freezer.state`).trim() === 'THAWED'
    if (processesBelow(freezer).some(isProgram)) (thawed ? on : frozen).push(name)
  }
  return { on, frozen }
}

/** Says it only when it is another than before. */
function onChange<T>(tell: (value: T) => void): (value: T) => void {
  let before: string | null = null
  return (value) => {
    const text = JSON.stringify(value)
    if (text === before) return
    before = text
    tell(value)
  }
}

const sayRuns = onChange((now: Runs) => say({ kind: 'runs', atMs: Date.now(), ...now }))
const sayAnswer = onChange((who: string | null) => say({ kind: 'answers', atMs: Date.now(), who }))

const answer = new RegExp(order.answer ?? String.raw`^\s*([\s\S]*\S)`)
/** The try that is under way. */
let asking: Socket | null = null
/** One try at a time: a busy server would only become busier. */
function ask(): void {
  if (asking !== null) return
  const socket = connect({ host: order.address, port: order.port })
  asking = socket
  const settle = (who: string | null): void => {
    if (asking !== socket) return
    asking = null
    clearTimeout(timer)
    socket.resetAndDestroy()
    sayAnswer(who)
  }
  const timer = setTimeout(() => settle(null), ANSWER_MS)
  let said = ''
  if (order.question !== undefined) socket.write(Buffer.from(order.question, 'base64'))
  socket.on('data', (bytes: Buffer) => {
    said += bytes.toString('latin1')
    const who = answer.exec(said)?.[1]
    if (who !== undefined) settle(who)
  })
  socket.on('error', () => settle(null))
  socket.on('end', () => settle(null))
}

/** Asked for by broadcast each time: whoever has the address answers, however many there are. */
function askByArp(): void {
  const words = [WATCH_PORT, order.address, String(order.everyMs)]
  const child = execa(order.owners, words, { reject: false, buffer: false })
  createInterface(child.stdout).on('line', (line) => {
    const [word, ms] = line.split(' ')
    if (word === 'late') blindMs = Math.max(blindMs, Number(ms))
    else say({ kind: 'owns', atMs: Date.now(), who: line })
  })
  void child.then(({ shortMessage }) => {
    process.stderr.write(`nobody asks who has ${order.address} any more: ${shortMessage ?? 'it ended'}\n`)
    process.exit(1)
  })
}

let lookedMs = performance.now()
let blindMs = 0
function look(): void {
  sayRuns(runs())
  const nowMs = performance.now()
  blindMs = Math.max(blindMs, nowMs - lookedMs)
  lookedMs = nowMs
  ask()
}

askByArp()
look()
setInterval(look, order.everyMs)
setInterval(() => {
  say({ kind: 'looked', atMs: Date.now(), blindMs: Math.round(blindMs) })
  blindMs = 0
}, SAY_MS)
process.stdin.on('end', () => process.exit(0)).resume()
