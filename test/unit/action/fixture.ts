import { existsSync } from 'node:fs'
import { ok } from '../../../src/core/result.js'
import { everything } from '../../../src/core/selection.js'
import type { Resource, Service } from '../../../src/core/service.js'
import type { ActionOptions, ActionResult } from '../../../src/daemon/agent/action/options.js'
import { runAction } from '../../../src/daemon/agent/action/run-action.js'
import { listOf, textOf, type Context, type Driver, type Step } from '../../../src/resources/driver.js'
import { fsFlag } from '../../../src/resources/fs/flag/driver.js'
import { testNode, type TestNode } from '../../drivers/node.js'
import { resource, service } from '../../drivers/sample.js'

/** A file that is up where it exists. Its start and stop can be given as other commands, to make them fail in every way. */
const file: Driver<boolean> = {
  group: 'fs',
  type: 'file',
  keywords: [],
  tools: [{ command: 'lsu-no-such-tool', package: 'no-such-package' }],
  events: [],
  label: (ctx) => `file ${ctx.resource.rid}`,
  look: async (ctx) => {
    if (textOf(ctx.resource, 'look') === 'hang') await new Promise(() => undefined)
    return ok((await ctx.io.files.stat(pathOf(ctx))) !== null)
  },
  status: (_, there) => ({ status: there ? 'up' : 'down', messages: [] }),
  start: (ctx, there) => (there ? [] : commands(ctx, 'start', ['touch', pathOf(ctx)])),
  stop: (ctx, there) => (there ? commands(ctx, 'stop', ['rm', pathOf(ctx)]) : []),
  early: (ctx) => {
    const argv = listOf(ctx.resource, 'early')
    return argv.length === 0 ? null : { kind: 'command', argv }
  },
  assume: (_, state) => state === 'up',
}

/** The same as an address. */
const address: Driver<boolean> = { ...file, group: 'ip' }

const pathOf = (ctx: Context): string => `${ctx.varDir}-${ctx.resource.rid}`

function commands(ctx: Context, keyword: string, usual: readonly string[]): readonly Step[] {
  const given = listOf(ctx.resource, keyword)
  const own: Step[] = given.length === 0 ? [] : [{ kind: 'command', argv: given }]
  return given.length > 0 && given[0] !== 'true' ? own : [...own, { kind: 'command', argv: usual }]
}

/** A node of its own for a test, with the file driver and flags. */
export const fileNode = (): TestNode => testNode([fsFlag, file, address])

export interface Told {
  readonly result: ActionResult
  /** `rid level message` without the node's directory. */
  readonly log: readonly string[]
  readonly progress: readonly string[]
  /** How many lines had been logged when everything exclusive was told to be released. */
  readonly releases: readonly number[]
}

/** Runs an action on that node, and keeps what was told. */
export async function act(
  node: TestNode,
  of: Service,
  action: ActionOptions['action'],
  more: Partial<ActionOptions> = {},
): Promise<Told> {
  const log: string[] = []
  const progress: string[] = []
  const releases: number[] = []
  const result = await runAction({
    node,
    service: of,
    action,
    selection: everything,
    origin: 'daemon',
    leader: true,
    generation: 7,
    signal: new AbortController().signal,
    mayContinue: () => null,
    on: {
      log: ({ rid, level, message }) =>
        log.push(`${rid ?? '-'} ${level} ${message.replaceAll(node.directory, 'DIR')}`),
      progress: (rid, state) => progress.push(`${rid} ${state}`),
      changed: () => undefined,
      released: () => {
        releases.push(log.length)
        return Promise.resolve()
      },
    },
    ...more,
  })
  return { result, log, progress, releases }
}

/** A service of files: `fs#0`, `fs#1`, … */
export const files = (...more: readonly Partial<Resource>[]): Service =>
  service(more.map((rest, n) => resource(`fs#${n}`, 'file', {}, rest)))

/** Is the file there? */
export const there = (node: TestNode, rid: string): boolean => existsSync(`${node.varDir}-${rid}`)

/** `fs#0 up, fs#1 down` */
export const statuses = (result: ActionResult): string =>
  Object.entries(result.resources)
    .map(([rid, one]) => `${rid} ${one.status}`)
    .join(', ')
