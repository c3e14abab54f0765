// The tutorial's table beside OpenSVC's log tells what the log of the same switch here shows: that log is recorded on machines.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/tutorial.md'), 'utf8')
const log = readFileSync(join(root, 'test/vm/scenarios/golden/tutorial-switch-log.txt'), 'utf8')

const section = page.split('\n## ').find((text) => text.startsWith("Beside OpenSVC's log"))
const rows = (section ?? '')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(2)
  .map((line) => line.split(' | '))

test.each(rows.map(([there = '', here = '']) => [there.slice(2), here]))('instead of %s', (_, here) => {
  for (const [, quoted = ''] of here.matchAll(/`([^`]+)`/g)) {
    // its place depends on when the other node answers, so that the recorded log leaves it out
    if (quoted === 'addresses checked') continue
    expect(log).toContain(quoted.replace(' ID', ' <container id>'))
  }
})

test('every difference has its reason', () => {
  expect(rows.length).toBeGreaterThan(10)
  expect(rows.filter(([, , why = '']) => why.replace('|', '').trim() === '')).toEqual([])
})
