import { createHash } from 'node:crypto'
import type { RegisterEntry, Stamp } from '../../core/register.js'
import { ok, type Result } from '../../core/result.js'
import { askChange } from '../../core/request/change.js'
import { oneMoreChange } from '../../core/rules-change.js'
import type { Service } from '../../core/service.js'
import type { World } from '../../core/world.js'
import { parseCluster, takeCluster } from '../../spec/cluster.js'
import type { Schema } from '../../spec/schema.js'
import {
  configVersion,
  evaluate,
  parseService,
  type ServiceConfig,
  type ServiceText,
} from '../../spec/service.js'
import type { Clock, Files, Store } from '../ports.js'
import { StoreFailure } from '../store-failure.js'
import type { Node } from './action/view.js'
import type { Agent, Follower } from './agent.js'
import { addToHistory, asHistory, completeHistory, type ConfigEntry } from './history.js'
import { identified } from './identity.js'
import type { Logbook } from './logbook.js'

export interface ConfigurationPorts {
  readonly agent: Agent
  readonly node: Node
  readonly files: Files
  readonly store: Store
  readonly clock: Clock
  readonly logbook: Logbook
  readonly schema: Schema
  /** `/etc/longshore` */
  readonly etcDir: string
}

/**
 * Turns configuration registers into what the world works with, keeps a copy of each text in /etc and every version in the history,
 * and takes a file that was edited by hand as a new version.
 */
export class Configuration implements Follower {
  /** File reads and writes, one after another: a look never falls into the middle of a write. */
  private filing: Promise<void> = Promise.resolve()
  /** Files whose look has not begun yet: it will see what another one would. */
  private readonly unseen = new Set<string>()

  constructor(private readonly o: ConfigurationPorts) {}

  turned(before: World, after: World): void {
    if (before.registers !== after.registers) {
      for (const [key, entry] of Object.entries(after.registers)) {
        if (before.registers[key] === entry) continue
        if (concerns(entry, after)) this.take(entry, after)
      }
    }
    // Members, and with them every service, follow the cluster's configuration.
    if (before.cluster.nodes !== after.cluster.nodes) this.takeAll(after)
  }

  /** Every service's configuration, at the start of the daemon. */
  takeAll(world: World): void {
    for (const entry of Object.values(world.registers)) {
      if (entry.kind === 'config' && concerns(entry, world))
        this.takeService(entry.name, entry.value.text, world)
    }
  }

  /** Whether a text may take the place of the one in force, as far as nodes that hold the service are heard; a text that cannot be read may not. */
  mayFollow(name: string, text: string, world: World, source: string): Result<void> {
    const setting = this.setting(name, world)
    const next = parseService({ ...setting, text, source })
    if (!next.ok) return next
    const former = textOf(world, name, 'config')
    const before = parseService({ ...setting, text: former, source: name, unknownNodes: 'leave out' })
    if (!before.ok) return ok(undefined)
    return askChange(world, name, (node) => ({
      before: this.onNode(before.value, node),
      next: this.onNode(next.value, node),
    }))
  }

  /** What a text is read against: the keywords that there are, and this cluster. */
  setting(name: string, world: World): Omit<ServiceText, 'text' | 'source'> {
    const clusterNodes = world.cluster.nodes.map((node) => node.name)
    return { name, schema: this.o.schema, clusterNodes, clusterName: world.cluster.name }
  }

  /** Brings the files in /etc and the history in step at the start of the daemon; what was edited by hand meanwhile is taken. */
  adoptFiles(world: World): void {
    for (const entry of Object.values(world.registers)) {
      if (!concerns(entry, world)) continue
      const path = this.pathOf(entry.name, entry.kind)
      this.keepHistory(entry, completeHistory)
      this.editedByHand(entry.name, entry.kind)
      this.file(async () => {
        const known = this.o.agent.world.registers[`${entry.kind}/${entry.name}`]
        if (known === entry) await this.writeFile(path, entry.value.text)
      })
    }
  }

  /** A file in services.d, or cluster.yaml, may have changed. Nothing happens where it is as it was last written. */
  editedByHand(name: string, kind: 'config' | 'cluster'): void {
    const path = this.pathOf(name, kind)
    if (this.unseen.has(path)) return
    this.unseen.add(path)
    this.file(() => {
      this.unseen.delete(path)
      return this.takeEdit(name, kind)
    })
  }

  private async takeEdit(name: string, kind: 'config' | 'cluster'): Promise<void> {
    const path = this.pathOf(name, kind)
    const text = await this.o.files.read(path)
    const written = this.o.store.get(fileKey(path))
    if (!text.ok || written === null || written === configVersion(text.value)) return
    this.o.store.put(fileKey(path), configVersion(text.value))
    const { agent, logbook } = this.o
    const inForce = textOf(agent.world, name, kind)
    if (text.value === inForce) return this.backInStep(name, kind, path)
    const checked =
      kind === 'config'
        ? this.mayFollow(name, text.value, agent.world, path)
        : changedCluster(agent.world, { text: text.value, source: path, inForce })
    if (!checked.ok) {
      logbook.write({
        service: kind === 'config' ? name : null,
        level: 'warn',
        message: `${path} was edited and is refused, the last good version stays in force: ${checked.error.message}`,
      })
      if (kind === 'config')
        agent.put({ kind: 'configured', name, service: null, problem: checked.error.message })
      return
    }
    const value = { text: text.value, author: 'file' }
    const taken = agent.write(
      kind === 'config' ? [{ kind, name, value }] : [{ kind, name: 'cluster', value }],
    )
    logbook.write({
      service: kind === 'config' ? name : null,
      level: taken.ok ? 'info' : 'error',
      message: taken.ok
        ? `${path} was edited: taken as a new version`
        : `${path} was edited and could not be taken: ${taken.error.message}; then save the file again`,
    })
  }

