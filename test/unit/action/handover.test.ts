import { afterEach, beforeEach, expect, describe, test } from 'vitest'
import { ok } from '../../../src/core/result.js'
import type { Resource } from '../../../src/core/service.js'
import { listOf, textOf, type CommandStep, type Context, type Driver } from '../../../src/resources/driver.js'
import { testNode, type TestNode } from '../../drivers/node.js'
import { resource, service } from '../../drivers/sample.js'
import { act } from './fixture.js'

const path = (ctx: Context, rid = ctx.resource.rid): string => `${ctx.varDir}-${rid}`
const there = async (ctx: Context, rid: string): Promise<boolean> =>
  (await ctx.io.files.stat(path(ctx, rid))) !== null
const command = (...argv: readonly string[]): CommandStep => ({ kind: 'command', argv })

interface Box {
  readonly runs: boolean
  readonly remains: boolean
}

/** A file for the running container, one more for what a stop leaves until it is removed; keyword `rm` replaces how. */
const box: Driver<Box> = {
  group: 'container',
  type: 'box',
  keywords: [],
  tools: [],
  events: [],
  label: (ctx) => ctx.resource.rid,
  look: async (ctx) => {
    const { rid } = ctx.resource
    return ok({ runs: await there(ctx, rid), remains: await there(ctx, `${rid}.left`) })
  },
  status: (_, { runs }) => ({ status: runs ? 'up' : 'down', messages: [] }),
  start: (ctx, { runs }) => (runs ? [] : [command('touch', path(ctx), `${path(ctx)}.left`)]),
  stop: (ctx, { runs, remains }) => {
    const rm = listOf(ctx.resource, 'rm')
    const removal = command(...(rm.length > 0 ? rm : ['rm', `${path(ctx)}.left`]))
    return [
      ...(runs ? [command('rm', path(ctx))] : []),
      ...(remains ? [{ ...removal, afterRelease: true as const }] : []),
    ]
  },
  assume: (_, state) => ({ runs: state === 'up', remains: state === 'up' }),
}

/** An address that is there as long as its container runs; status `warn` where keyword `doubt` is set. */
const address: Driver<{ readonly holder: boolean; readonly there: boolean }> = {
  group: 'ip',
  type: 'address',
  keywords: [],
  tools: [],
  events: [],
  label: (ctx) => ctx.resource.rid,
  look: async (ctx) =>
    ok({
      holder: await there(ctx, textOf(ctx.resource, 'netns') ?? ''),
      there: await there(ctx, ctx.resource.rid),
    }),
  status: (ctx, seen) => {
    const up = textOf(ctx.resource, 'doubt') === null ? ('up' as const) : ('warn' as const)
    return { status: seen.there ? up : 'down', messages: [] }
  },
  start: (ctx, seen) =>
    seen.there ? [] : [seen.holder ? command('touch', path(ctx)) : command('false', 'no namespace')],
  stop: (ctx, seen) => (seen.there ? [command('rm', path(ctx))] : []),
  assume: (_, state) => ({ holder: true, there: state === 'up' }),
}

let node: TestNode
beforeEach(() => {
  node = testNode([box, address])
})
afterEach(() => node.remove())

const holder = resource('container#0', 'box', {}, { exclusive: false })
const app = (n: number, rm: readonly string[] = [], rest: Partial<Resource> = {}): Resource =>
  resource(`container#${n}`, 'box', rm.length === 0 ? {} : { rm }, rest)
const ip = (rest: Partial<Resource> = {}, keywords: Readonly<Record<string, string>> = {}): Resource =>
  resource('ip#0', 'address', { netns: 'container#0', ...keywords }, rest)

const lines = (log: readonly string[]): readonly string[] =>
  log
    .filter((line) => / info (touch|rm|false|true) /.test(`${line} `))
    .map((line) => line.replaceAll(/DIR\S*\/var-|\S*-(?=(container|ip)#)/g, ''))

describe('a start', () => {
  test('looks at an address again once the container that keeps its namespace was started', async () => {
    const { result } = await act(node, service([holder, ip(), app(1)]), 'start')
    expect(result.failure).toBeNull()
  })

  test('goes on without an optional address that does not show', async () => {
    const { result } = await act(
      node,
      service([holder, ip({ optional: true }, { doubt: 'yes' }), app(1)]),
      'start',
    )
    expect(result.failure).toBeNull()
    expect(result.resources['container#1']?.status).toBe('up')
  })

  test('runs what comes behind an address once that was seen', async () => {
    const behind = { when: 'post', action: 'start', blocking: true, command: ['true', 'behind'] } as const
    const { result, log } = await act(
      node,
      service([holder, ip({ triggers: [behind] }, { doubt: 'yes' })]),
      'start',
    )
    expect(result.failure?.message).toContain('ip#0 is warn')
    expect(lines(log)).not.toContain('ip#0 info true behind')
  })
})

describe('a stop', () => {
  const stopped = async (resources: readonly Resource[]) => {
    const of = service(resources)
    expect((await act(node, of, 'start')).result.failure).toBeNull()
    return act(node, of, 'stop')
  }

  test('removes what holds nothing once everything exclusive is released, and the namespace last', async () => {
    const { log, releases } = await stopped([holder, ip(), app(1)])
    expect(lines(log)).toEqual([
      'container#1 info rm container#1',
      'ip#0 info rm ip#0',
      'container#1 info rm container#1.left',
      'container#0 info rm container#0',
      'container#0 info rm container#0.left',
    ])
    expect(releases).toEqual([3])
  })

  test('that cannot remove one leaves no other lying about, and says so', async () => {
    const { log, result } = await stopped([holder, app(1, ['false']), app(2)])
    expect(lines(log).slice(2)).toEqual([
      'container#2 info rm container#2.left',
      'container#1 info false',
      'container#0 info rm container#0',
      'container#0 info rm container#0.left',
    ])
    expect(result).toMatchObject({
      failure: { message: expect.stringContaining('container#1') },
      rollback: 'none',
    })
  })

  test('does not mind that an optional one is not removed', async () => {
    const { result } = await stopped([holder, app(1, ['false'], { optional: true }), app(2)])
    expect(result.failure).toBeNull()
  })

  test('counts what is disabled as released', async () => {
    const { releases } = await stopped([holder, app(1), app(2, [], { disable: true })])
    expect(releases).toHaveLength(1)
  })

  test('that fails is not rolled back: it started nothing', async () => {
    const of = service([
      holder,
      app(1),
      resource('container#2', 'box', {}, { timeouts: { ...holder.timeouts } }),
    ])
    await act(node, of, 'start')
    const { log, result } = await act(node, of, 'stop', { signal: AbortSignal.abort() })
    expect(result.rollback).toBe('none')
    expect(log.join('\n')).not.toContain('rollback')
  })
})
