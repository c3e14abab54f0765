import { instanceOn, isUp } from '../../../src/core/view.js'
import { registerKey } from '../../../src/core/register.js'
import type { Service } from '../../../src/core/service.js'
import type { Cluster } from '../cluster.js'

/** Why a healed and cleared cluster is not as it should be; empty where all is well. */
export function notLive(cluster: Cluster): readonly string[] {
  return [...cluster.options.services.flatMap((service) => misplaced(cluster, service)), ...diverged(cluster)]
}

function misplaced(cluster: Cluster, service: Service): readonly string[] {
  const up = cluster.up(service.name)
  if (up.length > 1) return [`${service.name} is up on ${up.join(' and ')}`]
  if (service.orchestrate !== 'ha') return []
  if (up.length === 1 && up.every((node) => isUp(instanceOn(cluster.world(node), node, service.name))))
    return []
  return [`${service.name} is not up, or half: ${notes(cluster, service.name).join('; ')}`]
}

function notes(cluster: Cluster, service: string): readonly string[] {
  return [...cluster.machines.values()].map(({ name, daemon }) => {
    const instance = daemon?.agent.world.documents[name]?.instances[service]
    return `${name} is ${instance?.monitor ?? 'not there'}: ${daemon?.agent.notes[service] ?? 'no word'}`
  })
}

/** Every node has the same registers. */
function diverged(cluster: Cluster): readonly string[] {
  const states = cluster.members.map((name) =>
    Object.values(cluster.world(name).registers)
      .map((entry) => `${registerKey(entry)} ${JSON.stringify(entry.stamp)}`)
      .sort()
      .join('\n'),
  )
  return new Set(states).size > 1 ? ['registers differ between nodes'] : []
}
