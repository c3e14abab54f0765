import type { NodeDocument } from './document.js'
import { hears } from './membership.js'
import { compareStamps } from './register.js'
import { localOf } from './view.js'
import type { World } from './world.js'

/**
 * Each start of a service takes a number that is higher than any before it: of two instances it tells which is the former one, and a disk's tag an older writer from
 * a newer one. A place tells the number only while it is held, so every node tells on the highest that it has heard of.
 */

/**
 * By service, what a document tells of starts: its author's own, and those that it has heard of. A claim tells of the one before it: whoever has seen a claim
 * knows, and keeps, a number that is at most one below it.
 */
export function generationsTold({
  instances,
  generations = {},
}: NodeDocument): Readonly<Record<string, number>> {
  const told: Record<string, number> = { ...generations }
  for (const [service, { place }] of Object.entries(instances)) {
    if (place.kind === 'none') continue
    const number = place.kind === 'held' ? place.generation : place.generation - 1
    told[service] = Math.max(number, told[service] ?? 0)
  }
  return told
}

/**
 * What a daemon begins with. The one before it may have seen claims that it kept nothing of, and what they led to may have told nobody: those had no higher number
 * than the one after the highest that it kept. So a claim is answered without waiting for a disk.
 */
export const generationsAtBirth = (
  kept: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(kept).map(([service, number]) => [service, number + 1]))

/** A document is small: the numbers of so many deleted services at most, those that were deleted last. */
const mostDeleted = 100

/**
 * What of them is kept. A service that is created again under its name goes on above its last number, unless so many others were deleted since. An instance of
 * a deleted one that is still held somewhere tells its number by its place.
 */
export function generationsKept(
  world: World,
  generations: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const deleted = Object.keys(generations).filter((service) => !isConfigured(world, service))
  if (deleted.length <= mostDeleted) return generations
  // By their stamps, which are the same everywhere: what one drops is not told again by another.
  const dropped = new Set(
    deleted.toSorted((a, b) => compareDeleted(world, a, b)).slice(0, deleted.length - mostDeleted),
  )
  return Object.fromEntries(Object.entries(generations).filter(([service]) => !dropped.has(service)))
}

function isConfigured(world: World, service: string): boolean {
  const entry = world.registers[`config/${service}`]
  return entry?.kind === 'config' && entry.value.text !== null
}

function compareDeleted(world: World, a: string, b: string): number {
  const [one, other] = [a, b].map((service) => world.registers[`config/${service}`]?.stamp)
  if (one !== undefined && other !== undefined) return compareStamps(one, other)
  if (one === other) return a < b ? -1 : 1
  return one === undefined ? -1 : 1
}

/** One above that of any start that anybody ever told of, and of any claim that stands. */
export function nextGeneration(world: World, service: string): number {
  const claimed = Object.values(world.documents).map((document) => claimedGeneration(document, service))
  return Math.max(newestStart(world, service), ...claimed) + 1
}

/** Is that number higher than that of any start there may have been? Who is not heard may have begun what it claimed. */
export function isNewest(world: World, service: string, generation: number): boolean {
  const unheard = Object.values(world.documents).filter(({ node }) => !hears(world, node))
  return (
    generation >
    Math.max(newestStart(world, service), ...unheard.map((one) => claimedGeneration(one, service)))
  )
}

function newestStart(world: World, service: string): number {
  const told = Object.values(world.documents).map(({ instances, generations }) => {
    const place = instances[service]?.place
    return Math.max(place?.kind === 'held' ? place.generation : 0, generations?.[service] ?? 0)
  })
  return Math.max(localOf(world, service).generation, ...told)
}

/** The number of its claim; 0 where it has none. */
export function claimedGeneration({ instances }: NodeDocument, service: string): number {
  const place = instances[service]?.place
  return place?.kind === 'claimed' ? place.generation : 0
}
