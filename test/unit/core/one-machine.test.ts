import { describe, expect, test } from 'vitest'
import { sharedMachines } from '../../../src/core/one-machine.js'
import type { RegisterEntry } from '../../../src/core/register.js'
import type { World } from '../../../src/core/world.js'
import { clusterStatus } from '../../../src/daemon/api/status.js'
import { nowMs, worldOf } from '../../cases/world.js'

const three = { why: 'who shares a machine', nodes: ['node1', 'node2', 'node3'], quorum: true }
const witnessed = { ...three, nodes: ['node1', 'node2'], witnesses: ['arbiter'] }

/** As the documents of these members say. */
function on(world: World, machines: Readonly<Record<string, string>>): World {
  const documents = Object.entries(world.documents).map(([node, document]) => [
    node,
    { ...document, machineId: machines[node] ?? document.machineId },
  ])
  return { ...world, documents: Object.fromEntries(documents) as World['documents'] }
}

const clone =
  'where one is a clone of the other let it leave the cluster, give it an id of its own (rm /etc/machine-id, then systemd-machine-id-setup), restart its omd, and let it join again'

describe('members that say that they are one machine are named together', () => {
  test.each<[string, World, readonly unknown[]]>([
    ['each has its own', worldOf(witnessed), []],
    [
      'a witness on the machine of a node',
      on(worldOf(witnessed), { node2: 'm', arbiter: 'm' }),
      [
        `node node2, witness arbiter have the same machine id: where that is one machine its loss takes 2 votes at once, so put arbiter elsewhere; ${clone}`,
      ],
    ],
    [
      'two nodes',
      on(worldOf(three), { node1: 'm', node3: 'm' }),
      [
        `node node1, node node3 have the same machine id: where that is one machine its loss takes 2 votes at once, so put all but one of them elsewhere; ${clone}`,
      ],
    ],
    [
      'all of one template',
      on(worldOf(witnessed), { node1: 'm', node2: 'm', arbiter: 'm' }),
      [
        `node node1, node node2, witness arbiter have the same machine id: where that is one machine its loss takes 3 votes at once, so put arbiter elsewhere; ${clone}`,
      ],
    ],
    [
      'two machines of two',
      on(worldOf({ ...three, nodes: ['node1', 'node2', 'node3', 'node4'] }), {
        node1: 'm',
        node2: 'n',
        node3: 'm',
        node4: 'n',
      }),
      [expect.stringMatching(/^node node1, node node3 /), expect.stringMatching(/^node node2, node node4 /)],
    ],
    [
      'nodes that have no votes',
      on(worldOf({ ...three, quorum: false }), { node1: 'm', node3: 'm' }),
      [expect.stringContaining('its loss takes 2 nodes at once')],
    ],
    [
      'a witness that has no vote',
      on(worldOf({ ...witnessed, quorum: false }), { node2: 'm', arbiter: 'm' }),
      [],
    ],
    [
      'one that is silent',
      on(worldOf({ ...three, silent: ['node3'] }), { node1: 'm', node3: 'm' }),
      [expect.stringMatching(/^node node1, node node3 /)],
    ],
  ])('%s', (_, world, gaps) => {
    expect(sharedMachines(world)).toEqual(gaps)
  })

  test('but not one that is no member any more', () => {
    const world = on(worldOf(three), { node1: 'm', node3: 'm' })
    const nodes = world.cluster.nodes.filter(({ name }) => name !== 'node3')
    expect(sharedMachines({ ...world, cluster: { ...world.cluster, nodes } })).toEqual([])
  })

  test('but not a name under which another machine was let in since, before that has spoken', () => {
    const world = on(worldOf(three), { node1: 'm', node3: 'm' })
    const joined: RegisterEntry = {
      kind: 'off',
      name: 'node3',
      value: { off: false, incarnation: 9, generation: 9 },
      stamp: { wallMs: 1, count: 0, node: 'node1' },
    }
    expect(sharedMachines({ ...world, registers: { 'off/node3': joined } })).toEqual([])
  })

  test('in what om cluster check is answered', () => {
    const world = on(worldOf(three), { node1: 'm', node3: 'm' })
    const daemon = { version: '1', pid: 1, startedWallMs: nowMs, paths: [], loopDelay: null }
    expect(clusterStatus({ world, notes: {}, daemon }).gaps).toEqual(
      expect.arrayContaining([...sharedMachines(world)]),
    )
  })
})
