// The process of a watcher, run in the switch's network namespace: looks every few milliseconds, and prints what has changed.
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import type { Sighting } from './sightings.js'
import { WATCH_PORT } from '../lab/network.js'
import type { WatchOrder } from './watcher.js'

const ANSWER_MS = 200
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

/** By itself, as an interpreter's script, or with a title that begins with its name, as PostgreSQL's processes have. */
function isProgram(pid: string): boolean {
  const words = read(`/proc/${pid}/cmdline`).split('\0').slice(0, 2)
  return words.some((word) => word === order.program || word.startsWith(`${order.program}:`))
}

function runningOn(): readonly string[] {
  return order.nodes
    .filter(({ freezer }) => read(`${freezer}/freezer.state`).trim() === 'THAWED')
    .filter(({ freezer }) => processesBelow(freezer).some(isProgram))
    .map(({ name }) => name)
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

const sayRuns = onChange((on: readonly string[]) => say({ kind: 'runs', atMs: Date.now(), on }))
const sayAnswer = onChange((who: string | null) => say({ kind: 'answers', atMs: Date.now(), who }))

/** Tries overlap, and a late one has nothing to say against a newer one. */
let newest = 0
function ask(port: number): void {
  const startedMs = performance.now()
  const socket = connect({ host: order.address, port })
  const settle = (who: string | null): void => {
    clearTimeout(timer)
    socket.resetAndDestroy()
    if (startedMs < newest) return
    newest = startedMs
    sayAnswer(who)
  }
  const timer = setTimeout(() => settle(null), ANSWER_MS)
  socket.on('data', (text: Buffer) => settle(text.toString().trim()))
  socket.on('error', () => settle(null))
}

/** Asked for by broadcast each time: whoever has the address answers, however many there are. */
function askByArp(): void {
  const words = [WATCH_PORT, order.address, String(order.everyMs)]
  const child = execa(order.owners, words, { reject: false, buffer: false })
  createInterface(child.stdout).on('line', (who) => say({ kind: 'owns', atMs: Date.now(), who }))
  void child.then(({ shortMessage }) => {
    process.stderr.write(`nobody asks who has ${order.address} any more: ${shortMessage ?? 'it ended'}\n`)
    process.exit(1)
  })
}

let lookedMs = performance.now()
let blindMs = 0
function look(): void {
  sayRuns(runningOn())
  const nowMs = performance.now()
  blindMs = Math.max(blindMs, nowMs - lookedMs)
  lookedMs = nowMs
  if (order.port !== undefined) ask(order.port)
}

askByArp()
look()
setInterval(look, order.everyMs)
setInterval(() => {
  say({ kind: 'looked', atMs: Date.now(), blindMs: Math.round(blindMs) })
  blindMs = 0
}, SAY_MS)
process.stdin.on('end', () => process.exit(0)).resume()
