import { createHash } from 'node:crypto'
import type { RegisterEntry } from '../../core/register.js'
import type { Result } from '../../core/result.js'
import type { Service } from '../../core/service.js'
import type { World } from '../../core/world.js'
import { parseCluster } from '../../spec/cluster.js'
import type { Schema } from '../../spec/schema.js'
import { configVersion, evaluate, parseService, type ServiceConfig } from '../../spec/service.js'
import type { Clock, Files, Store } from '../ports.js'
import type { Agent, Follower } from './agent.js'
import type { Logbook } from './logbook.js'

export interface ConfigurationPorts {
  readonly agent: Agent
  readonly files: Files
  readonly store: Store
  readonly clock: Clock
  readonly logbook: Logbook
  readonly schema: Schema
  /** `/etc/longshore` */
  readonly etcDir: string
}

type ConfigEntry = Extract<RegisterEntry, { kind: 'config' | 'cluster' }>

/**
 * Turns configuration registers into what the world works with, keeps a copy of each text in /etc and every version in the history,
 * and takes a file that was edited by hand as a new version.
 */
export class Configuration implements Follower {
  /** Texts as last written to or read from /etc, by file name: what differs was edited by hand. */
  private readonly onDisk = new Map<string, string>()
  /** File writes, one after another. */
  private writing: Promise<void> = Promise.resolve()

  constructor(private readonly o: ConfigurationPorts) {}

  turned(before: World, after: World): void {
    if (before.registers !== after.registers) {
      for (const [key, entry] of Object.entries(after.registers)) {
        if (before.registers[key] === entry) continue
        if (entry.kind === 'config' || entry.kind === 'cluster') this.take(entry, after)
      }
    }
    // Members, and with them every service, follow the cluster's configuration.
    if (before.cluster.nodes !== after.cluster.nodes) this.takeAll(after)
  }

  /** Every service's configuration, at the start of the daemon. */
  takeAll(world: World): void {
    for (const entry of Object.values(world.registers)) {
      if (entry.kind === 'config') this.takeService(entry.name, entry.value.text, world)
    }
  }

  /** How a text would be seen by this node, or why it is refused. */
  read(name: string, text: string, world: World, source: string): Result<Service> {
    const config = this.parse(name, text, world, source, 'refuse')
    return config.ok ? { ok: true, value: onNode(config.value, world.self) } : config
  }

  parse(
    name: string,
    text: string,
    world: World,
    source: string,
    unknownNodes: 'refuse' | 'leave out',
  ): Result<ServiceConfig> {
    return parseService({
      name,
      text,
      source,
      schema: this.o.schema,
      clusterNodes: world.cluster.nodes.map((node) => node.name),
      clusterName: world.cluster.name,
      unknownNodes,
    })
  }

  /** A file in services.d, or cluster.yaml, as it is now. Nothing happens where it is as it was written. */
  async editedByHand(name: string, kind: 'config' | 'cluster'): Promise<void> {
    const path = this.pathOf(name, kind)
    const text = await this.o.files.read(path)
    if (!text.ok || this.onDisk.get(path) === undefined || this.onDisk.get(path) === text.value) return
    this.onDisk.set(path, text.value)
    const { agent, logbook } = this.o
    const checked =
      kind === 'config'
        ? this.read(name, text.value, agent.world, path)
        : parseCluster({ text: text.value, source: path })
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
    logbook.write({
      service: kind === 'config' ? name : null,
      message: `${path} was edited: taken as a new version`,
    })
    const value = { text: text.value, author: 'file' }
    agent.write(kind === 'config' ? [{ kind, name, value }] : [{ kind, name: 'cluster', value }])
  }

  pathOf(name: string, kind: 'config' | 'cluster'): string {
    return kind === 'cluster' ? `${this.o.etcDir}/cluster.yaml` : `${this.o.etcDir}/services.d/${name}.yaml`
  }

  /** Every write that was begun is on disk. */
  settled(): Promise<void> {
    return this.writing
  }

  private take(entry: ConfigEntry, world: World): void {
    this.keepHistory(entry)
    const path = this.pathOf(entry.name, entry.kind)
    const { text } = entry.value
    this.writing = this.writing.then(() => this.writeFile(path, text))
    if (entry.kind === 'config') this.takeService(entry.name, text, world)
    else this.takeCluster(text ?? '', path)
  }

  private takeService(name: string, text: string | null, world: World): void {
    const { agent } = this.o
    if (text === null) {
      agent.put({ kind: 'deleted', name })
      return
    }
    const config = this.parse(name, text, world, this.pathOf(name, 'config'), 'leave out')
    if (config.ok) {
      agent.put({ kind: 'configured', name, service: onNode(config.value, world.self), problem: null })
      return
    }
    this.o.logbook.write({
      service: name,
      level: 'error',
      message: `configuration refused: ${config.error.message}`,
    })
    agent.put({ kind: 'configured', name, service: null, problem: config.error.message })
  }

  private takeCluster(text: string, path: string): void {
    const cluster = parseCluster({ text, source: path })
    if (cluster.ok) this.o.agent.put({ kind: 'cluster', cluster: cluster.value })
    else
      this.o.logbook.write({
        level: 'error',
        message: `cluster configuration refused: ${cluster.error.message}`,
      })
  }

  private keepHistory(entry: ConfigEntry): void {
    const { text, author } = entry.value
    const version = text === null ? 'deleted' : configVersion(text)
    const { wallMs, node } = entry.stamp
    this.o.store.addHistory(`${entry.kind}/${entry.name}`, { version, wallMs, author, node, text })
  }

  private async writeFile(path: string, text: string | null): Promise<void> {
    const { files, logbook } = this.o
    if (text === null) {
      this.onDisk.delete(path)
      await files.remove(path)
      return
    }
    if (this.onDisk.get(path) === text) return
    this.onDisk.set(path, text)
    await files.makeDirectory(path.slice(0, path.lastIndexOf('/')), 0o755)
    const written = await files.write(path, text, 0o600)
    if (!written.ok)
      logbook.write({
        level: 'error',
        message: `${written.error.message}; the configuration is in force all the same`,
      })
  }
}

/** Members follow from text and cluster together, so the version that instances compare names both. */
function onNode(config: ServiceConfig, node: string): Service {
  const service = evaluate(config, node)
  const members = createHash('sha256').update(service.nodes.join(' ')).digest('hex').slice(0, 8)
  return { ...service, version: `${config.version}.${members}` }
}
