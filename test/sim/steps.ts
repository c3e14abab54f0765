import type { Cluster } from './cluster.js'
import { takeOut } from './configuring.js'
import { idleLoad } from './daemon.js'
import { join, leave } from './joining.js'
import { actLocally } from './local.js'
import { reconfigure, switchQuorum } from './reconfigure.js'
import { rollBack } from './rolling-back.js'
import type { Step } from './schedule.js'

type Verb = Step['do']
type StepTo<K extends Verb, S = Step> = S extends { readonly do: infer D } ? (K extends D ? S : never) : never

/** Each step, done to the cluster; what an operator is answered, where one asked. */
const deeds: { readonly [K in Verb]: (cluster: Cluster, step: StepTo<K>) => string | undefined } = {
  crash: (cluster, { node }) => void cluster.crash(node),
  boot: (cluster, { node }) => void cluster.startDaemon(node),
  'kill daemon': (cluster, { node }) => void cluster.killDaemon(node),
  'stop daemon': (cluster, { node }) => void cluster.stopDaemon(node),
  isolate: (cluster, { node }) => void cluster.isolate(node),
  pause: (cluster, { node }) => void cluster.pause(node),
  resume: (cluster, { node }) => void cluster.resume(node),
  jump: (cluster, { node, ms }) => void cluster.machine(node).clock.jump(ms),
  'roll back': (cluster, { node, ms }) => rollBack(cluster, node, ms),
  'fill disk': (cluster, { node }) => void cluster.fillDisk(node, true),
  'empty disk': (cluster, { node }) => void cluster.fillDisk(node, false),
  cut: (cluster, { node, other }) => void cluster.network.cut(node, other),
  'cut one way': (cluster, { node, other }) => void cluster.network.cutWay(node, other),
  mend: (cluster, { node, other }) => void cluster.network.mend(node, other),
  lose: ({ network }, { node, other, what }) => void network.lose(node, other, what),
  heal: (cluster) => void cluster.network.heal(),
  'lose messages': ({ network }, { share }) => void (network.loss = share),
  delay: ({ network }, { ms }) => void (network.delayMs = ms),
  reorder: ({ network }, { share }) => void (network.reordered = share),
  ail: (cluster, { node, service, ailment }) => void cluster.ail(node, service, ailment),
  'lose resource': (cluster, { node, service }) => void cluster.lose(node, service),
  configure: (cluster, { node, service, members }) => cluster.configure(node, service, members),
  'take out': (cluster, { node, service }) => takeOut(cluster.agentOn(node), service),
  reconfigure: (cluster, { node, members, times }) => reconfigure(cluster, node, { members, times }),
  quorum: (cluster, { node, on }) => switchQuorum(cluster, node, on),
  join: (cluster, { node, by }) => join(cluster, node, by),
  leave: (cluster, { node }) => leave(cluster, node),
  'expect up': (cluster, { service }) => void cluster.expectUp(service),
  ask: (cluster, { node, service, action, to }) => cluster.ask(node, service, action, to ?? null),
  order: (cluster, { nodes, service, action }) =>
    nodes.map((node) => cluster.order(node, service, action)).join('; '),
  'ask node': (cluster, { node, action, about }) => cluster.askNode(node, action, about ?? node),
  'act locally': (cluster, { node, service, action, rid }) =>
    actLocally(cluster, { node, service, action, rid: rid ?? null }),
  load: (cluster, { node, load15m }) =>
    void cluster
      .agentOn(node)
      ?.put({ kind: 'node seen', seen: { load: { ...idleLoad, load15m }, gaps: [] } }),
  // An operator sees that it is off, or does not say so.
  'confirm off': (cluster, { node, other }) =>
    cluster.machine(other).powered ? 'it is on' : cluster.askNode(node, 'confirm-off', other),
}

/** What an operator is answered; nothing where none asked. */
export function take(cluster: Cluster, step: Step): string {
  const deed: (cluster: Cluster, step: never) => string | undefined = deeds[step.do]
  return deed(cluster, step as never) ?? ''
}

export function describe({ do: verb, ...rest }: Step, answer: string): string {
  const words = Object.values(rest).map((value) => String(value ?? 'well'))
  return `--- ${[verb, ...words].join(' ')}${answer === '' ? '' : `: ${answer}`}`
}
