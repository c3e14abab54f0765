import { fail, ok, type Result } from '../../core/result.js'
import type { ClusterStatus, ConfigAnswer } from '../../daemon/api/contract.js'
import { driverSections } from '../../resources/sections.js'
import { schemaOf } from '../../spec/schema.js'
import { parseService } from '../../spec/service.js'
import { getKeyword as keywordIn } from '../../spec/service/get.js'
import type { Action, Call } from '../command.js'
import { configurations, type Configuration, type ConfigurationScope } from '../configuration.js'
import { refuse } from '../output.js'
import { keywordOf, sectionsOf } from '../sections.js'
import { missing } from './config.js'

/** Values as they are written, or with `--eval` as a node sees them. Exit code 1 where one is not set. */
export function getKeyword(scope: ConfigurationScope): Action {
  return async (call) => {
    const keywords = call.options.list('kw')
    if (keywords.length === 0) return refuse(call.terminal, missing('get'))
    const meant = await configurations(call, scope)
    if (!meant.ok) return refuse(call.terminal, meant.error)
    const status = await call.client.get<ClusterStatus>('/api/status')
    if (!status.ok) return refuse(call.terminal, status.error)
    const codes: number[] = []
    for (const configuration of meant.value) {
      const answer = await configuration.read()
      if (!answer.ok) codes.push(refuse(call.terminal, answer.error))
      else
        codes.push(
          await print(call, keywords, (keyword) =>
            ask(call, scope, { configuration, answer: answer.value, status: status.value }, keyword),
          ),
        )
    }
    return Math.max(...codes)
  }
}

async function print(
  call: Call,
  keywords: readonly string[],
  value: (keyword: string) => Promise<Result<string>>,
): Promise<number> {
  let code = 0
  for (const keyword of keywords) {
    const found = await value(keyword)
    if (found.ok)
      call.terminal.out(`${call.format === 'table' ? found.value : JSON.stringify(found.value)}\n`)
    else code = refuse(call.terminal, found.error)
  }
  return code
}

interface Subject {
  readonly configuration: Configuration
  readonly answer: ConfigAnswer
  readonly status: ClusterStatus
}

async function ask(
  call: Call,
  scope: ConfigurationScope,
  subject: Subject,
  keyword: string,
): Promise<Result<string>> {
  const { configuration, answer, status } = subject
  if (scope === 'cluster') {
    const value = keywordOf(await sectionsOf(answer.text), keyword)
    return value === null
      ? fail('UNKNOWN', `${keyword} is not set: 'om help ${keyword}' tells its default`)
      : ok(value)
  }
  const config = parseService({
    name: configuration.label,
    text: answer.text,
    source: configuration.label,
    schema: schemaOf(driverSections),
    clusterNodes: status.nodes.filter(({ role }) => role === 'node').map(({ name }) => name),
    clusterName: status.cluster ?? '',
    unknownNodes: 'leave out',
  })
  if (!config.ok) return config
  const node = call.options.text('impersonate')
  const as = node ?? (call.options.flag('eval') ? status.node : null)
  return keywordIn({ config: config.value, keyword, as })
}
