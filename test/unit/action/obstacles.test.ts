import { afterEach, describe, expect, test } from 'vitest'
import { obstacles } from '../../../src/daemon/agent/action/obstacles.js'
import { fsFlag } from '../../../src/resources/fs/flag/driver.js'
import type { AnyDriver, Feature } from '../../../src/resources/driver.js'
import { testNode, type TestNode } from '../../drivers/node.js'
import { resource, service } from '../../drivers/sample.js'

const feature = (name: string, there: boolean): Feature => ({
  name,
  probe: async () => there,
  sentence: `this kernel has no ${name}: load it`,
})

const driver = (type: string, features: readonly Feature[]): AnyDriver => ({
  ...(fsFlag as AnyDriver),
  type,
  tools: [],
  features,
})

const one = driver('one', [feature('steam', false)])
const other = driver('other', [feature('sails', false)])
const fine = driver('fine', [feature('oars', true)])

let node: TestNode | undefined
afterEach(() => node?.remove())

function found(...types: readonly string[]): Promise<readonly string[]> {
  node = testNode([one, other, fine])
  return obstacles(service(types.map((type, n) => resource(`fs#${n}`, type))), node)
}

describe('a kernel feature', () => {
  test('is asked for until it is there, and then no more', async () => {
    const answers = [false, false, true, false]
    const module: Feature = {
      name: 'module',
      probe: async () => answers.shift() === true,
      sentence: 'load it',
    }
    node = testNode([driver('late', [module])])
    const of = service([resource('fs#0', 'late')])
    const found: number[] = []
    for (let n = 0; n < 5; n += 1) found.push((await obstacles(of, node)).length)
    expect({ found, left: answers }).toEqual({ found: [1, 1, 0, 0, 0], left: [false] })
  })
})

describe('what keeps a node from running a service', () => {
  test('is nothing where all is there', async () => {
    expect(await found('fine')).toEqual([])
  })

  test('is one sentence where one kernel feature is missing, with every resource that needs it', async () => {
    expect(await found('one', 'fine', 'one')).toEqual([
      'this node cannot run fs#0, fs#2 of db1: this kernel has no steam: load it',
    ])
  })

  test('is one sentence that names several missing features, then what to do about each', async () => {
    expect(await found('one', 'one', 'other')).toEqual([
      'this node cannot run db1: its kernel has no steam (for fs#0, fs#1) and no sails (for fs#2)',
      'this node cannot run fs#0, fs#1 of db1: this kernel has no steam: load it',
      'this node cannot run fs#2 of db1: this kernel has no sails: load it',
    ])
  })

  test('a driver that is not there is named too', async () => {
    expect(await found('fine', 'submarine')).toEqual(['fs#1: there is no driver fs.submarine'])
  })
})
