import type {
  ClusterStatus,
  InstanceStatus,
  MessageAnswer,
  NodeRequest,
  NodeStatus,
} from '../../daemon/api/contract.js'
import { fail, ok, type Result } from '../../core/result.js'
import { nearest } from '../../core/nearest.js'
import type { Action, Call } from '../command.js'
import { confirmed } from '../confirm.js'
import { refuse, show } from '../output.js'
import { nodeLines } from '../render/node.js'

export const nodeFreeze: Action = (call) => simply(call, 'freeze')

export const nodeThaw: Action = (call) => simply(call, 'thaw')

async function simply(call: Call, action: 'freeze' | 'thaw'): Promise<number> {
  const asked = await nodeOf(call)
  return asked.ok ? post(call, action, asked.value.node.name) : refuse(call.terminal, asked.error)
}

/** Asks the daemon for a change of one node, prints its answer, and answers the exit code. */
export async function post(call: Call, action: string, node: string): Promise<number> {
  const request: NodeRequest = { node }
  const answer = await call.client.post<MessageAnswer>(`/api/node/${action}`, request)
  if (!answer.ok) return refuse(call.terminal, answer.error)
  await show(call, answer.value, () => [answer.value.message])
  return 0
}

/** The operator's word that a machine is off. It is asked for twice, and needs `--yes` where nobody can be asked. */
export const nodeConfirmOff: Action = async (call) => {
  const status = await call.client.get<ClusterStatus>('/api/status')
  if (!status.ok) return refuse(call.terminal, status.error)
  // One that was taken out of the configuration may still have to be declared off: the daemon knows.
  const name = nodeNamed(call, status.value)
  const stake = stakeOf(name, instancesOn(status.value, name))
  return surely(call, 'confirm-off', name, stake, 'if you see that it is off')
}

/** Powers a node off by its fencing agent. What runs there ends at once. */
export const nodeFence: Action = async (call) => {
  const asked = await nodeOf(call)
  if (!asked.ok) return refuse(call.terminal, asked.error)
  const { node, instances } = asked.value
  const held = heldOn(instances)
  const what = held === '' ? '' : `, and ${held} on it ${held.includes(',') ? 'end' : 'ends'} at once`
  return surely(call, 'fence', node.name, `${node.name} is powered off${what}.`, 'to do so')
}

/** Asks the operator first, and needs `--yes` where nobody can be asked. */
async function surely(
  call: Call,
  action: string,
  node: string,
  stake: string,
  when: string,
): Promise<number> {
  if (call.options.flag('yes')) return post(call, action, node)
  if (!call.terminal.isInteractive)
    return refuse(call.terminal, { code: 'FORBIDDEN', message: `${stake} Add --yes ${when}` })
  const sure = await confirmed(call, stake)
  return sure.ok ? post(call, action, node) : refuse(call.terminal, sure.error)
}

const heldOn = (instances: readonly NodeInstance[]): string =>
  instances
    .filter(({ instance }) => instance.instance?.place.kind === 'held')
    .map(({ service }) => service)
    .join(', ')

function stakeOf(node: string, instances: readonly NodeInstance[]): string {
  const names = heldOn(instances)
  const what = names === '' ? 'its services' : `${names}, which it held when it was last heard,`
  return `You say that ${node} is powered off. If it still runs, ${what} will run twice and their data can be destroyed.`
}

export const printNodeStatus: Action = async (call) => {
  const asked = await nodeOf(call)
  if (!asked.ok) return refuse(call.terminal, asked.error)
  const { node, instances, status } = asked.value
  const value = { ...node, instances: instances.map(({ service, instance }) => ({ service, ...instance })) }
  await show(call, value, () => nodeLines(node, instances, status.wallMs, call.paint))
  return 0
}

export interface NodeInstance {
  readonly service: string
  readonly instance: InstanceStatus
}

interface Asked {
  readonly status: ClusterStatus
  readonly node: NodeStatus
  readonly instances: readonly NodeInstance[]
}

const nodeNamed = (call: Call, status: ClusterStatus): string =>
  call.arguments[0] ?? call.options.text('node') ?? status.node

/** The node that is named as an argument or with `--node`; else this one. */
export async function nodeOf(call: Call): Promise<Result<Asked>> {
  const status = await call.client.get<ClusterStatus>('/api/status')
  if (!status.ok) return status
  const name = nodeNamed(call, status.value)
  const node = status.value.nodes.find((each) => each.name === name)
  if (node === undefined) {
    const names = status.value.nodes.map((each) => each.name)
    const near = nearest(name, names)
    const hint = near === null ? `its nodes are ${names.join(', ')}` : `did you mean ${near}?`
    return fail('UNKNOWN', `the cluster has no node ${name}: ${hint}`)
  }
  return ok({ status: status.value, node, instances: instancesOn(status.value, name) })
}

/** What a node has of each service, in the order of the status. */
export function instancesOn(status: ClusterStatus, node: string): readonly NodeInstance[] {
  return status.services.flatMap((service) => {
    const instance = service.instances.find((each) => each.node === node)
    return instance === undefined ? [] : [{ service: service.name, instance }]
  })
}
