import { writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ok } from '../../../src/core/result.js'
import type { Service, Trigger } from '../../../src/core/service.js'
import type { Driver } from '../../../src/resources/driver.js'
import { testNode, type TestNode } from '../../drivers/node.js'
import { resource, service } from '../../drivers/sample.js'
import { act, fileNode, files } from './fixture.js'

/** Told to everything on a node: how often it was looked at, and how often the question common to all was asked. */
class Counted {
  looks: string[] = []
  questions = 0

  readonly driver: Driver<boolean> = {
    group: 'fs',
    type: 'counted',
    keywords: [],
    tools: [],
    events: [],
    label: (ctx) => ctx.resource.rid,
    look: async (ctx, look) => {
      this.looks.push(ctx.resource.rid)
      await look.once('all', async () => (this.questions += 1))
      return ok((await ctx.io.files.stat(`${ctx.varDir}-${ctx.resource.rid}`)) !== null)
    },
    status: (_, there) => ({ status: there ? 'up' : 'down', messages: [] }),
    start: (ctx, there) =>
      there ? [] : [{ kind: 'command', argv: ['touch', `${ctx.varDir}-${ctx.resource.rid}`] }],
    stop: (ctx, there) =>
      there ? [{ kind: 'command', argv: ['rm', `${ctx.varDir}-${ctx.resource.rid}`] }] : [],
    assume: (_, state) => state === 'up',
  }
}

const three = service(['fs#0', 'fs#1', 'fs#2'].map((rid) => resource(rid, 'counted')))

let counted: Counted
let node: TestNode
beforeEach(() => {
  counted = new Counted()
  node = testNode([counted.driver])
})
afterEach(() => node.remove())

async function looksDuring(action: 'start' | 'stop'): Promise<{ looks: string; questions: number }> {
  counted.looks = []
  counted.questions = 0
  const { result } = await act(node, three, action)
  expect(result.failure).toBeNull()
  return { looks: counted.looks.join(' '), questions: counted.questions }
}

describe('looks of an action', () => {
  test('each resource before and after its steps; the next one together with the last', async () => {
    const looks = 'fs#0 fs#0 fs#1 fs#1 fs#2 fs#2'
    expect(await looksDuring('start')).toEqual({ looks, questions: 4 })
  })

  test('in a stop all that are below the first beside its command, since nothing on the way changes what they show', async () => {
    await looksDuring('start')
    expect(await looksDuring('stop')).toEqual({ looks: 'fs#2 fs#1 fs#0 fs#2 fs#1 fs#0', questions: 4 })
  })

  test('in a stop of what is down already, all that are below the first at once', async () => {
    expect(await looksDuring('stop')).toEqual({ looks: 'fs#2 fs#1 fs#0', questions: 1 })
  })

  test('a stop tells once that nothing exclusive is left, before it ends what holds nothing', async () => {
    const of = service([
      resource('fs#0', 'counted'),
      resource('fs#1', 'counted', {}, { exclusive: false }),
      resource('fs#2', 'counted'),
    ])
    const began = await act(node, of, 'start')
    expect(began.result.failure).toBeNull()
    const { log, releases } = await act(node, of, 'stop')
    expect(log.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      '- info do',
      'fs#2 info rm',
      'fs#0 info rm',
      'fs#1 info rm',
    ])
    expect(releases).toEqual([3])
  })

  test('with nothing to do there is nothing to look at again', async () => {
    await looksDuring('start')
    expect(await looksDuring('start')).toMatchObject({ looks: 'fs#0 fs#1 fs#2' })
  })
})