  /** After an edit that was refused, the file is what is in force again. */
  private backInStep(name: string, kind: 'config' | 'cluster', path: string): void {
    const { agent, logbook } = this.o
    if (kind === 'config') this.takeService(name, textOf(agent.world, name, kind), agent.world)
    logbook.write({ service: kind === 'config' ? name : null, message: `${path} is as in force again` })
  }

  pathOf(name: string, kind: 'config' | 'cluster'): string {
    return kind === 'cluster' ? `${this.o.etcDir}/cluster.yaml` : `${this.o.etcDir}/services.d/${name}.yaml`
  }

  /** Every write that was begun is on disk. */
  settled(): Promise<void> {
    return this.filing
  }

  private take(entry: ConfigEntry, world: World): void {
    this.keepHistory(entry, addToHistory)
    const path = this.pathOf(entry.name, entry.kind)
    const { text } = entry.value
    this.file(() => this.writeFile(path, text))
    if (entry.kind === 'config') this.takeService(entry.name, text, world)
    else this.takeCluster(text ?? '', path, entry.stamp)
  }

  private takeService(name: string, text: string | null, world: World): void {
    const { agent } = this.o
    if (text === null) {
      agent.put({ kind: 'deleted', name })
      return
    }
    const source = this.pathOf(name, 'config')
    const config = parseService({ ...this.setting(name, world), text, source, unknownNodes: 'leave out' })
    if (config.ok) {
      agent.put({ kind: 'configured', name, service: this.onNode(config.value, world.self), problem: null })
      return
    }
    this.o.logbook.write({
      service: name,
      level: 'error',
      message: `configuration refused: ${config.error.message}`,
    })
    agent.put({ kind: 'configured', name, service: null, problem: config.error.message })
  }

  /** Members follow from text and cluster together, so the version that instances compare names both. */
  private onNode(config: ServiceConfig, node: string): Service {
    const service = evaluate(config, node)
    const members = createHash('sha256').update(service.nodes.join(' ')).digest('hex').slice(0, 8)
    const version = `${config.version}.${members}`
    return identified({ ...this.o.node, name: node }, { ...service, version })
  }

  private takeCluster(text: string, path: string, version: Stamp): void {
    const cluster = parseCluster({ text, source: path })
    if (cluster.ok) this.o.agent.put({ kind: 'cluster', cluster: cluster.value, version })
    else
      this.o.logbook.write({
        level: 'error',
        message: `cluster configuration refused: ${cluster.error.message}`,
      })
  }

  private keepHistory(entry: ConfigEntry, keep: typeof addToHistory): void {
    try {
      keep(this.o.store, entry)
    } catch (error) {
      if (!(error instanceof StoreFailure)) throw error
      const { version } = asHistory(entry)
      const message = `version ${version} of ${entry.name} is in force and missing in the history of this node: ${error.message}`
      this.o.logbook.write({ level: 'error', message })
    }
  }

  private async writeFile(path: string, text: string | null): Promise<void> {
    const { files, logbook, store } = this.o
    if (text === null) {
      store.putAll([{ key: fileKey(path), value: null }])
      await files.remove(path)
      return
    }
    const there = await files.read(path)
    if (!there.ok || there.value !== text) {
      await files.makeDirectory(path.slice(0, path.lastIndexOf('/')), 0o755)
      const written = await files.write(path, text, 0o600)
      if (!written.ok) {
        const message = `${written.error.message}; the configuration is in force all the same`
        logbook.write({ level: 'error', message })
        return
      }
    }
    store.put(fileKey(path), configVersion(text))
  }

  /** After whatever is done with files already. What goes wrong is said, and stops nothing that comes after. */
  private file(work: () => Promise<void>): void {
    this.filing = this.filing.then(work).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error)
      this.o.logbook.write({
        level: 'error',
        message: `the files in ${this.o.etcDir} are not in step: ${message}`,
      })
    })
  }
}

function changedCluster(
  world: World,
  edit: Parameters<typeof takeCluster>[0],
): ReturnType<typeof takeCluster> {
  const next = parseCluster(edit)
  if (!next.ok) return next
  const possible = oneMoreChange(world, next.value)
  return possible.ok ? takeCluster(edit) : possible
}

/** Where the store keeps the version that a file was last written with, or taken from. */
const fileKey = (path: string): string => `file/${path}`

/** A witness keeps services' registers for others and has no use for them itself. */
function concerns(entry: RegisterEntry, { self, cluster }: World): entry is ConfigEntry {
  if (entry.kind === 'cluster') return true
  return entry.kind === 'config' && cluster.nodes.some(({ name }) => name === self)
}

/** What is in force; empty where nothing is. */
function textOf(world: World, name: string, kind: 'config' | 'cluster'): string {
  const entry = world.registers[`${kind}/${name}`]
  return entry?.kind === kind ? (entry.value.text ?? '') : ''
}
