import { fail, ok, type Result } from '../../core/result.js'
import type { Hello } from './wire.js'

/** What this node says of itself at the beginning of each connection. */
export interface Introduction {
  readonly clusterId: string
  readonly node: string
  readonly machineId: string
  readonly incarnation: number
  readonly agentVersion: string
  readonly protocols: Hello['protocols']
}

/** What this node says first on a new connection. */
export function helloOf(own: Introduction, path: string): Hello {
  const { clusterId, ...rest } = own
  return { kind: 'hello', cluster: clusterId, ...rest, path }
}

/** Who this node would talk to. */
export interface Acquaintance {
  readonly own: Introduction
  readonly members: readonly string[]
  /** Machine id of a node as far as it is known here. */
  readonly machineIdOf: (node: string) => string | null
}

/** How two agents talk to each other. */
export interface Agreement {
  /** The highest version that both speak: the sender says nothing on the path that needs a later one. */
  readonly protocol: number
  /** Why it is not this agent's highest, with what to do; null where it is. */
  readonly note: string | null
}

/** Is this a peer to talk to, and how? `expected` is the node that the certificate names. The failure is a sentence for both sides' logs. */
export function judgeHello(
  hello: Hello,
  expected: string,
  { own, members, machineIdOf }: Acquaintance,
): Result<Agreement> {
  const { node } = hello
  if (hello.cluster !== own.clusterId)
    return fail('FORBIDDEN', `${node} belongs to another cluster (${hello.cluster})`)
  if (node !== expected) return fail('FORBIDDEN', `${node} came with the certificate of ${expected}`)
  if (node === own.node || !members.includes(node)) {
    return fail(
      'FORBIDDEN',
      `${node} is no node of this cluster as ${own.node} knows it: let it join with om cluster join`,
    )
  }
  const known = machineIdOf(node)
  if (known !== null && known !== hello.machineId) {
    return fail(
      'CONFLICT',
      `another machine is known by the name ${node} (machine id ${known}, this one has ${hello.machineId})`,
    )
  }
  return agreed(hello, own)
}

function agreed(hello: Hello, own: Introduction): Result<Agreement> {
  const { protocols: theirs } = hello
  const { protocols: ours } = own
  const protocol = Math.min(ours.max, theirs.max)
  const both = `${speaker(hello)} speaks protocol ${range(theirs)} and ${speaker(own)} ${range(ours)}`
  if (protocol < Math.max(ours.min, theirs.min)) {
    const behind = theirs.max < ours.min ? hello.node : own.node
    return fail('CONFLICT', `${both}: install a newer agent on ${behind}`)
  }
  const note =
    protocol === ours.max
      ? null
      : `${both}: they use ${protocol} until a newer agent is installed on ${hello.node}`
  return ok({ protocol, note })
}

const speaker = ({ node, agentVersion }: Pick<Hello, 'node' | 'agentVersion'>): string =>
  `${node} (agent ${agentVersion})`

const range = ({ min, max }: Hello['protocols']): string => (min === max ? `${min}` : `${min} to ${max}`)
