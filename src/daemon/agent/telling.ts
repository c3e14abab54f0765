import { heldBack } from '../../core/left-out.js'
import { hears, lives, pulsing } from '../../core/membership.js'
import { storeGap } from '../../core/promises.js'
import { targetName, type RegisterEntry } from '../../core/register.js'
import type { Status } from '../../core/status.js'
import { ownDocument } from '../../core/view.js'
import type { World } from '../../core/world.js'
import type { EventStream } from '../api/stream.js'
import type { Agent, Follower } from './agent.js'
import type { Logbook } from './logbook.js'

/** Tells clients of the API, and the log, what a turn has changed. */
export class Telling implements Follower {
  constructor(
    private readonly o: { readonly stream: EventStream; readonly logbook: Logbook; readonly agent: Agent },
  ) {}

  turned(before: World, after: World): void {
    if (before.registers !== after.registers) {
      const changed = Object.entries(after.registers).filter(
        ([key, entry]) => before.registers[key] !== entry,
      )
      for (const [, entry] of changed) {
        // A target state clears what failed before it: that goes without saying.
        const silent = entry.kind === 'clear' && changed.some(([key]) => key === `target/${entry.name}`)
        if (!silent) this.tellRegister(entry, after.self)
      }
    }
    this.tellStore(before, after)
    this.tellHeldBack(before, after)
    this.tellMembers(before, after)
    this.tellRules(before.rules.earlier.length, after.rules.earlier.length)
    this.tellHeard(before, after)
    this.tellByItself(before, after)
    const shown =
      before.documents !== after.documents ||
      before.registers !== after.registers ||
      before.services !== after.services
    if (shown || soundsOf(before) !== soundsOf(after)) {
      this.o.stream.statusChanged(changedServices(before, after))
    }
  }

  /** Only its operator can say what has become of a node's disk. */
  private tellStore(before: World, after: World): void {
    const gap = storeGap(ownDocument(after))
    if (gap === null || gap === storeGap(ownDocument(before))) return
    this.o.logbook.write({ level: 'error', message: `node ${after.self} ${gap}` })
  }

  private tellRegister(entry: RegisterEntry, self: string): void {
    // Every node's log has the line; the one of its author is what people read.
    const level = entry.stamp.node === self ? 'info' : 'debug'
    switch (entry.kind) {
      case 'target': {
        const { id, target, end } = entry.value
        if (end === null) {
          const message = `service ${entry.name} target state set to ${targetName(target)}`
          this.o.logbook.write({ service: entry.name, level, message })
        }
        this.o.stream.publish({ kind: 'target', service: entry.name, id, name: targetName(target), end })
        return
      }
      case 'freeze':
        this.o.logbook.write({
          level,
          service: entry.name.startsWith('@') ? null : (entry.name.split('@')[0] ?? null),
          message: `${frozenThing(entry.name)} ${entry.value ? 'frozen' : 'thawed'} by ${entry.stamp.node}`,
        })
        return
      case 'off':
        // At a leave it is the node's own word, told with the new members.
        if (entry.value.off && entry.stamp.node !== entry.name) {
          this.o.logbook.write({
            level: 'warn',
            message: `node ${entry.name} declared off by an operator on ${entry.stamp.node}`,
          })
        }
        return
      case 'config':
        this.o.logbook.write({
          level,
          service: entry.name,
          message: `configuration ${entry.value.text === null ? 'deleted' : 'set'} by ${entry.value.author} on ${entry.stamp.node}`,
        })
        return
      case 'cluster':
        this.o.logbook.write({
          level,
          message: `cluster configuration set by ${entry.value.author} on ${entry.stamp.node}`,
        })
        return
      case 'clear':
        this.o.logbook.write({
          level,
          service: entry.name,
          message: `failed states cleared by ${entry.stamp.node}`,
        })
        return
    }
  }

  /** What went down or came up without an action of the agent: the first thing to look for afterwards. */
  private tellByItself(before: World, after: World): void {
    const was = before.documents[after.self]?.instances ?? {}
    const is = after.documents[after.self]?.instances ?? {}
    if (was === is) return
    for (const [service, { resources }] of Object.entries(is)) {
      if (before.actions[service] !== undefined) continue
      for (const [rid, { status }] of Object.entries(resources)) {
        const known = was[service]?.resources[rid]?.status
        if (known === undefined || known === status || !isPlain(known) || !isPlain(status)) continue
        const level = status === 'up' || status === 'stdby up' ? 'info' : 'warn'
        this.o.logbook.write({ service, rid, level, message: `${known} became ${status}, not by the agent` })
      }
    }
  }

