import type { Decide } from './belied.js'
import { directed } from './directed.js'
import type { Mutation } from './mutation.js'
import { quorumStories } from './quorum-stories.js'
import { runSchedule, runSeed } from './run.js'
import { runSoak } from './soak-run.js'
import { soakOf, type Setting, type Soak } from './soak.js'

/** The story that each mutation was first caught by; one without is caught by seeds. */
export const catchers: Readonly<Record<string, string>> = {
  'a start needs no evidence, whatever its number':
    'it is started where it is cut apart from the other, and both reach the witness',
  'a start needs no claim': 'the holder is cut off',
  'a start needs no lease': 'the holder is cut off',
  'a document from before the claim is an answer': 'two start it at the same moment',
  'claims have no precedence': 'two start it at the same moment',
  'the precedence of a claim is computed anew at each look':
    'two start it at the same moment, the best of them with the last name',
  'claims never end': 'two who claimed are answered by nobody',
  'stale evictions count': 'a voter has evicted the holder for a claim that is over, and hears it again',
  'the lease is longer than the timeout': 'the holder is cut off',
  'voters evict before the lease is over': 'the holder is cut off',
  'a lease counts from when its acknowledgement came': 'the last acknowledgements come seconds late',
  'an evicted node is acknowledged': 'a voter that has evicted the holder restarts, and hears it again',
  'evictions are forgotten at a restart': 'a voter that has evicted the holder restarts, and hears it again',
  'the former rules of the cluster are forgotten at a restart, and a claim is weighed by what the claimant has heard of':
    'two of five voters are cut off and told that they are most of three, and a daemon begins anew',
  'new rules of the cluster hold alone at once':
    'two of five voters are cut off and told that they are most of three, and a daemon begins anew',
  'former rules end without the word of the others':
    'two of five voters are cut off and told that they are most of three, and a daemon begins anew',
  'a node that joins is told of no former rules, and a claim is weighed by what the claimant has heard of':
    'one is let in where a change of the voters has only just arrived, and the others go on by the former ones',
  'who has new rules says so at once':
    'leases become shorter, and the daemon of the holder dies at that moment',
  'who has a part in rules that others still keep is not asked, nor a claim weighed by those':
    'one that the holder has never heard of is let in while the holder is made the only member, and starts it',
  'the rules of the cluster are changed by who is cut off, and a claim is weighed by what the claimant has heard of':
    'one that was taken out is let in again while another is cut off, and that one is told that it is alone',
  'the numbers of starts are forgotten at a restart':
    'all that have answered a claim restart, and the claimant is cut off as it begins',
  'a number that was claimed before a restart is free after it':
    'who alone has seen a claim restarts, and the claimant is cut off as it begins',
  'the number of a start is forgotten with its place':
    'it is stopped where it ran, and started elsewhere when that one is off',
  'a claim needs nobody to have seen it but those that it concerns':
    'the members of a service are changed on both sides of a cut, and one voter is heard again',
  'a majority by a newer configuration of the cluster counts, and a claim is weighed by what the claimant has heard of':
    'one that was declared off and taken out is let in again while another is cut off, which hears most before it is told',
  'a claim is weighed by the rules that the claimant has heard of':
    'one that is cut off is told within its lease that it is alone, by a clock that is ahead',
  'a majority that has heard more of others than the claimant counts':
    'one that joins has never heard of a former member, which holds it',
  'nobody counts as behind':
    'one that was declared off is back by a longer lease than the others have, and hears nothing of that',
  'the lease of the newest rules counts, not the shortest':
    'a holder hears of a longer lease, and the others, from whom it is cut off, do not',
  'the timeout of the newest rules counts, not the longest':
    'a holder that is cut off has a longer lease, and the others hear of a shorter timeout',
  'a voter that restarts takes the silent for long dead':
    'most voters restart while a claim stands and the holder is cut off',
  'durations are measured on the wall': 'the clock on the wall of a holder that is cut off goes back',
  'there is no boot hold': 'it was stopped while the best node was off, which hears of it late',
  'a restarted daemon takes an ended lease for one that lasts':
    'the daemon of a holder that is cut off is killed, and the next one finds the service',
  'a stop by force waits like any other': 'the holder is cut off while its stop hangs',
  'nothing is stopped when the lease is over': 'the holder is cut off',
  'there is neither guard nor watchdog': 'the holder stands still, and goes on later',
  'the watchdog is fed for longer than the timeout allows':
    'the holder is cut off, and nothing there can be stopped',
  'a lapse is over before everything is stopped': 'the holder is cut off',
  'a node that hears nobody is helped to a lease': 'the holder can send and not receive',
  'nobody passes documents on':
    'it is started where it is cut apart from the other, and both reach the witness',
  'who has left is gone for good': 'one that had left is back and runs it, which the other learns late',
  'who was powered off is off for good':
    'one that was powered off is back and runs it, which the other learns late',
  'who was declared off is off for good':
    'one that was declared off is back and runs it, which the other learns late',
  'voters speak of a member without having seen the claim':
    'one that had left is back and runs it, which the other learns late',
  'voters who know of a newer start of a member agree':
    'one that had left is back and runs it, and its own word of it is lost',
  'who has left needs no witness for what was said since':
    'it was stopped while one was off, and who stopped it has left',
  'who was cut off acts before it knows what was said meanwhile':
    'it was frozen while its node was cut off, which comes back',
  'who is acknowledged acts before it hears anybody':
    'it was frozen while its node was cut off, which is acknowledged before it hears anybody',
  'a goodbye that nobody has heard is believed by the next daemon':
    'the daemon of a holder that is cut off says goodbye to nobody, and the next one finds the service',
  'an answer counts whatever else its author was told':
    'it was stopped by one that another one cannot hear, and is asked through a third',
  'an answer to a former start of the daemon is one, whatever the number of that':
    'the first node restarts while another one claims that it has answered',
  'members of earlier configurations do not count':
    'the holder is no member any more, and has not heard that',
  'who holds the place and was never known as a member does not count':
    'the holder was a member while another one was off, and is slow to stop',
  'status is believed, not the place, whatever the number of the start':
    'the first node restarts while another one claims that it has answered',
  'nothing is looked at again just before a step': 'a node stands still between a start and its first step',
  'an eviction ends with the next beat, whatever it says':
    'a voter that has evicted the holder restarts, and hears it again',
  'fewer than a majority evict, whatever the number of the start':
    'it is started where it is cut apart from the other, and both reach the witness',
}

