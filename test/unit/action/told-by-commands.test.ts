import { expect, test } from 'vitest'
import { ok } from '../../../src/core/result.js'
import type { Driver } from '../../../src/resources/driver.js'
import { testNode } from '../../drivers/node.js'
import { resource, service } from '../../drivers/sample.js'
import { act } from './fixture.js'

test('what a step runs is logged once: by the command, where the step says so', async () => {
  let up = false
  const driver: Driver<boolean> = {
    group: 'fs',
    type: 'told',
    keywords: [],
    tools: [],
    events: [],
    label: () => 'told',
    look: async () => ok(up),
    status: () => ({ status: up ? 'up' : 'down', messages: [] }),
    start: () => [
      {
        kind: 'do',
        text: 'true; true again',
        toldByCommands: true,
        run: async ({ command }) => {
          up = true
          const ran = await command(['true'])
          return ran.ok ? ok(undefined) : ran
        },
      },
    ],
    stop: () => [],
    assume: (_, state) => state === 'up',
  }
  const node = testNode([driver])
  const { log } = await act(node, service([resource('fs#0', 'told')]), 'start')
  node.remove()
  expect(log.filter((line) => line.startsWith('fs#0'))).toEqual(['fs#0 info true'])
})
