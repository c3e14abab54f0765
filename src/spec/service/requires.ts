import type { Requirement } from '../../core/service.js'
import type { Status } from '../../core/status.js'
import { RESOURCE_ACTIONS } from '../keywords/resource.js'
import { suggestion } from '../suggestion.js'
import { textOf, type Values } from './resource.js'

const STATES: readonly Status[] = ['up', 'down', 'warn', 'stdby up', 'stdby down', 'n/a', 'undef']

/** What a requirement without states asks for. */
const DEFAULT_STATES = ['up', 'stdby up']

/** `start_requires = fs#1(up,stdby up) ip#0` and its like, of one resource. `report` gets the keyword and what is wrong with it. */
export function requirementsOf(
  values: Values,
  rids: readonly string[],
  report: (keyword: string, what: string) => void,
): readonly Requirement[] {
  return RESOURCE_ACTIONS.flatMap((action) => {
    const keyword = `${action}_requires`
    const found: Requirement[] = []
    let rest = (textOf(values[keyword]) ?? '').trim()
    while (rest !== '') {
      const match = /^([^\s(),]+)(?:\(([^()]*)\))?(?:[\s,]+|$)/.exec(rest)
      if (match === null) {
        report(
          keyword,
          `must be resources with states, such as fs#1(up,stdby up), and ${JSON.stringify(rest)} is none`,
        )
        return found
      }
      const [whole, rid = '', states] = match
      const problem = requirementProblem(rid, rids, statesOf(states))
      if (problem === null) found.push({ action, rid, states: statesOf(states) })
      else report(keyword, problem)
      rest = rest.slice(whole.length)
    }
    return found
  })
}

function statesOf(text: string | undefined): readonly string[] {
  if (text === undefined) return DEFAULT_STATES
  return text.split(',').map((state) => state.trim())
}

function requirementProblem(rid: string, rids: readonly string[], states: readonly string[]): string | null {
  if (!rids.includes(rid)) return `names ${rid}, which this service does not have${suggestion(rid, rids)}`
  const wrong = states.find((state) => !STATES.some((known) => known === state))
  if (wrong === undefined) return null
  return `asks for the state ${JSON.stringify(wrong)} of ${rid}${suggestion(wrong, STATES)}`
}