/** Does the story named for it catch the mutation? */
export function caughtInStory(name: string, mutation: Mutation): boolean {
  const soak = quorumStories[catchers[name] ?? '']
  return soak !== undefined && breaks(soak, mutation)
}

/** How many seeds it takes to catch it; null where so many do not. */
export function seedsToCatch(
  mutation: Mutation,
  o: { readonly seeds: number; readonly setting: Setting },
): number | null {
  for (let seed = 1; seed <= o.seeds; seed += 1) if (breaks(soakOf(seed, o.setting), mutation)) return seed
  return null
}

/** Without quorum: the directed schedule that catches broken rules; null where none does. */
export function caughtDirectly(rules: Decide): string | null {
  const caught = Object.entries(directed).find(([, schedule]) =>
    fails(() => runSchedule(schedule, rules).violations),
  )
  return caught?.[0] ?? null
}

/** Without quorum: how many of the short seeds it takes; null where so many do not. */
export function seedsToCatchUnprotected(rules: Decide, seeds: number): number | null {
  for (let seed = 1; seed <= seeds; seed += 1) if (fails(() => runSeed(seed, rules).violations)) return seed
  return null
}

const breaks = (soak: Soak, mutation: Mutation): boolean =>
  fails(() => runSoak(soak, { mutation }).violations)

/** A broken invariant of the agent itself is a catch too. */
function fails(run: () => readonly string[]): boolean {
  try {
    return run().length > 0
  } catch {
    return true
  }
}