describe('what was looked at ahead', () => {
  const trigger = (when: Trigger['when'], command: readonly string[]): Trigger => ({
    when,
    action: 'start',
    blocking: true,
    command,
  })

  test('does not hold once a trigger has run', async () => {
    const own = fileNode()
    const made = ['touch', `${own.varDir}-fs#1`]
    const { log } = await act(own, files({ triggers: [trigger('post', made)] }, {}), 'start')
    own.remove()
    expect(log.at(-1)).toBe('fs#1 info file fs#1 is already up')
  })

  test('does not hold once a step has failed: what is undone is looked at again', async () => {
    const own = fileNode()
    const of = files({}, { keywords: { start: ['false'] } })
    const { result } = await act(own, of, 'start')
    const left = Object.entries(result.resources).map(([rid, { status }]) => `${rid} ${status}`)
    own.remove()
    expect({ left, rollback: result.rollback }).toEqual({
      left: ['fs#0 down', 'fs#1 down'],
      rollback: 'done',
    })
  })
})

describe('whether addresses are free', () => {
  const cases = [
    { name: 'was not asked: it is asked at the start', silent: undefined, asked: true },
    { name: 'is just being asked, and nobody answers: it is not asked again', silent: true, asked: false },
    { name: 'was asked in vain: it is asked at the start', silent: false, asked: true },
  ]
  test.each(cases)('$name', async ({ silent, asked }) => {
    const own = fileNode()
    const of = files({ keywords: { early: ['true', 'early'] } })
    const { log } = await act(
      own,
      of,
      'start',
      silent === undefined ? {} : { addressesSilent: Promise.resolve(silent) },
    )
    own.remove()
    expect(log.includes('fs#0 info true early')).toBe(asked)
  })
})

describe('what is in the way of a start', () => {
  /** Up where one file is, and in its own way where another one is. */
  const cluttered: Driver<{ readonly up: boolean; readonly clutter: boolean }> = {
    group: 'container',
    type: 'cluttered',
    keywords: [],
    tools: [],
    events: [],
    label: (ctx) => ctx.resource.rid,
    look: async (ctx) => {
      const is = async (name: string): Promise<boolean> =>
        (await ctx.io.files.stat(`${ctx.varDir}-${name}`)) !== null
      return ok({ up: await is(ctx.resource.rid), clutter: await is('clutter') })
    },
    status: (_, { up }) => ({ status: up ? 'up' : 'down', messages: [] }),
    start: (ctx, { up, clutter }) =>
      up
        ? []
        : [
            ...(clutter ? [{ kind: 'command', argv: ['rm', `${ctx.varDir}-clutter`] } as const] : []),
            { kind: 'command', argv: ['touch', `${ctx.varDir}-${ctx.resource.rid}`] },
          ],
    clear: (ctx, { clutter }) =>
      clutter ? [{ kind: 'command', argv: ['rm', '-v', `${ctx.varDir}-clutter`] }] : [],
    stop: () => [],
    assume: (_, state) => ({ up: state === 'up', clutter: false }),
  }
  const slow: Driver<boolean> = {
    ...new Counted().driver,
    start: (ctx, there) =>
      there ? [] : [{ kind: 'command', argv: ['sh', '-c', `sleep 1; touch ${ctx.varDir}-fs#0`] }],
  }
  const commandsOf = async (of: Service): Promise<readonly string[]> => {
    node.remove()
    node = testNode([slow, cluttered])
    writeFileSync(`${node.varDir}-clutter`, '')
    const { result, log } = await act(node, of, 'start')
    expect(result.failure).toBeNull()
    return log
      .filter((line) => / info (rm|touch|sh)/.test(line))
      .map((line) => line.split(' ').slice(0, 4).join(' '))
  }

  test('is removed beside the resource before', async () => {
    const of = service([resource('fs#0', 'counted'), resource('container#0', 'cluttered')])
    expect(await commandsOf(of)).toEqual([
      'fs#0 info sh -c',
      'container#0 info rm -v',
      'container#0 info touch DIR/var-container#0',
    ])
  })

  test('and where there is none before, in its turn', async () => {
    const of = service([resource('container#0', 'cluttered')])
    expect(await commandsOf(of)).toEqual([
      'container#0 info rm DIR/var-clutter',
      'container#0 info touch DIR/var-container#0',
    ])
  })
})
