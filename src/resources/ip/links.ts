import { fail, ok, type Result } from '../../core/result.js'
import type { DriverPorts } from '../driver.js'
import { parseLinks, parseRoutes, type Link, type Route } from '../kit/ip.js'
import type { Look } from '../look.js'

/** Interfaces and default routes of one network namespace. */
export interface Network {
  readonly links: readonly Link[]
  /** IPv4 only. */
  readonly defaultRoutes: readonly Route[]
}

/** The node's own interfaces. */
export const nodeNetwork = (look: Look): Promise<Result<Network>> =>
  look.once('network of the node', (io) => ask(io, []))

/** Interfaces inside a namespace, by the path at which it can be entered. */
export const namespaceNetwork = (look: Look, path: string): Promise<Result<Network>> =>
  look.once(`network of ${path}`, (io) => ask(io, ['nsenter', `--net=${path}`]))

const ASK_MS = 5_000

/** Both questions in one process: in batch mode `ip` answers each with one line of JSON. */
async function ask(io: DriverPorts, enter: readonly string[]): Promise<Result<Network>> {
  const argv = [...enter, 'ip', '-j', '-batch', '-']
  const input = 'address show\nroute show default\n'
  const answer = await io.exec.run(argv, { timeoutMs: ASK_MS, input, maxOutputBytes: OUTPUT_BYTES })
  if (answer.exit !== 0) {
    const details = answer.stderr.split('\n').filter((line) => line !== '')
    return fail('EXEC_FAILED', `the interfaces are not known: ${argv.join(' ')} failed`, details)
  }
  const [addresses = '', routes = ''] = answer.stdout.split('\n').filter((line) => line.trim() !== '')
  const links = parseLinks(addresses)
  if (!links.ok) return links
  const defaultRoutes = parseRoutes(routes)
  return defaultRoutes.ok ? ok({ links: links.value, defaultRoutes: defaultRoutes.value }) : defaultRoutes
}

const OUTPUT_BYTES = 8 * 1024 * 1024
