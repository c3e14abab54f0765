// Where a lab is: its names and folders. Every name on the machine carries the lab's own.
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { LabError } from './failure.js'

export type DaemonMode = 'default' | 'tuned' | 'none'

/** What was asked for at `up`. */
export interface Plan {
  readonly nodes: number
  readonly daemon: DaemonMode
  readonly docker: boolean
  readonly cluster: boolean
  /** The last node only votes: its daemon is the cluster's witness. */
  readonly witness?: boolean
  /** How long a fed watchdog waits for its next byte; absent where there is none. */
  readonly watchdogMs?: number
}

/** What `up` writes down for the commands that come after it. */
export interface LabRecord {
  readonly plan: Plan
  readonly rootfs: string
  /** A Docker data folder with all images loaded, copied into each node. */
  readonly dockerSeed: string
  /** Bulk: overlay uppers, Docker folders, disks. Outlives crashes, not `down`. */
  readonly store: string
}

export interface Place {
  readonly name: string
  /** State of the running lab: process numbers, FIFOs. */
  readonly run: string
  readonly switchNamespace: string
  readonly checkout: string
}

export function placeOf(name: string): Place {
  if (!/^[a-z0-9]{1,6}$/.test(name)) {
    throw new LabError(`LAB_NAME "${name}" is no lab name: set it to 1 to 6 letters a-z or digits`)
  }
  return {
    name,
    run: join('/run/longshore-lab', name),
    switchNamespace: `lsl-${name}-sw`,
    checkout: join(import.meta.dirname, '../..'),
  }
}

/** The folder for everything that is built once per machine. */
export function cacheFolder(): string {
  return process.env['LONGSHORE_CACHE'] ?? join(homedir(), '.cache/longshore')
}

/** Where a lab named so keeps its bulk. In the cache, so that images can be linked instead of copied. */
export function storeFolder(name: string): string {
  return join(cacheFolder(), 'labs', name)
}

export async function recordOf(place: Place): Promise<LabRecord> {
  const record = await readRecord(place)
  if (record === undefined) {
    throw new LabError(`no lab named ${place.name} is up: start it with "lab up" (LAB_NAME chooses the lab)`)
  }
  return record
}

export async function readRecord(place: Place): Promise<LabRecord | undefined> {
  const text = await readFile(recordFile(place), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as LabRecord)
}

export function recordFile(place: Place): string {
  return join(place.run, 'lab.json')
}

/** The numbers of a lab's nodes: 1 to N. */
export function numbersOf(plan: Plan): number[] {
  return Array.from({ length: plan.nodes }, (_, i) => i + 1)
}

/** `node2`, `2` or `n2` to 2; a clear refusal where the lab has no such node. */
export function nodeNumber(plan: Plan, word: string): number {
  const found = /^(?:node|n)?([1-9])$/.exec(word)?.[1]
  if (found === undefined || Number(found) > plan.nodes) {
    throw new LabError(`there is no node "${word}" in this lab: name one of node1 to node${plan.nodes}`)
  }
  return Number(found)
}

export function isWitness(plan: Plan, n: number): boolean {
  return plan.witness === true && n === plan.nodes
}

export function nodeName(n: number): string {
  return `node${n}`
}

export function nodeNamespace(place: Place, n: number): string {
  return `lsl-${place.name}-node${n}`
}

/** A node's state folder: gone with `down`, remade at each boot. */
export function nodeState(place: Place, n: number): string {
  return join(place.run, nodeName(n))
}

/** A node's bulk: overlay upper, Docker's folder. */
export function nodeStore(record: Pick<LabRecord, 'store'>, n: number): string {
  return join(record.store, nodeName(n))
}
