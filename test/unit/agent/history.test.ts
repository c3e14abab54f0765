import { expect, test } from 'vitest'
import { addToHistory, completeHistory, type ConfigEntry } from '../../../src/daemon/agent/history.js'
import { memoryStore } from '../../sim/memory-store.js'

const entry = (text: string | null, wallMs: number): ConfigEntry => ({
  kind: 'config',
  name: 'db1',
  value: { text, author: 'user' },
  stamp: { wallMs, count: 0, node: 'node1' },
})

test('a daemon begins with the version in force in its history, once', () => {
  const store = memoryStore()
  addToHistory(store, entry('a: 1\n', 1))
  completeHistory(store, entry('a: 1\n', 1))
  expect(store.history('config/db1')).toHaveLength(1)
  // The one before had died with this version in force, and had not come to write it there.
  completeHistory(store, entry('a: 2\n', 2))
  completeHistory(store, entry('a: 2\n', 2))
  expect(store.history('config/db1').map(({ text }) => text)).toEqual(['a: 2\n', 'a: 1\n'])
})

test('the same text set again later is a version of its own, and so is a deletion', () => {
  const store = memoryStore()
  completeHistory(store, entry('a: 1\n', 1))
  completeHistory(store, entry(null, 2))
  completeHistory(store, entry('a: 1\n', 3))
  expect(store.history('config/db1').map(({ version }) => version === 'deleted')).toEqual([
    false,
    true,
    false,
  ])
})
