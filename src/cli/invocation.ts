import { basename } from 'node:path'
import { fail, ok, type Result } from '../core/result.js'
import type { Scope } from './command.js'

/** A command line taken apart as far as its command's words. */
export interface Invocation {
  readonly scope: Scope
  /** Which services; empty outside their scope. */
  readonly selector: string
  /** Words of the command, its arguments and options. */
  readonly words: readonly string[]
}

const SCOPES = ['node', 'cluster', 'daemon'] as const
const ALONE = ['mon', 'help']

/**
 * What a program of this name means by its arguments: `om`; `svcmgr -s SEL ACTION` = `om SEL ACTION`; `nodemgr ACTION` = `om node
 * ACTION`; `svcmon` = `om mon`; any other name is a link named like a service, and acts on that service.
 */
export function invocation(program: string, argv: readonly string[]): Result<Invocation> {
  const name = basename(program).replace(/\.[cm]?[jt]s$/, '')
  switch (name) {
    case 'om':
      return ok(om(argv))
    case 'svcmon':
      return ok({ scope: 'alone', selector: '', words: ['mon', ...argv] })
    case 'nodemgr':
      return ok({ scope: 'node', selector: '', words: argv })
    case 'svcmgr':
      return svcmgr(argv)
  }
  return ok({ scope: 'service', selector: name, words: argv })
}

function om(argv: readonly string[]): Invocation {
  const { first, rest } = leadingOptions(argv)
  const scope = SCOPES.find((each) => each === first)
  if (scope !== undefined) return { scope, selector: '', words: rest }
  if (first === null || ALONE.includes(first)) {
    return { scope: 'alone', selector: '', words: first === null ? rest : [first, ...rest] }
  }
  return { scope: 'service', selector: first, words: rest }
}

/** `om --format json db1 status`: options before the first word go behind the others. */
function leadingOptions(argv: readonly string[]): {
  readonly first: string | null
  readonly rest: readonly string[]
} {
  let at = 0
  while (at < argv.length && (argv[at] ?? '').startsWith('-')) {
    at += argv[at] === '--format' || argv[at] === '--color' ? 2 : 1
  }
  const words = argv.slice(at + 1)
  return { first: argv[at] ?? null, rest: [...words, ...argv.slice(0, at)] }
}

function svcmgr(argv: readonly string[]): Result<Invocation> {
  for (const [i, word] of argv.entries()) {
    const joined = /^(?:--service=|-s(?=.))(.*)$/.exec(word)?.[1]
    const selector = word === '-s' || word === '--service' ? argv[i + 1] : joined
    if (selector === undefined) continue
    const words = [...argv.slice(0, i), ...argv.slice(joined === undefined ? i + 2 : i + 1)]
    return ok({ scope: 'service', selector, words })
  }
  if (argv.some((word) => word === '--help' || word === '-h'))
    return ok({ scope: 'alone', selector: '', words: ['help'] })
  return fail('INVALID', 'svcmgr needs to know which service: svcmgr -s SERVICE ACTION')
}
