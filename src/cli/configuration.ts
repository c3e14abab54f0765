import { must } from '../core/invariant.js'
import { ok, type Result } from '../core/result.js'
import type { ConfigAnswer, ConfigChange, ConfigRequest, HistoryAnswer } from '../daemon/api/contract.js'
import { segment, type Client } from './client.js'
import type { Call } from './command.js'
import { refuse } from './output.js'
import { chosen, onAll, oneName } from './services.js'

/** A configuration that can be read and changed: a service's, or the cluster's. */
export interface Configuration {
  /** `om db1`, `om cluster`: how its commands begin. */
  readonly command: string
  readonly label: string
  read(): Promise<Result<ConfigAnswer>>
  change(request: ConfigRequest): Promise<Result<ConfigChange>>
  history(): Promise<Result<HistoryAnswer>>
}

export type ConfigurationScope = 'service' | 'cluster'

function serviceConfiguration(client: Client, name: string): Configuration {
  return at(client, `/api/services/${segment(name)}`, `om ${name}`, name)
}

function clusterConfiguration(client: Client): Configuration {
  return at(client, '/api/cluster', 'om cluster', 'cluster')
}

function at(client: Client, path: string, command: string, label: string): Configuration {
  return {
    command,
    label,
    read: () => client.get<ConfigAnswer>(`${path}/config`),
    change: (request) => client.post<ConfigChange>(`${path}/config`, request),
    history: () => client.get<HistoryAnswer>(`${path}/history`),
  }
}

/** Those that a command line means. */
export async function configurations(
  call: Call,
  scope: ConfigurationScope,
): Promise<Result<readonly Configuration[]>> {
  if (scope === 'cluster') return ok([clusterConfiguration(call.client)])
  const names = await chosen(call)
  return names.ok ? ok(names.value.map((name) => serviceConfiguration(call.client, name))) : names
}

/** The one that a command line means, for commands that make no sense for several. */
export function oneConfiguration(call: Call, scope: ConfigurationScope): Result<Configuration> {
  if (scope === 'cluster') return ok(clusterConfiguration(call.client))
  const name = oneName(call.selector)
  return name.ok ? ok(serviceConfiguration(call.client, name.value)) : name
}

/** The same change to each of them, with a sentence for each. */
export async function changeEach(
  call: Call,
  scope: ConfigurationScope,
  change: (configuration: Configuration) => Promise<Result<{ readonly message: string }>>,
): Promise<number> {
  const meant = await configurations(call, scope)
  if (!meant.ok) return refuse(call.terminal, meant.error)
  const byLabel = new Map(meant.value.map((each) => [each.label, each]))
  return onAll(call, [...byLabel.keys()], (label) => {
    const configuration = byLabel.get(label)
    must(configuration !== undefined, 'a label names the configuration that it came from')
    return change(configuration)
  })
}
