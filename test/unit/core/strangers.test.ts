import { expect, test } from 'vitest'
import type { NodeDocument } from '../../../src/core/document.js'
import { decide } from '../../../src/core/decide/index.js'
import { concerned, viewOf } from '../../../src/core/view.js'
import type { World } from '../../../src/core/world.js'
import { worldOf } from '../../cases/world.js'

/** node1 was let in after node3 had been taken out of the cluster and of the service, which it could not stop: it has node3's word, and no configuration that names it. */
function letInLate(kind: 'held' | 'none'): World {
  const world = worldOf({
    why: 'what a node that was let in knows of one that was taken out',
    service: { orchestrate: 'ha' },
    on: { node1: 'claimed', node2: 'down' },
    answered: ['node2'],
  })
  const like = world.documents['node2'] as NodeDocument
  const instance = like.instances['db1']
  if (instance === undefined) throw new Error('node2 has an instance')
  const place = kind === 'held' ? ({ kind, generation: 3, since: 3 } as const) : ({ kind } as const)
  const node3: NodeDocument = {
    ...like,
    node: 'node3',
    instances: { db1: { ...instance, place, monitor: 'stop failed', avail: 'up' } },
  }
  return { ...world, documents: { ...world.documents, node3 } }
}

const starts = (world: World): boolean =>
  decide(world).intents.some((intent) => intent.do === 'act' && intent.action === 'start')

test('who holds a service is asked, though taken out of the cluster before this node was let in', () => {
  const world = letInLate('held')
  expect(concerned(world, viewOf(world, 'db1'))).toEqual(['node1', 'node2', 'node3'])
  expect(starts(world)).toBe(false)
})

test('who holds nothing, and is no member, is not', () => {
  const world = letInLate('none')
  expect(concerned(world, viewOf(world, 'db1'))).toEqual(['node1', 'node2'])
  expect(starts(world)).toBe(true)
})
