import { fail, ok, type Result } from '../../core/result.js'
import type { DriverPorts } from '../driver.js'
import { parseLinks, parseRoutes, type Family, type Link, type Route } from '../kit/ip.js'
import type { Look } from '../look.js'

/** Interfaces of one network namespace, and its default routes of one address family. */
export interface Network {
  readonly links: readonly Link[]
  readonly defaultRoutes: readonly Route[]
}

/** The node's own. */
export const nodeNetwork = (look: Look, family: Family): Promise<Result<Network>> =>
  networkOf(look, [], family)

/** That of a namespace, by the path at which it can be entered. */
export const namespaceNetwork = (look: Look, path: string, family: Family): Promise<Result<Network>> =>
  networkOf(look, ['nsenter', `--net=${path}`], family)

async function networkOf(look: Look, enter: readonly string[], family: Family): Promise<Result<Network>> {
  const place = enter.join(' ')
  const [both, routes6] = await Promise.all([
    look.once(`links and routes ${place}`, (io) => linksAndRoutes(io, enter)),
    family === 6 ? look.once(`IPv6 routes ${place}`, (io) => routesOf6(io, enter)) : ok([]),
  ])
  if (!both.ok || family === 4) return both
  return routes6.ok ? ok({ links: both.value.links, defaultRoutes: routes6.value }) : routes6
}

const ASK_MS = 5_000
const OUTPUT_BYTES = 8 * 1024 * 1024

/** All questions in one process: in batch mode `ip` answers each with one line of JSON. */
async function linksAndRoutes(io: DriverPorts, enter: readonly string[]): Promise<Result<Network>> {
  const input = 'address show\nlink show\nroute show default\n'
  const answer = await ask(io, [...enter, 'ip', '-j', '-batch', '-'], input)
  if (!answer.ok) return answer
  const [addresses = '', written = '', routes = ''] = answer.value
    .split('\n')
    .filter((line) => line.trim() !== '')
  const links = parseLinks(addresses, written)
  if (!links.ok) return links
  const defaultRoutes = parseRoutes(routes)
  return defaultRoutes.ok ? ok({ links: links.value, defaultRoutes: defaultRoutes.value }) : defaultRoutes
}

/** Batch mode knows no lines about another family. */
async function routesOf6(io: DriverPorts, enter: readonly string[]): Promise<Result<readonly Route[]>> {
  const answer = await ask(io, [...enter, 'ip', '-6', '-j', 'route', 'show', 'default'])
  return answer.ok ? parseRoutes(answer.value) : answer
}

async function ask(io: DriverPorts, argv: readonly string[], input?: string): Promise<Result<string>> {
  const limits = { timeoutMs: ASK_MS, maxOutputBytes: OUTPUT_BYTES }
  const answer = await io.exec.run(argv, input === undefined ? limits : { ...limits, input })
  if (answer.exit === 0) return ok(answer.stdout)
  const details = answer.stderr.split('\n').filter((line) => line !== '')
  return fail('EXEC_FAILED', `addresses and routes are not known: '${argv.join(' ')}' failed`, details)
}
