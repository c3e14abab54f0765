import { decide } from '../../src/core/decide/index.js'
import { on, seenAll, withDocuments, withInstances, type Decide } from './belied.js'

/**
 * The rules, broken: decisions are made on a world in which one fact is belied, which is what code that does not look at that fact would decide.
 * Each must be caught by the checkers.
 */
export const mutations: Readonly<Record<string, Decide>> = {
  'a claim needs no answer': on((world) => withDocuments(world, (document) => seenAll(world, document))),
  'status is believed, not the place': on((world) =>
    withInstances(world, (instance) =>
      instance.place.kind === 'held' && instance.avail !== 'up'
        ? { ...instance, place: { kind: 'none' } }
        : instance,
    ),
  ),
  'claims have no precedence': on((world) =>
    withInstances(world, (instance) =>
      instance.place.kind === 'claimed' ? { ...instance, place: { kind: 'none' } } : instance,
    ),
  ),
  'what third nodes hear is not asked': on((world) =>
    withDocuments(world, (document) => ({ ...document, hears: [] })),
  ),
  'addresses are not asked': on((world) => ({
    ...world,
    local: Object.fromEntries(
      Object.entries(world.local).map(([name, local]) => {
        const check = local.addressCheck
        return [
          name,
          check === null ? local : { ...local, addressCheck: { ...check, result: 'unchecked' as const } },
        ]
      }),
    ),
  })),
  'freezes are overlooked': on((world) => ({
    ...world,
    registers: Object.fromEntries(
      Object.entries(world.registers).filter(([key]) => !key.startsWith('freeze/')),
    ),
  })),
  'silence is believed at once': on((world) => ({
    ...world,
    cluster: { ...world.cluster, heartbeat: { ...world.cluster.heartbeat, timeoutMs: 600 } },
  })),
  'duplicates are left alone': (world) => {
    const decision = decide(world)
    return {
      ...decision,
      intents: decision.intents.filter((intent) => !intent.why.startsWith('two instances')),
    }
  },
  'claims never end': (world) => {
    const decision = decide(world)
    return { ...decision, intents: decision.intents.filter((intent) => intent.do !== 'withdraw') }
  },
}
