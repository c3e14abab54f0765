import { afterEach, beforeEach, expect, test } from 'vitest'
import { ok } from '../../../src/core/result.js'
import type { Driver } from '../../../src/resources/driver.js'
import { testNode, type TestNode } from '../../drivers/node.js'
import { resource, service } from '../../drivers/sample.js'
import { act } from './fixture.js'

// A node that is not the leader of a provisioning makes what is its own, and takes nothing that another node runs.

let started: string[] = []

function disk(type: string, more: Partial<Driver<boolean>>): Driver<boolean> {
  return {
    group: 'disk',
    type,
    keywords: [],
    tools: [],
    events: [],
    label: () => `${type} d`,
    look: async () => ok(started.includes(type)),
    status: (_, up) => ({ status: up ? 'up' : 'down', messages: [] }),
    start: (_, up) => (up ? [] : [toggle(type, true)]),
    stop: (_, up) => (up ? [toggle(type, false)] : []),
    assume: (_, state) => state === 'up',
    ...more,
  }
}

const log: string[] = []
const toggle = (type: string, up: boolean) => ({
  kind: 'do' as const,
  text: `${up ? 'start' : 'stop'} ${type}`,
  run: async () => {
    started = up ? [...started, type] : started.filter((one) => one !== type)
    log.push(`${up ? 'start' : 'stop'} ${type}`)
    return ok(undefined)
  },
})

const made = { provision: () => [], provisioned: () => true }

let node: TestNode
beforeEach(() => {
  started = []
  log.length = 0
  node = testNode([
    disk('own', made),
    disk('tagged', { ...made, elsewhere: () => 'the tag of node2' }),
    disk('reservation', {}),
  ])
})
afterEach(() => node.remove())

const follow = (type: string, common: { readonly shared?: boolean } = {}) =>
  act(node, service([{ ...resource('disk#0', type), ...common }]), 'provision', { leader: false })

test.each([
  [
    'a disk that it makes for itself is started for what is made upon it, and stopped again',
    'own',
    {},
    ['start own', 'stop own'],
  ],
  ['one that all nodes share is left to the leader', 'own', { shared: true }, []],
  [
    'one that nobody makes has nothing made upon it: a reservation is never taken from who has it',
    'reservation',
    {},
    [],
  ],
])('%s', async (_, type, common, told) => {
  expect((await follow(type, common)).result.failure).toBeNull()
  expect(log).toEqual(told)
})

test('one that another node has is not started, whatever the configuration says', async () => {
  const { result } = await follow('tagged')
  expect(result.failure?.message).toContain(
    'tagged d carries the tag of node2: if all nodes see the same one, say so: om db1 set --kw disk#0.shared=true',
  )
  expect(log).toEqual([])
})
