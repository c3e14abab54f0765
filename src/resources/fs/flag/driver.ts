import { ok } from '../../../core/result.js'
import type { Context, Driver } from '../../driver.js'
import { keywords } from './keywords.js'

/** Is the flag there? */
export type FlagSeen = boolean

/** A file in memory. It costs nothing and behaves like everything else: for tests, and for services without anything of their own. */
export const fsFlag: Driver<FlagSeen> = {
  group: 'fs',
  type: 'flag',
  keywords,
  tools: [],
  events: [],
  label: (ctx) => `flag ${flagPath(ctx)}`,
  look: async (ctx) => ok((await ctx.io.files.stat(flagPath(ctx))) !== null),
  status: (_, there) => ({ status: there ? 'up' : 'down', messages: [] }),
  start(ctx, there) {
    if (there) return []
    const path = flagPath(ctx)
    return [
      {
        kind: 'do',
        text: `touch ${path}`,
        async run(act) {
          const made = await act.io.files.makeDirectory(flagDirectory(ctx))
          return made.ok ? act.io.files.write(path, '') : made
        },
      },
    ]
  },
  stop(ctx, there) {
    if (!there) return []
    return [{ kind: 'do', text: `rm ${flagPath(ctx)}`, run: (act) => act.io.files.remove(flagPath(ctx)) }]
  },
  sever: (ctx) => [['rm', '-f', flagPath(ctx)]],
  assume: (_, state) => state === 'up',
}

const flagDirectory = (ctx: Context): string => `${ctx.runDir}/flags/${ctx.service.name}`

const flagPath = (ctx: Context): string => `${flagDirectory(ctx)}/${ctx.resource.rid}.flag`
