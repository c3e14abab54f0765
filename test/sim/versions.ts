import type { World } from '../../src/core/world.js'
import type { Message } from '../../src/daemon/peers/wire.js'
import type { Mutation } from './mutation.js'

/** Agents of other versions than this one, by what they say. */

type Fields = Record<string, unknown>

/** What the first agents of protocol 1 did not say, each with how it is left out of a message. */
export const gained: Readonly<Record<string, (message: Fields) => void>> = {
  round: (message) => leaveOut(message, 'beat', 'round'),
  pledge: (message) => leaveOut(message, 'beat', 'pledge'),
  vote: (message) => leaveOut(message, 'ack', 'vote'),
  evictions: (message) => headsOf(message).forEach((head) => delete head['evictions']),
  rules: (message) => headsOf(message).forEach((head) => delete head['rules']),
  known: (message) => headsOf(message).forEach(({ rules }) => delete fieldsOf(rules)['known']),
  words: (message) => instancesOf(message).forEach((instance) => delete instance['words']),
  generations: (message) => headsOf(message).forEach((head) => delete head['generations']),
}

/** The node's agent is from before these fields, until it has started so many times; then it is one of this version. */
export function older(
  node: string,
  fields: readonly string[],
  starts = Number.POSITIVE_INFINITY,
): Required<Pick<Mutation, 'says' | 'born'>> {
  let started = 0
  const born = (world: World): World => {
    if (world.self === node) started += 1
    return world
  }
  const says = (text: string, from: string): string => {
    if (from !== node || started > starts) return text
    const message = JSON.parse(text) as Fields
    for (const field of fields) gained[field]?.(message)
    return JSON.stringify(message)
  }
  return { born, says }
}

/** The node's agent says more, of everything, than this version knows. */
export const later = (node: string): Required<Pick<Mutation, 'says'>> => ({
  says: (text, from) => (from === node ? JSON.stringify(withMore(JSON.parse(text))) : text),
})

/** With a field more in each object that has fields of fixed names, at every depth. */
export function withMore(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withMore)
  if (typeof value !== 'object' || value === null) return value
  const all = Object.entries(value).map(([key, inner]) => [key, asTheyAre.has(key) ? inner : withMore(inner)])
  const isRecord = Object.values(value).every((inner) => typeof inner === 'object')
  return Object.fromEntries(isRecord ? all : [...all, ['colour', { of: 'red', list: [1] }]])
}

/** An id for each voter, a number for each service; when and where something was written, by which registers are compared. */
const asTheyAre: ReadonlySet<string> = new Set(['names', 'stamp', 'generations'])

function leaveOut(message: Fields, kind: Message['kind'], field: string): void {
  if (message['kind'] === kind) delete message[field]
}

/** What a message says of documents, whole or in part. */
function headsOf(message: Fields): readonly Fields[] {
  if (message['kind'] === 'document') return [fieldsOf(message['document'])]
  return message['kind'] === 'patch' ? [fieldsOf(message['set']), { instances: message['instances'] }] : []
}

const instancesOf = (message: Fields): readonly Fields[] =>
  headsOf(message).flatMap(({ instances }) => Object.values(fieldsOf(instances)).map(fieldsOf))

const fieldsOf = (value: unknown): Fields => (value ?? {}) as Fields
