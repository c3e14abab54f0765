import { afterEach, expect, test } from 'vitest'
import { ok } from '../../../src/core/result.js'
import { askAddresses } from '../../../src/daemon/agent/addresses.js'
import type { Foresight } from '../../../src/daemon/agent/action/foresight.js'
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
const prepared: Foresight = new Map([
  [
    'ip#1',
    {
      view: Promise.resolve({
        seen: ok('before'),
        probe: { status: 'down', label: '', messages: [], provisioned: null, released: true },
      }),
      untilMs: Infinity,
    },
  ],
])

let node: TestNode
afterEach(() => node.remove())

test.each([
  { name: 'at a handover by what the preparation saw', handover: prepared, by: 'before' },
  { name: 'at a handover that nobody prepared by a look', handover: new Map(), by: 'now' },
  { name: 'where silence proves something, by a look of its own', handover: null, by: 'now' },
])('$name', async ({ handover, by }) => {
  node = testNode([address])
  asked.length = 0
  const { result } = await askAddresses(of, node, handover)
  expect({ result, asked }).toEqual({ result: 'silent', asked: [by] })
})
