import { fail, ok, type Result } from './result.js'
import type { Resource, Service } from './service.js'
import type { OrderSelection } from './world.js'

export const everything: OrderSelection = {
  rids: [],
  tags: [],
  subsets: [],
  upto: null,
  downto: null,
  force: false,
}

/** Does anything narrow the action to some of the resources? */
export function narrows(selection: OrderSelection): boolean {
  return (
    selection.rids.length + selection.tags.length + selection.subsets.length > 0 ||
    selection.upto !== null ||
    selection.downto !== null
  )
}

/**
 * Resources that an action may touch: enabled, without the tag `noaction`, and matching rids, tags and subsets (all three where several
 * are given). Barriers are applied to the ordered plan, not here. Nothing left where something was asked for is a failure.
 */
export function select(service: Service, selection: OrderSelection): Result<readonly Resource[]> {
  const able = service.resources.filter(
    (resource) => !resource.disable && !resource.tags.includes('noaction'),
  )
  const chosen = able.filter(
    (resource) =>
      matchesAny(resource, selection.rids) &&
      matchesTags(resource, selection.tags) &&
      inSubsets(resource, selection.subsets),
  )
  if (chosen.length === 0 && selection.rids.length + selection.tags.length + selection.subsets.length > 0) {
    return fail(
      'UNKNOWN',
      `no resource of ${service.name} matches ${words(selection)}: see 'om ${service.name} print status'`,
    )
  }
  return ok(chosen)
}

/** `fs#1`, `fs`, `fs.xfs`: a resource by its id, its group, or its group and type. */
export function matches(resource: Resource, name: string): boolean {
  return name === resource.rid || name === resource.group || name === `${resource.group}.${resource.type}`
}

function matchesAny(resource: Resource, names: readonly string[]): boolean {
  return names.length === 0 || names.some((name) => matches(resource, name))
}

/** Each element is one of several alternatives; within one, `a+b` asks for both. */
function matchesTags(resource: Resource, tags: readonly string[]): boolean {
  const alternatives = tags.flatMap((tag) => tag.split(',')).filter((tag) => tag !== '')
  return (
    alternatives.length === 0 ||
    alternatives.some((all) => all.split('+').every((tag) => resource.tags.includes(tag)))
  )
}

/** A subset is named as in the resource's `subset`, or with its group: `g1`, `fs:g1`. */
function inSubsets(resource: Resource, subsets: readonly string[]): boolean {
  if (subsets.length === 0) return true
  return subsets.some((name) => name === resource.subset || name === `${resource.group}:${resource.subset}`)
}

/** The selection as an operator types it: `--rid fs#1 --tags a`; empty where nothing is narrowed. */
export function words(selection: OrderSelection): string {
  const options: readonly (readonly [string, string])[] = [
    ['--rid', selection.rids.join(',')],
    ['--tags', selection.tags.join(',')],
    ['--subsets', selection.subsets.join(',')],
    ['--upto', selection.upto ?? ''],
    ['--downto', selection.downto ?? ''],
  ]
  const given = options.filter(([, value]) => value !== '').map(([option, value]) => `${option} ${value}`)
  return [...given, ...(selection.force ? ['--force'] : [])].join(' ')
}
