import { createHash } from 'node:crypto'
import type { Context } from '../../driver.js'

// A file system that a provision made carries that in its UUID, so that every node knows it again, whichever of them made it:
// unprovisioning wipes such a one and no other. The UUID is of version 8, whose bits are the maker's own (RFC 9562, section 5.8).

const HALF = 8

/** The UUID for a file system of this resource that is made now. The generation tells it from those that were made there before. */
export function newMark(ctx: Context, device: string): string {
  return marked(ctx, hash(`${ctx.node} ${device} ${ctx.generation ?? 0}`))
}

/** Was the file system with that UUID made by a provision of this resource, on whichever node? */
export function isMarked(ctx: Context, uuid: string | null): boolean {
  const bytes = Buffer.from((uuid ?? '').replaceAll('-', ''), 'hex')
  return bytes.length === 2 * HALF && marked(ctx, bytes.subarray(0, HALF)) === uuid
}

/** The second half follows from the first one and the resource's name. */
function marked(ctx: Context, first: Buffer): string {
  const head = withVersion(first)
  const tail = hash(`longshore ${ctx.service.name} ${ctx.resource.rid} ${head.toString('hex')}`)
  tail[0] = ((tail[0] ?? 0) & 0x3f) | 0x80
  const hex = Buffer.concat([head, tail]).toString('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

const hash = (text: string): Buffer => createHash('sha256').update(text).digest().subarray(0, HALF)

function withVersion(first: Buffer): Buffer {
  const head = Buffer.from(first)
  head[6] = ((head[6] ?? 0) & 0x0f) | 0x80
  return head
}
