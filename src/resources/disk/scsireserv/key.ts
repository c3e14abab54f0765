import { createHash } from 'node:crypto'
import { textOf, type Context } from '../../driver.js'
import type { Reservations } from '../../kit/sg-persist.js'

// A key of 64 bits tells who is registered: 48 bits of the node's name, 16 of the start's number, so that people see which start it was.

const NODE_DIGITS = 12
const GENERATIONS = 0x1_0000

/** The key that this start registers, as sg_persist prints it. */
export function ownKey(ctx: Context): string {
  const given = textOf(ctx.resource, 'prkey')
  if (given !== null) return printed(given)
  const number = ((ctx.generation ?? 0) % GENERATIONS).toString(16).padStart(4, '0')
  return printed(`0x${nodePart(ctx.node)}${number}`)
}

/** Is it a key of this node, of whichever start? */
export function isOwn(ctx: Context, key: string): boolean {
  return textOf(ctx.resource, 'prkey') === null ? isOf(ctx.node, key) : key === ownKey(ctx)
}

/** Those of this node that are registered. */
export const ownKeys = (ctx: Context, reservations: Reservations | null): readonly string[] =>
  reservations?.keys.filter((key) => isOwn(ctx, key)) ?? []

/** Those of others, each once. */
export const othersOf = (ctx: Context, { keys }: Reservations): readonly string[] =>
  [...new Set(keys)].filter((key) => !isOwn(ctx, key))

/** `0x1234 (node2)`; the key alone where it is of no member, or of one with a `prkey`. */
export function keyName(ctx: Context, key: string): string {
  const node = ctx.service.nodes.find((one) => isOf(one, key))
  return node === undefined ? key : `${key} (${node})`
}

const isOf = (node: string, key: string): boolean =>
  key
    .slice(2)
    .padStart(NODE_DIGITS + 4, '0')
    .startsWith(nodePart(node))

/** Never zero: a key of zero stands for none. */
function nodePart(node: string): string {
  const digits = createHash('sha256').update(node).digest('hex').slice(0, NODE_DIGITS)
  return /[^0]/.test(digits) ? digits : digits.replace(/0$/, '1')
}

const printed = (key: string): string => `0x${BigInt(key).toString(16)}`
