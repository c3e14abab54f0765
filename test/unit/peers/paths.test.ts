import { expect, test } from 'vitest'
import { isDialler, pathsOf } from '../../../src/daemon/peers/paths.js'

const nodes = [
  { name: 'node1', addresses: ['192.0.2.1', '198.51.100.1'] },
  { name: 'node3', addresses: ['192.0.2.3'] },
  { name: 'node2', addresses: ['192.0.2.2', '198.51.100.2'] },
]

test.each([
  ['node1', 'node1>node3@192.0.2.3 node1>node2@192.0.2.2 node1>node2@198.51.100.2'],
  ['node2', 'node1>node2@192.0.2.2 node1>node2@198.51.100.2 node2>node3@192.0.2.3'],
  ['node3', 'node1>node3@192.0.2.3 node2>node3@192.0.2.3'],
  ['a stranger', ''],
])('the paths of %s', (self, ids) => {
  const known = self === 'a stranger' ? [] : nodes
  expect(
    pathsOf(self, known)
      .map(({ id }) => id)
      .join(' '),
  ).toBe(ids)
})

test('both ends name the same paths, and one of them dials', () => {
  for (const a of nodes) {
    for (const path of pathsOf(a.name, nodes)) {
      const back = pathsOf(path.peer, nodes).find(({ id }) => id === path.id)
      expect(back).toMatchObject({ peer: a.name, address: path.address })
      expect(isDialler(a.name, path)).toBe(!isDialler(path.peer, back!))
    }
  }
})
