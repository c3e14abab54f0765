import type { CheckAnswer, ClusterStatus } from '../../daemon/api/contract.js'
import type { Action } from '../command.js'
import { refuse, show } from '../output.js'
import { checkLines } from '../render/check.js'
import { clean } from '../render/paint.js'
import { elapsed, isProtected } from '../render/svcmon-nodes.js'

/** Exit code 1 where a tool or a feature is missing. */
export const nodeCheck: Action = async (call) => {
  const node = call.arguments[0] ?? call.options.text('node') ?? undefined
  const answer = await call.client.get<CheckAnswer>('/api/node/check', { node })
  if (!answer.ok) return refuse(call.terminal, answer.error)
  const { tools, features } = answer.value
  await show(call, answer.value, () => checkLines(answer.value, call.paint))
  return tools.every((tool) => tool.path !== null) && features.every((feature) => feature.present) ? 0 : 1
}

/** Exit code 1 where the cluster, or one of its nodes, is not protected in every way, a node is not heard or a heartbeat path is silent. */
export const clusterCheck: Action = async (call) => {
  const status = await call.client.get<ClusterStatus>('/api/status')
  if (!status.ok) return refuse(call.terminal, status.error)
  const findings = findingsOf(status.value)
  const value = { protection: status.value.protection, protected: isProtected(status.value), findings }
  await show(call, value, () =>
    findings.length === 0
      ? [call.paint('good', status.value.protection)]
      : findings.map((finding) => `${call.paint('doubt', 'warn:')} ${clean(finding)}`),
  )
  return findings.length === 0 ? 0 : 1
}

function findingsOf(status: ClusterStatus): readonly string[] {
  if (status.cluster === null) {
    return [
      "this node is in no cluster: make one with 'om cluster init', or join one with 'om cluster join TOKEN'",
    ]
  }
  const silent = status.nodes.filter((node) => !node.reachable)
  const paths = status.daemon.paths.filter((path) => path.state !== 'beating')
  const single = status.nodes.filter(
    (node) =>
      node.name !== status.node && status.daemon.paths.filter((path) => path.peer === node.name).length < 2,
  )
  return [
    ...status.gaps,
    ...silent.map(({ name, heardBy }) =>
      heardBy.length === 0
        ? `node ${name} is not heard: is it off, or is its omd stopped?`
        : `node ${name} is not heard here, and ${heardBy.join(', ')} still hears it: mend the network between them`,
    ),
    ...paths.map((path) => {
      const since = path.ageMs === null ? '' : ` for ${elapsed(path.ageMs)}`
      return `the heartbeat path to ${path.peer} over ${path.address} is ${path.state}${since}`
    }),
    ...single.map(
      (node) => `node ${node.name} is heard over one path only: give it a second address on another network`,
    ),
  ]
}
