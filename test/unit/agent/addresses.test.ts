import { afterEach, expect, test } from 'vitest'
import { ok } from '../../../src/core/result.js'
import { askAddresses } from '../../../src/daemon/agent/addresses.js'
import { Foreseen, type Foresight } from '../../../src/daemon/agent/action/foresight.js'
import type { View } from '../../../src/daemon/agent/action/view.js'
import type { Driver } from '../../../src/resources/driver.js'
import { testNode, type TestNode } from '../../drivers/node.js'
import { resource, service } from '../../drivers/sample.js'

/** What the question went by, by the word of the look. */
const asked: string[] = []

const address: Driver<string> = {
  group: 'ip',
  type: 'worded',
  keywords: [],
  tools: [],
  events: [],
  label: ({ resource: { rid } }) => rid,
  look: () => Promise.resolve(ok('now')),
  status: () => ({ status: 'down', messages: [] }),
  start: () => [],
  stop: () => [],
  assume: () => '',
  early: (_, seen) => ({
    kind: 'do',
    text: 'ask',
    run: () => {
      asked.push(seen)
      return Promise.resolve(ok(undefined))
    },
  }),
}

const of = service([resource('ip#1', 'worded')])
const before: View = {
  seen: ok('before'),
  probe: { status: 'down', label: '', messages: [], provisioned: null, released: true },
}
const prepared = (msAgo: number): Foresight =>
  new Map([['ip#1', new Foreseen(Promise.resolve(before), node.io.clock.nowMs() - msAgo)]])

let node: TestNode
afterEach(() => node.remove())

test.each([
  { name: 'at a handover by what the preparation saw', handover: () => prepared(0), by: 'before' },
  { name: 'at a handover long after the preparation by a look', handover: () => prepared(5000), by: 'now' },
  { name: 'at a handover that nobody prepared by a look', handover: () => new Map(), by: 'now' },
  { name: 'where silence proves something, by a look of its own', handover: () => null, by: 'now' },
])('$name', async ({ handover, by }) => {
  node = testNode([address])
  asked.length = 0
  const { result } = await askAddresses(of, node, handover())
  expect({ result, asked }).toEqual({ result: 'silent', asked: [by] })
})
