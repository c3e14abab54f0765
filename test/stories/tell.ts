import type { Intent } from '../../src/core/intent.js'
import { targetName } from '../../src/core/register.js'
import { isFailed, newestTarget } from '../../src/core/view.js'
import type { World } from '../../src/core/world.js'
import { lineOf } from '../../src/daemon/agent/intent-lines.js'
import { Cluster } from '../sim/cluster.js'
import { Exclusive } from '../sim/checkers/exclusive.js'
import { take } from '../sim/steps.js'
import type { Story } from './parse.js'

/** Every story has the same chances. */
const seed = 1
/** Until everybody hears everybody and the services are up on their best nodes. */
const calmMs = 10_000

const everyMs = 50

export interface Told {
  /** What an operator reads, in order, with the steps between. */
  readonly log: string
  /** A service began where it should not have. */
  readonly violations: readonly string[]
  /** The most places at which a service was active at once. */
  readonly most: number
}

/** Plays a story on whole agents, on virtual time. */
export function tell(story: Story): Told {
  const { nodes, services, witnesses, quorum, fencing } = story
  const cluster = new Cluster({ nodes, services, witnesses, quorum, fencing, seed, rejoinGraceMs: 10_000 })
  const lines: string[] = []
  let beganMs = 0
  let most = 0
  const say = (text: string): void => {
    const seconds = ((cluster.clock.nowMs() - beganMs) / 1000).toFixed(1)
    if (beganMs > 0) lines.push(`${seconds.padStart(5)}  ${text}`)
  }
  const exclusive = new Exclusive(cluster)
  cluster.watchers.push(exclusive, {
    intends: (machine, intent, world) => wordsOf(machine, intent, world).forEach(say),
    activated: (service, machine, goesOn) => {
      most = Math.max(most, cluster.up(service).length)
      if (!goesOn) say(`${machine}.${service}  IS ACTIVE`)
    },
    protected: (machine, what, why) => say(`${machine}  ${what.toUpperCase()}  ${why}`),
  })
  cluster.begin()
  cluster.clock.pass(1500)
  for (const { name } of services) cluster.ask(nodes[0] ?? '', name, 'provision')
  cluster.clock.pass(calmMs)
  beganMs = cluster.clock.nowMs()
  for (const { atMs, step } of story.steps) {
    cluster.clock.after(atMs, () => {
      const { do: verb, ...rest } = step
      say(`--- ${[verb, ...Object.values(rest).flat()].map((word) => word ?? 'well').join(' ')}`)
      const here = lines.length
      const answer = take(cluster, step)
      // What it sets in motion happens at once, and is read behind it.
      if (answer !== '') lines.splice(here, 0, `       ${answer}`)
    })
  }
  watchFailures(cluster, say)
  cluster.clock.pass(story.untilMs)
  return { log: [...lines, '', ...ending(cluster), ''].join('\n'), violations: exclusive.violations, most }
}

/** What failed is told by what carries it out, of which there is nothing here: it is seen in the monitor states. */
function watchFailures(cluster: Cluster, say: (text: string) => void): void {
  const known = new Map<string, string>()
  const look = (): void => {
    for (const { name, daemon } of cluster.machines.values()) {
      const instances = daemon?.agent.world.documents[name]?.instances ?? {}
      for (const [service, { monitor, failure }] of Object.entries(instances)) {
        const key = `${name}.${service}`
        if (isFailed(monitor) && known.get(key) !== monitor) say(`${key}  ERROR  ${monitor}: ${failure ?? ''}`)
        known.set(key, monitor)
      }
    }
    cluster.clock.after(everyMs, look)
  }
  look()
}

/** What the log of a node says of an intent; nothing where only the curious would read it. */
function wordsOf(machine: string, intent: Intent, world: World): readonly string[] {
  if (intent.do === 'end target') {
    const value = newestTarget(world, intent.service)
    const name = value === null ? 'target' : targetName(value.target)
    return [`${machine}.${intent.service}  target state ${name} ${intent.end.how}: ${intent.end.why}`]
  }
  const line = lineOf(intent)
  if (line === null || line.level === 'debug') return []
  const service = 'service' in intent ? `.${intent.service}` : ''
  const level = line.level === undefined || line.level === 'info' ? '' : `${line.level.toUpperCase()}  `
  return [`${machine}${service}  ${level}${line.message}`]
}

/** How it ends: where each service is active, and what each node that runs says of its instance. */
function ending(cluster: Cluster): readonly string[] {
  return cluster.options.services.map(({ name }) => {
    const states = cluster.options.nodes.map((node) => `${node} ${stateOn(cluster, node, name)}`)
    return `${name}: ${states.join(', ')}`
  })
}

function stateOn(cluster: Cluster, node: string, service: string): string {
  const machine = cluster.machine(node)
  if (!machine.powered) return 'off'
  const active = machine.active.has(service) ? 'active' : 'not active'
  if (machine.daemon === null) return `${active}, without a daemon`
  const world = cluster.world(node)
  const instance = world.documents[node]?.instances[service]
  const failed = instance?.monitor === undefined || instance.monitor === 'idle' ? '' : `, ${instance.monitor}`
  const note = machine.daemon.agent.notes[service]
  return `${active}${failed}${note === undefined ? '' : ` (${note})`}`
}
