import { fail, ok, type Result } from '../../core/result.js'
import { PROTOCOLS, type Hello } from './wire.js'

/** What this node says of itself at the beginning of each connection. */
export interface Introduction {
  readonly clusterId: string
  readonly node: string
  readonly machineId: string
  readonly incarnation: number
  readonly agentVersion: string
}

/** What this node says first on a new connection. */
export function helloOf(own: Introduction, path: string): Hello {
  const { clusterId, ...rest } = own
  return { kind: 'hello', protocols: PROTOCOLS, cluster: clusterId, ...rest, path }
}

/** Who this node would talk to. */
export interface Acquaintance {
  readonly own: Introduction
  readonly members: readonly string[]
  /** Machine id of a node as far as it is known here. */
  readonly machineIdOf: (node: string) => string | null
}

/** Is this a peer to talk to? `expected` is the node that the certificate names. The failure is a sentence for both sides' logs. */
export function judgeHello(
  hello: Hello,
  expected: string,
  { own, members, machineIdOf }: Acquaintance,
): Result<void> {
  const { node, protocols } = hello
  if (hello.cluster !== own.clusterId)
    return fail('FORBIDDEN', `${node} belongs to another cluster (${hello.cluster})`)
  if (node !== expected) return fail('FORBIDDEN', `${node} came with the certificate of ${expected}`)
  if (node === own.node || !members.includes(node)) {
    return fail(
      'FORBIDDEN',
      `${node} is no node of this cluster as ${own.node} knows it: let it join with om cluster join`,
    )
  }
  if (protocols.max < PROTOCOLS.min || protocols.min > PROTOCOLS.max) {
    const theirs = range(protocols)
    return fail(
      'CONFLICT',
      `${node} (agent ${hello.agentVersion}) speaks protocol ${theirs} and ${own.node} (agent ${own.agentVersion}) ${range(PROTOCOLS)}: install the same version of the agent on both`,
    )
  }
  const known = machineIdOf(node)
  if (known !== null && known !== hello.machineId) {
    return fail(
      'CONFLICT',
      `another machine is known by the name ${node} (machine id ${known}, this one has ${hello.machineId})`,
    )
  }
  return ok(undefined)
}

const range = ({ min, max }: Hello['protocols']): string => (min === max ? `${min}` : `${min} to ${max}`)