  /** A node that goes on with a former configuration is to be stopped by its operator. */
  private tellHeldBack(before: World, after: World): void {
    if (before.services === after.services) return
    for (const [service, view] of Object.entries(after.services)) {
      const was = before.services[service]?.awaited
      if (was === view.awaited) continue
      const why = heldBack(after, view)
      if (why !== null) this.o.logbook.write({ service, level: 'warn', message: why })
      else
        this.o.logbook.write({
          service,
          message: `the configuration that was waited with is in force on ${after.self}`,
        })
    }
  }

  private tellMembers(before: World, after: World): void {
    if (before.cluster.nodes === after.cluster.nodes) return
    const was = memberNames(before)
    const is = memberNames(after)
    for (const node of is.filter((name) => !was.includes(name)))
      this.o.logbook.write({ message: `node ${node} joins the cluster` })
    for (const node of was.filter((name) => !is.includes(name)))
      this.o.logbook.write({ message: `node ${node} leaves the cluster` })
  }

  private tellRules(was: number, is: number): void {
    const { logbook } = this.o
    if (was === 0 && is > 0)
      logbook.write({
        message:
          "the cluster's votes and times are changed: the former ones hold beside the new ones until everybody has these",
      })
    if (was > 0 && is === 0)
      logbook.write({ message: "everybody has the cluster's new votes and times: the former ones are over" })
  }

  private tellHeard(before: World, after: World): void {
    if (before.links === after.links && before.nowMs === after.nowMs) return
    for (const peer of Object.keys(after.links).sort()) {
      const [was, is] = [soundOf(before, peer), soundOf(after, peer)]
      if (was !== is) this.tellSound(after, peer, { was, is })
    }
  }

  private tellSound(
    world: World,
    peer: string,
    { was, is }: { readonly was: Sound; readonly is: Sound },
  ): void {
    const { logbook } = this.o
    const paths = pulsing(world, peer).join(', ')
    if (is === 'heard') return logbook.write({ message: `node ${peer} is heard` })
    // A daemon that starts meets others on a disk first.
    if (is === 'pulsing' && was === 'silent')
      return logbook.write({ message: `node ${peer} lives, as ${paths} shows` })
    if (!memberNames(world).includes(peer)) return
    const timeout = world.cluster.heartbeat.timeoutMs / 1000
    const message =
      is === 'silent'
        ? `node ${peer} is silent on every path for ${timeout} s`
        : `node ${peer} is silent on every path but ${paths} for ${timeout} s: it lives, and can be told and asked nothing`
    logbook.write({ level: 'warn', message })
  }
}

type Sound = 'heard' | 'pulsing' | 'silent'

const soundsOf = (world: World): string =>
  Object.keys(world.links)
    .map((peer) => `${peer} ${soundOf(world, peer)}`)
    .join()

function soundOf(world: World, peer: string): Sound {
  if (hears(world, peer)) return 'heard'
  return lives(world, peer) ? 'pulsing' : 'silent'
}

/** Where a look says something of the resource itself. */
const isPlain = (status: Status): boolean => status !== 'undef' && status !== 'n/a'

const memberNames = (world: World): readonly string[] => world.cluster.nodes.map(({ name }) => name)

/** `db1`, `db1@node1` or `@node1`, in words. */
function frozenThing(name: string): string {
  const [service, node] = name.split('@')
  if (node === undefined) return `service ${name}`
  return service === '' ? `node ${node}` : `instance of ${service} on ${node}`
}

function changedServices(before: World, after: World): readonly string[] {
  const changed = new Set<string>()
  for (const document of Object.values(after.documents)) {
    const was = before.documents[document.node]?.instances
    if (was === document.instances) continue
    for (const [service, instance] of Object.entries(document.instances)) {
      if (was?.[service] !== instance) changed.add(service)
    }
  }
  for (const [service, view] of Object.entries(after.services)) {
    if (before.services[service] !== view) changed.add(service)
  }
  return [...changed]
}
