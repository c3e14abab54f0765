import { expect, test } from 'vitest'
import { dockerContainer } from '../../../src/resources/container/docker/driver.js'
import { assume } from '../../../src/resources/container/engine/seen.js'
import type { Context } from '../../../src/resources/driver.js'
import { systemPorts } from '../../drivers/node.js'
import { resource, service } from '../../drivers/sample.js'

const own = resource('container#1', 'docker', { name: 'db1.container.1', image: 'postgres', detach: true })
const ctx: Context = {
  service: service([own]),
  resource: own,
  node: 'node1',
  io: systemPorts(),
  generation: null,
  runDir: '/run',
  varDir: '/var',
}

function ended(exitCode: number, error = ''): readonly (readonly [string, string])[] {
  const seen = assume(ctx, 'up')
  if (seen.container === null) throw new Error('assumed up')
  const container = { ...seen.container, state: 'exited' as const, exitCode, error }
  const report = dockerContainer.status(ctx, { ...seen, container, lastLines: ['ready'] })
  expect(report.status).toBe('down')
  return report.messages.map(({ level, text }) => [level, text])
}

const gone = ['info', 'it ended with the node or the engine, which did not see how'] as const

test.each([
  ['well', 0, '', []],
  ['stopped', 143, '', []],
  ['killed', 137, '', []],
  [
    'badly',
    3,
    '',
    [
      ['error', 'exited with code 3'],
      ['error', 'ready'],
    ],
  ],
  ['with a crash of the node: that is over, and no warning afterwards', 255, '', [gone]],
  [
    'before it began',
    255,
    'no such file',
    [
      ['error', 'no such file'],
      ['error', 'ready'],
    ],
  ],
])('a container that ended %s', (_, exitCode, error, messages) => {
  expect(ended(exitCode, error)).toEqual(messages)
})

test.each([
  ['its own', undefined, '10'],
  ['half of what there is for all', 6500, '3'],
  ['none', 800, '0'],
])('a container that is stopped has %s time for it', (_, withinMs, seconds) => {
  const within = withinMs === undefined ? ctx : { ...ctx, withinMs }
  const [stop] = dockerContainer.stop(within, assume(ctx, 'up'))
  expect(stop).toMatchObject({ argv: ['docker', 'stop', '-t', seconds, expect.anything()] })
})
