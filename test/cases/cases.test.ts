import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { decide } from '../../src/core/decide/index.js'
import type { Intent } from '../../src/core/intent.js'
import { nowMs, worldFrom } from './world.js'

const folder = import.meta.dirname
const cases = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())

test.each(cases.map(({ name }) => name))('%s', async (name) => {
  const world = worldFrom(readFileSync(join(folder, name, 'world.yaml'), 'utf8'))
  const { intents, notes, wakeAtMs } = decide(world)
  const answer = { intents: intents.map(brief), notes, wakeInMs: wakeAtMs === null ? null : wakeAtMs - nowMs }
  await expect(stringify(answer, { lineWidth: 0 })).toMatchFileSnapshot(join(folder, name, 'intents.yaml'))
})

/** Without the defaults of an action, so that what a case is about can be seen. */
function brief(intent: Intent): object {
  const plain = ([key, value]: [string, unknown]): boolean =>
    value === null || (key === 'leader' ? value === true : value === false)
  return Object.fromEntries(Object.entries(intent).filter((entry) => !plain(entry)))
}
