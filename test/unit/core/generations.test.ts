import { describe, expect, test } from 'vitest'
import { nextGeneration } from '../../../src/core/generations.js'
import { generationsKnown } from '../../../src/core/reduce/own.js'
import type { RegisterEntry } from '../../../src/core/register.js'
import { worldOf } from '../../cases/world.js'

describe('the numbers of deleted services', () => {
  const names = Array.from({ length: 120 }, (_, i) => `s${i}`)
  const before = worldOf({ why: 'deleted', on: { node1: 'down', node2: 'down' } })
  /** Each deleted a second after the one before, but for the first, which is still there. */
  const registers = Object.fromEntries(
    names.map((name, i): [string, RegisterEntry] => {
      const stamp = { wallMs: 1000 * i, count: 0, node: 'node2' }
      const value = { text: i === 0 ? 'nodes: [node1, node2]' : null, author: 'user' }
      return [`config/${name}`, { kind: 'config', name, stamp, value }]
    }),
  )
  const world = { ...before, registers: { ...before.registers, ...registers } }
  const told = Object.fromEntries(names.map((name) => [name, 7]))
  const after = generationsKnown(world, { ...told, unknown: 7 })

  test('are kept up to a bound: those that were deleted last', () => {
    const kept = Object.keys(after.documents['node1']?.generations ?? {})
    expect(kept).toEqual(['s0', ...names.slice(20)])
  })

  test('are the same in whatever order they are told, and nothing is written of those that are dropped', () => {
    const one = names.reduce((so, name) => generationsKnown(so, { [name]: 7 }), world)
    const other = names.toReversed().reduce((so, name) => generationsKnown(so, { [name]: 7 }), world)
    expect(one.documents['node1']?.generations).toEqual(after.documents['node1']?.generations)
    expect(other.documents['node1']?.generations).toEqual(after.documents['node1']?.generations)
    expect(generationsKnown(after, told)).toBe(after)
  })

  test('count again when it is created again', () => {
    const { s119 } = after.documents['node1']?.generations ?? {}
    expect(s119).toBe(7)
    expect(nextGeneration(after, 's119')).toBe(8)
  })
})
