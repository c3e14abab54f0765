import { describe, expect, test } from 'vitest'
import { boundedGaps, nodeGaps } from '../../../src/core/gaps.js'
import { reduce } from '../../../src/core/reduce/index.js'
import { ownDocument } from '../../../src/core/view.js'
import type { World } from '../../../src/core/world.js'
import { clusterStatus } from '../../../src/daemon/api/status.js'
import { nowMs, worldOf } from '../../cases/world.js'

const noGuard = 'has no guard: build with a C compiler to have one'
const moment = { nowMs, wallMs: nowMs, random: 0.5 }
const said = (world: World, gaps: readonly string[]): World =>
  reduce(world, moment, { kind: 'node seen', seen: { gaps } })

describe('a node says of its own protection', () => {
  const world = worldOf({ why: 'all is well' })

  test('nothing where nothing is amiss', () => {
    expect(ownDocument(said(world, []))).toBe(ownDocument(world))
  })

  test('what is amiss, once', () => {
    const once = said(world, [noGuard])
    expect(ownDocument(once)).toMatchObject({
      gaps: [noGuard],
      generation: ownDocument(world).generation + 1,
    })
    expect(ownDocument(said(once, [noGuard]))).toBe(ownDocument(once))
  })

  test('that it is mended', () => {
    const mended = said(said(world, [noGuard]), [])
    expect(ownDocument(mended)).toMatchObject({ gaps: [], generation: ownDocument(world).generation + 2 })
  })

  test('the same at each look, also where it is too much', () => {
    const many = Array.from({ length: 40 }, (_, i) => `gap ${i}`)
    const once = said(world, many)
    expect(ownDocument(said(once, many))).toBe(ownDocument(once))
  })
})

describe('a document holds', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['what a program said on one line', ['it said:\n  no\troute\r\n'], ['it said: no route']],
    ['no more of a sentence than fits', ['x'.repeat(700)], ['x'.repeat(600)]],
  ])('%s', (_, gaps, held) => expect(boundedGaps(gaps)).toEqual(held))

  test('sixteen sentences, the last of which counts the others', () => {
    const held = boundedGaps(Array.from({ length: 20 }, (_, i) => `gap ${i}`))
    expect(held).toHaveLength(16)
    expect(held.at(-1)).toBe('has 5 more gaps in its protection: mend these first')
    expect(boundedGaps(held)).toEqual(held)
  })
})

describe('the status names', () => {
  const of = (world: World, gaps: Readonly<Record<string, readonly string[]>>): World => {
    const documents = Object.entries(world.documents).map(([node, document]) => {
      const own = gaps[node]
      return [node, own === undefined ? document : { ...document, gaps: own }]
    })
    return { ...world, documents: Object.fromEntries(documents) as World['documents'] }
  }

  test('node by node what each says, this one too, among the gaps of the set-up', () => {
    const world = of(worldOf({ why: 'two gaps', nodes: ['node1', 'node2', 'node3'] }), {
      node1: [noGuard],
      node2: [noGuard, 'cannot have node1 powered off'],
    })
    const named = [
      `node node1 ${noGuard}`,
      `node node2 ${noGuard}`,
      'node node2 cannot have node1 powered off',
    ]
    expect(nodeGaps(world)).toEqual(named)
    const daemon = { version: '1', pid: 1, startedWallMs: 0, paths: [], loopDelay: null }
    const { gaps } = clusterStatus({ world, notes: {}, daemon })
    expect(gaps.slice(1)).toEqual(named)
  })

  test('nothing that a node said which nobody hears any more', () => {
    const world = of(worldOf({ why: 'it is silent', silent: ['node2'] }), { node2: [noGuard] })
    expect(nodeGaps(world)).toEqual([])
  })
})
