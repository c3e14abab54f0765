// What the failure scenarios have in common: nodes to break, `om` to ask, and a watcher that counts instances from outside.
import { appendFileSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { InstanceDocument } from '../../src/core/document.js'
import type { ClusterStatus, ServiceStatus } from '../../src/daemon/api/contract.js'
import { run } from '../lab/command.js'
import { initOf } from '../lab/exec.js'
import { findLab, openLab, type ExecResult, type Lab, type Plan } from '../lab/index.js'
import { isWitness, placeOf } from '../lab/place.js'

/** Longer than anything here takes, with room for a busy machine. */
const PATIENCE_MS = 60_000
const EVERY_MS = 100

/** Shorter than the defaults, and still beyond the pauses of a busy machine. */
const TIMERS = ['heartbeat.interval=250ms', 'heartbeat.timeout=2500ms']

/** A configuration, as JSON would have it. */
export type Configuration = Readonly<Record<string, Readonly<Record<string, string>>>>

export interface Stage {
  readonly lab: Lab
  /** `om WORDS` on a node, whatever its exit code. */
  om(node: number, words: string, input?: string): Promise<ExecResult>
  /** As `om`, and it must succeed; what it printed. */
  mustOm(node: number, words: string, input?: string): Promise<string>
  /** As `om`, and it must end with exit code 1; all that it printed. */
  refusedOm(node: number, words: string): Promise<string>
  /** Deploys a service and waits until it is up. */
  deploy(name: string, configuration: Configuration): Promise<void>
  /** Removes a service, whatever state it is in. */
  purge(name: string): Promise<void>
  service(node: number, name: string): Promise<ServiceStatus>
  /** What a node knows of an instance. */
  instance(asked: number, name: string, of: number): Promise<InstanceDocument>
  cluster(node: number): Promise<ClusterStatus>
  logs(node: number, name: string): Promise<string>
  /** Waits until the instances are in these states: `up`, `down`, `start failed`, … as node number `asked` sees them. */
  settles(asked: number, name: string, states: readonly (string | null)[]): Promise<void>
  /** Counts, from outside of all nodes, on how many a folder is a mount. */
  watchMount(point: string): MountWatch
  /** Gives an address to a machine outside. */
  squat(address: string): Promise<Squatter>
  /** After a scenario that failed half way: cables plugged, nodes up, daemons running, everybody heard. */
  repair(): Promise<void>
  end(): Promise<void>
}

/** An address that another machine on net 0 has, until it is released. */
export interface Squatter {
  readonly mac: string
  release(): Promise<void>
}

export interface MountWatch {
  /** The most that were seen at once. */
  readonly most: () => number
  stop(): Promise<number>
}

/** Asks until the answer is true. What throws meanwhile counts as no. */
export async function until(what: string, ask: () => Promise<boolean>, limitMs = PATIENCE_MS): Promise<void> {
  const endMs = performance.now() + limitMs
  let trouble = ''
  for (;;) {
    try {
      if (await ask()) return
      trouble = ''
    } catch (error) {
      trouble = ` (${error instanceof Error ? error.message : String(error)})`
    }
    if (performance.now() > endMs) throw new Error(`not within ${limitMs / 1000} s: ${what}${trouble}`)
    await sleep(EVERY_MS)
  }
}

/** Brings nodes up. With LAB_KEEP set, those of the last run are used again and left, which is quicker while writing a scenario. */
export async function openStage(name: string, asked: Partial<Plan> = {}): Promise<Stage> {
  const keep = process.env['LAB_KEEP'] !== undefined
  const found = keep ? await findLab(name).catch(() => null) : null
  const lab = found ?? (await openLab({ name, nodes: 2, ...asked }))
  if (found === null) await lab.node(1).run(['om', 'cluster', 'set', ...TIMERS.flatMap((kw) => ['--kw', kw])])
  return stageOn(lab, keep)
}

function stageOn(lab: Lab, keep: boolean): Stage {
  const om: Stage['om'] = (node, words, input) =>
    lab
      .node(node)
      .exec(['om', ...words.split(' ')], { timeoutMs: 120_000, ...(input === undefined ? {} : { input }) })
  const mustOm: Stage['mustOm'] = async (node, words, input) => {
    const ran = await om(node, words, input)
    const said = ran.exit === 0 ? '' : ran.stderr
    expect({ exit: ran.exit, said }, `node${node} # om ${words}`).toEqual({ exit: 0, said: '' })
    return ran.stdout
  }
  const service: Stage['service'] = async (node, name) =>
    JSON.parse(await mustOm(node, `${name} print status --format json`)) as ServiceStatus
  const cluster: Stage['cluster'] = async (node) =>
    JSON.parse(await mustOm(node, 'mon --format json')) as ClusterStatus
  const instance: Stage['instance'] = async (asked, name, of) => {
    const { instances } = await service(asked, name)
    const found = instances.find((one) => one.node === `node${of}`)?.instance
    if (found === null || found === undefined)
      throw new Error(`node${asked} knows no instance of ${name} on node${of}`)
    return found
  }
  return {
    lab,
    om,
    mustOm,
    service,
    instance,
    refusedOm: async (node, words) => {
      const ran = await om(node, words)
      expect(ran.exit, `node${node} # om ${words} said: ${ran.stdout}${ran.stderr}`).toBe(1)
      return ran.stdout + ran.stderr
    },
    deploy: async (name, configuration) =>
      void (await mustOm(1, `${name} deploy --config=- --wait`, JSON.stringify(configuration))),
    purge: (name) => purge(om, name),
    cluster,
    logs: (node, name) => mustOm(node, `${name} logs`),
    settles: (asked, name, states) => settles(service, asked, name, states),
    watchMount: (point) => watchMount(lab, point),
    squat: (address) => squat(lab, address),
    repair: () => repair(lab, cluster),
    end: async () => {
      if (!keep) await lab.down()
    },
  }
}

async function purge(om: Stage['om'], name: string): Promise<void> {
  await om(1, `${name} abort`)
  await until(`${name} is purged`, async () => {
    await om(1, `${name} clear`)
    const said = await om(1, `${name} purge --yes --wait --time 30s`)
    return said.exit === 0 || said.stderr.includes('there is no service')
  })
}

function settles(
  service: Stage['service'],
  asked: number,
  name: string,
  states: readonly (string | null)[],
): Promise<void> {
  const wanted = states.map((state) => state ?? 'anything').join(', ')
  return until(`instances of ${name} are ${wanted}`, async () => {
    const { instances } = await service(asked, name)
    const now = states.map((_, n) => stateOf(instances.find((one) => one.node === `node${n + 1}`)?.instance))
    if (states.every((state, n) => state === null || state === now[n])) return true
    throw new Error(`they are ${now.join(', ')}`)
  })
}

/** The monitor state where it says something, else the availability. */
function stateOf(instance: InstanceDocument | null | undefined): string {
  if (instance === null || instance === undefined) return 'unknown'
  return instance.monitor === 'idle' ? instance.avail : instance.monitor
}

async function repair(lab: Lab, cluster: Stage['cluster']): Promise<void> {
  await lab.heal()
  for (const node of lab.nodes) {
    if ((await initOf(placeOf(lab.name), lab.nodes.indexOf(node) + 1)) === undefined) await node.boot()
    else if (!(await node.daemonRuns())) await node.startDaemon()
  }
  // One that has just booted is heard by some before it is by all. A witness is not asked: it answers at a socket of its own.
  for (const n of lab.nodes.keys()) {
    if (isWitness(lab.plan, n + 1)) continue
    await until(`node${n + 1} hears everybody`, async () =>
      (await cluster(n + 1)).nodes.every((node) => node.state === 'idle' && node.reachable),
    )
  }
}

async function squat(lab: Lab, address: string): Promise<Squatter> {
  const { switchNamespace } = placeOf(lab.name)
  const ip = (...words: readonly string[]): Promise<string> => run(['ip', '-n', switchNamespace, ...words])
  await ip('address', 'add', `${address}/24`, 'dev', 'br0')
  const [link] = JSON.parse(await ip('-json', 'link', 'show', 'dev', 'br0')) as readonly {
    readonly address: string
  }[]
  return {
    mac: link?.address ?? 'no MAC',
    release: async () => void (await ip('address', 'del', `${address}/24`, 'dev', 'br0')),
  }
}

function watchMount(lab: Lab, point: string): MountWatch {
  let most = 0
  let going = true
  const place = placeOf(lab.name)
  const numbers = lab.nodes.map((_, n) => n + 1)
  const loop = async (): Promise<void> => {
    while (going) {
      const inits = await Promise.all(numbers.map((n) => initOf(place, n)))
      const mounted = inits.filter((init) => init !== undefined && isMounted(init.pid, point))
      most = Math.max(most, mounted.length)
      await sleep(20)
    }
  }
  const done = loop()
  return {
    most: () => most,
    stop: async () => {
      going = false
      await done
      return most
    },
  }
}

function isMounted(pid: number, point: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/mounts`, 'utf8').includes(` ${point} `)
  } catch {
    return false
  }
}

/** What the nodes logged of these services, and their state; appended to the file that SCENARIO_LOG names, to be read by people. */
export async function keepLogs(stage: Stage, title: string, names: readonly string[]): Promise<string> {
  let kept = ''
  for (const name of names) {
    for (const node of [1, 2]) {
      const said = await stage.om(node, `${name} logs`).catch(() => null)
      if (said === null || said.exit !== 0) continue
      const status = await stage.om(node, `${name} print status`)
      kept += `\n===== ${title}: ${name} from node${node}\n${said.stdout}${said.stderr}${status.stdout}\n`
      break
    }
  }
  const file = process.env['SCENARIO_LOG']
  if (file !== undefined) appendFileSync(file, kept)
  return kept
}
