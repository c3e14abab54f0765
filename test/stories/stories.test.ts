import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { storyOf } from './parse.js'
import { tell } from './tell.js'

const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

test.each(folders)('%s', async (name) => {
  const story = storyOf(readFileSync(join(import.meta.dirname, name, 'story.yaml'), 'utf8'))
  const { log, most, violations } = tell(story)
  await expect(`${story.why}\n\n${log}`).toMatchFileSnapshot(join(import.meta.dirname, name, 'log.txt'))
  expect(violations).toEqual([])
  expect(most > 1).toBe(story.two)
})

test('there are enough of them', () => {
  expect(folders.length).toBeGreaterThanOrEqual(60)
})
