import type { Kind } from './kinds.js'

/** By the kind of violation that has to appear: the story that each broken rule was first caught by. One without is caught by seeds. */
const stories: Readonly<Partial<Record<Kind, Readonly<Record<string, string>>>>> = {
  'two instances at once': {
    'a start needs no evidence, whatever its number':
      'it is started where it is cut apart from the other, and both reach the witness',
    'a start needs no claim': 'the holder is cut off',
    'a start needs no lease': 'the holder is cut off',
    'a document from before the claim is an answer': 'two start it at the same moment',
    'claims have no precedence': 'two start it at the same moment',
    'the precedence of a claim is computed anew at each look':
      'two start it at the same moment, the best of them with the last name',
    'stale evictions count': 'a voter has evicted the holder for a claim that is over, and hears it again',
    'the lease is longer than the timeout': 'the holder is cut off',
    'voters evict before the lease is over': 'the holder is cut off',
    'a lease counts from when its acknowledgement came': 'the last acknowledgements come seconds late',
    'an evicted node is acknowledged': 'a voter that has evicted the holder restarts, and hears it again',
    'evictions are forgotten at a restart':
      'a voter that has evicted the holder restarts, and hears it again',
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
    'a claim needs nobody to have seen it but those that it concerns':
      'the members of a service are changed on both sides of a cut, and one voter is heard again',
    'a majority by a newer configuration of the cluster counts, a claim is weighed by what the claimant has heard of, and who was taken out is not asked':
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
    'a restarted daemon takes an ended lease for one that lasts':
      'the daemon of a holder that is cut off is killed, and the next one finds the service',
    'there is neither guard nor watchdog': 'the holder stands still, and goes on later',
    'the watchdog is fed for longer than the timeout allows':
      'the holder is cut off, and nothing there can be stopped',
    'who has left is gone for good': 'one that had left is back and runs it, which the other learns late',
    'who was powered off is off for good':
      'one that was powered off is back and runs it, which the other learns late',
    'who was declared off is off for good':
      'one that was declared off is back and runs it, which the other learns late',
    'voters speak of a member without having seen the claim':
      'one that had left is back and runs it, which the other learns late',
    'voters who know of a newer start of a member agree':
      'one that had left is back and runs it, and its own word of it is lost',
    'a goodbye that nobody has heard is believed by the next daemon':
      'the daemon of a holder that is cut off says goodbye to nobody, and the next one finds the service',
    'an answer to a former start of the daemon is one, whatever the number of that':
      'the first node restarts while another one claims that it has answered',
    'members of earlier configurations do not count':
      'the holder is no member any more, and has not heard that',
    'who holds the place and was never known as a member does not count':
      'the holder was a member while another one was off, and is slow to stop',
    'status is believed, not the place, whatever the number of the start':
      'the first node restarts while another one claims that it has answered',
    'what the guard cannot end is not answered with a reset':
      'the holder is cut off, and what cannot be stopped there ends with a reset',
    'nothing is looked at again just before a step': 'a node stands still between a start and its first step',
    'an eviction ends with the next beat, whatever it says':
      'a voter that has evicted the holder restarts, and hears it again',
    'fewer than a majority evict, whatever the number of the start':
      'it is started where it is cut apart from the other, and both reach the witness',
  },
  'a number that is not above the last': {
    'the numbers of starts are forgotten at a restart':
      'all that have answered a claim restart, and the claimant is cut off as it begins',
    'a number that was claimed before a restart is free after it':
      'who alone has seen a claim restarts, and the claimant is cut off as it begins',
    'the number of a start is forgotten with its place':
      'it is stopped where it ran, and started elsewhere when that one is off',
  },
  'up without a lease': {
    'a stop by force waits like any other': 'the holder is cut off while its stop hangs',
    'nothing is stopped when the lease is over': 'the holder is cut off',
    'a lapse is over before everything is stopped': 'the holder is cut off',
  },
  'a start of what is frozen': {
    'there is no boot hold': 'it was stopped while the best node was off, which hears of it late',
    'who has left needs no witness for what was said since':
      'it was stopped while one was off, and who stopped it has left',
    'who was cut off acts before it knows what was said meanwhile':
      'it was frozen while its node was cut off, which comes back',
    'who is acknowledged acts before it hears anybody':
      'it was frozen while its node was cut off, which is acknowledged before it hears anybody',
    'an answer counts whatever else its author was told':
      'it was stopped by one that another one cannot hear, and is asked through a third',
  },
  'a start of what is stopped': {
    'a stop under way is overlooked': 'its node is lost while it is being stopped, and it was thawed',
  },
  'an older one that goes on': {
    'there is no guard where nothing resets a machine':
      'the holder stands still where nothing resets a machine, and goes on later',
  },
  // Rules of liveness: where they are broken nothing is harmed, and there is no more to see than a service that is down.
  'not up in time': {
    // Who waits behind it starts nothing, and its owner is granted no more by it than by a fresh one.
    'claims never end': 'two who claimed are answered by nobody',
    // It hears no acknowledgement, so it has stopped what it held; acknowledged, it is never evicted.
    'a node that hears nobody is helped to a lease': 'the holder can send and not receive',
    // An answer that does not arrive is none: nothing is started.
    'nobody passes documents on':
      'it is started where it is cut apart from the other, and both reach the witness',
  },
}

export interface Catcher {
  readonly story: string
  /** What has to appear in it. */
  readonly kind: Kind
}

export const catchers: Readonly<Record<string, Catcher>> = Object.fromEntries(
  Object.entries(stories).flatMap(([kind, of]) =>
    Object.entries(of).map(([name, story]): [string, Catcher] => [name, { story, kind: kind as Kind }]),
  ),
)

/** Without quorum: what has to appear, in a directed schedule or by a seed. */
export const unprotected: Readonly<Record<string, Kind>> = {
  'a claim needs no answer': 'two instances at once',
  'status is believed, not the place': 'two instances at once',
  'claims have no precedence': 'two instances at once',
  'what third nodes hear is not asked': 'two instances at once',
  'addresses are not asked': 'two instances at once',
  'freezes are overlooked': 'a start of what is frozen',
  'silence is believed at once': 'two instances at once',
  // Quorum is off: two may come about, and one of them has to go.
  'duplicates are left alone': 'two instances left',
  // As with quorum, it is a rule of liveness.
  'claims never end': 'not up in time',
}
