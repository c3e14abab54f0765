import { describe, expect, test } from 'vitest'
import { machineIdOf } from '../../../src/core/membership.js'
import { clusterChanged } from '../../../src/core/reduce/rules.js'
import type { RegisterEntry } from '../../../src/core/register.js'
import { mayJoin, oneMoreChange } from '../../../src/core/rules-change.js'
import type { World } from '../../../src/core/world.js'
import { welcomed } from '../../../src/daemon/members.js'
import { among, heard, later, said, stamp, three, timed } from './ruled-worlds.js'

describe('a node that is no member', () => {
  const before = three()
  const [node1, node2, ...others] = before.cluster.nodes
  if (node1 === undefined || node2 === undefined) throw new Error('there are nodes')
  const undecided = clusterChanged(before, { ...before.cluster, nodes: [node1, node2] }, stamp(1))
  const two = heard(said(said(later(undecided, 5000), 'node2'), 'node3'))

  test('does not become one by being named', () => {
    const named = oneMoreChange(two, before.cluster)
    expect(named).toMatchObject({ ok: false, error: { code: 'CONFLICT' } })
    expect(named).toMatchObject({ error: { message: expect.stringMatching(/^node3 .*om cluster join/) } })
    const witness = { ...two.cluster, witnesses: others }
    expect(oneMoreChange(two, witness).ok).toBe(false)
  })

  test('is one again by its name where not everybody has agreed that it is none, and it is not itself that says so', () => {
    expect(oneMoreChange(undecided, before.cluster).ok).toBe(true)
    const out = clusterChanged(before, { ...before.cluster, nodes: [node2, ...others] }, stamp(1))
    expect(oneMoreChange(out, before.cluster).ok).toBe(false)
  })

  test('may be let in, and members may be taken out or given other addresses', () => {
    const agreed = said(two, 'node2')
    expect(oneMoreChange(agreed, null).ok).toBe(true)
    expect(oneMoreChange(agreed, { ...two.cluster, nodes: [node1] }).ok).toBe(true)
    const moved = { ...node2, addresses: ['10.0.0.9'] }
    expect(oneMoreChange(agreed, { ...two.cluster, nodes: [node1, moved] }).ok).toBe(true)
  })
})

describe('without a majority', () => {
  const before = three({ silent: ['node2', 'node3'], lease: 'none' })
  const alone = { ...before.cluster, nodes: before.cluster.nodes.slice(0, 1) }

  test('members, quorum and times of the cluster stay as they are, and it is said whom that takes', () => {
    for (const next of [null, alone, timed(before, 2000, 6000), { ...before.cluster, quorum: false }])
      expect(oneMoreChange(before, next)).toMatchObject({
        error: {
          code: 'CONFLICT',
          message: expect.stringMatching(/node2, node3 are silent: .* om node confirm-off NODE$/),
        },
      })
    expect(oneMoreChange(before, { ...before.cluster, maxParallel: 3 }).ok).toBe(true)
    expect(oneMoreChange(clusterChanged(before, alone, stamp(1)), before.cluster).ok).toBe(true)
  })

  test('they can be changed where the silent are declared off, where everybody is heard, and where there is no quorum', () => {
    const off = (name: string): RegisterEntry => ({
      kind: 'off',
      name,
      value: { off: true, incarnation: 9, generation: 9 },
      stamp: stamp(1),
    })
    const one = { ...before, registers: { 'off/node2': off('node2') } }
    expect(oneMoreChange(one, alone)).toMatchObject({
      error: { message: expect.stringContaining('node3 is silent: bring it back, or if it is off run') },
    })
    const both = { ...one, registers: { ...one.registers, 'off/node3': off('node3') } }
    expect(oneMoreChange(both, alone).ok).toBe(true)
    expect(oneMoreChange(heard(before), alone).ok).toBe(true)
    expect(oneMoreChange(three({ silent: ['node2', 'node3'], quorum: false }), null).ok).toBe(true)
  })
})

describe('a machine joins by a name that another one had', () => {
  const before = three({ silent: ['node3'] })
  const off: RegisterEntry = {
    kind: 'off',
    name: 'node3',
    value: { off: true, incarnation: 1, generation: 5 },
    stamp: stamp(1),
  }
  const taken: World = { ...before, cluster: among(before, ['node1', 'node2']) }
  const declared: World = { ...taken, registers: { 'off/node3': off } }

  test.each<readonly [string, World, string, string, boolean]>([
    ['of its own, again', before, 'node3', 'node3', true],
    ['that nobody had', before, 'node4', 'm4', true],
    ['of a member', before, 'node3', 'm9', false],
    ['of a member that is declared off', { ...before, registers: declared.registers }, 'node3', 'm9', false],
    ['of one that was taken out, and may be up', taken, 'node3', 'm9', false],
    ['of one that was taken out and declared off', declared, 'node3', 'm9', true],
    ['of the member that is asked', before, 'node1', 'm9', false],
  ])('%s', (_, world, node, machineId, may) => {
    expect(mayJoin(world, node, machineId).ok).toBe(may)
  })

  test('and is known by it from then on, until the old one speaks', () => {
    expect(machineIdOf(declared, 'node3')).toBe('node3')
    const [word] = welcomed(declared, 'node3')
    expect(word).toMatchObject({ kind: 'off', value: { off: false, incarnation: 1, generation: 5 } })
    const joined: World = {
      ...taken,
      registers: { 'off/node3': { ...off, value: { ...off.value, off: false } } },
    }
    expect(machineIdOf(joined, 'node3')).toBeNull()
    expect(machineIdOf(said(joined, 'node3', { incarnation: 2, machineId: 'm9' }), 'node3')).toBe('m9')
  })
})
