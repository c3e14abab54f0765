import type { Event } from '../../src/core/event.js'
import { reduce } from '../../src/core/reduce/index.js'
import { rulesAgreed } from '../../src/core/reduce/rules.js'
import type { RegisterEntry } from '../../src/core/register.js'
import { parties, soleRules, type Rules } from '../../src/core/rules.js'
import { ownDocument } from '../../src/core/view.js'
import type { World } from '../../src/core/world.js'
import { on, withDocuments } from './belied.js'
import { besideNobody, unknowing } from './majority-mutations.js'
import type { Mutation } from './mutation.js'

/** What former rules of the cluster are for, broken part by part. */
export const rulesMutations: Readonly<Record<string, Mutation>> = {
  // Of these, and what a claim is weighed by, either keeps it from being broken alone.
  'the former rules of the cluster are forgotten at a restart, and a claim is weighed by what the claimant has heard of':
    { forgets: (key) => key === 'rules', decide: on(besideNobody) },
  'a node that joins is told of no former rules, and a claim is weighed by what the claimant has heard of': {
    joinsBlank: true,
    decide: on(besideNobody),
  },
  'the rules of the cluster are changed by who is cut off, and a claim is weighed by what the claimant has heard of':
    { changesAlone: true, decide: on(besideNobody) },
  'new rules of the cluster hold alone at once': {
    reduce: (before, moment, event) => reduce(asIfBegunBy(before, event), moment, event),
  },
  'who has new rules says so at once': {
    reduce: (before, moment, event) => {
      const world = reduce(before, moment, event)
      const { rules } = world
      if (rules.saysAtMs === null) return world
      return reduce({ ...world, rules: { ...rules, saysAtMs: world.nowMs } }, moment, { kind: 'wake' })
    },
  },
  'former rules end without the word of the others': { reduce: then(agreedAs(allOff)) },
  'who has a part in rules that others still keep is not asked, nor a claim weighed by those': {
    decide: on((world) => besideNobody(unknowing(world))),
    reduce: then(agreedAs(keepingNone)),
  },
  'nobody counts as behind': {
    decide: on(withoutWords),
    reduce: (before, moment, event) => {
      if (event.kind !== 'beat' && event.kind !== 'acknowledged') return reduce(before, moment, event)
      const world = reduce(withoutWords(before), moment, event)
      // What is counted changes no document but the own.
      return { ...world, documents: { ...before.documents, [world.self]: ownDocument(world) } }
    },
  },
  'the lease of the newest rules counts, not the shortest': {
    reduce: then((world) => withTimes(world, ({ leaseMs }) => ({ leaseMs }))),
  },
  'the timeout of the newest rules counts, not the longest': {
    reduce: then((world) => withTimes(world, ({ timeoutMs }) => ({ timeoutMs }))),
  },
}

function then(belie: (world: World) => World): typeof reduce {
  return (before, moment, event) => belie(reduce(before, moment, event))
}

/** As if there had never been another configuration than the one that arrives. */
function asIfBegunBy(world: World, event: Event): World {
  if (event.kind !== 'cluster') return world
  return { ...world, cluster: event.cluster, rules: soleRules(event.version) }
}

/** The former rules end where by a belied world they would. */
function agreedAs(belie: (world: World) => World): (world: World) => World {
  return (world) => {
    if (world.rules.earlier.length === 0) return world
    const { rules, cluster, links, votes, lease, documents } = rulesAgreed(belie(world))
    const own = documents[world.self] ?? ownDocument(world)
    return {
      ...world,
      rules,
      cluster,
      links,
      votes,
      lease,
      documents: { ...world.documents, [world.self]: own },
    }
  }
}

function allOff(world: World): World {
  const value = { off: true, incarnation: Number.MAX_SAFE_INTEGER, generation: 0 }
  const stamp = { wallMs: 0, count: 0, node: world.self }
  const words = parties(world).map(({ name }): [string, RegisterEntry] => [
    `off/${name}`,
    { kind: 'off', name, value, stamp },
  ])
  return { ...withoutWords(world), registers: { ...world.registers, ...Object.fromEntries(words) } }
}

/** As if nobody kept former rules. */
function keepingNone(world: World): World {
  return withDocuments(world, (document) =>
    document.rules === undefined ? document : { ...document, rules: { ...document.rules, earlier: [] } },
  )
}

/** As if nobody said by which rules it goes. */
function withoutWords(world: World): World {
  return withDocuments(world, (document) => {
    const { rules, ...wordless } = document
    return rules === undefined ? document : wordless
  })
}

function withTimes(world: World, times: (newest: Rules) => Partial<World['cluster']['heartbeat']>): World {
  const { newest } = world.rules
  if (newest === null) return world
  const heartbeat = { ...world.cluster.heartbeat, ...times(newest) }
  return { ...world, cluster: { ...world.cluster, heartbeat } }
}
