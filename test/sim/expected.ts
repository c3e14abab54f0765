import type { Setting } from './soak.js'

const faults = [
  'crash',
  'boot',
  'kill daemon',
  'stop daemon',
  'isolate',
  'cut',
  'cut one way',
  'mend',
  'lose messages',
  'delay',
  'reorder',
  'jump',
  'fill disk',
  'empty disk',
  'lose resource',
  'ail start',
  'ail rollback',
  'ail stop',
  'ail slow',
  'ail hang',
  'ask',
  'ask node',
  'order',
  'confirm off',
] as const

const underQuorum = [
  'pause',
  'resume',
  'evict',
  'end lapse',
  'stop by force',
  'guard',
  'watchdog',
  'start: evicted by a majority',
] as const

/** What has to occur at least once in a whole run: what never happens tests nothing. */
export function expectedOf({ quorum, fencing, nodes, witnesses }: Setting): readonly string[] {
  const evidence = ['start by answers alone', 'start: left with nothing held', 'start: declared off']
  if (fencing === true) evidence.push('fence', 'start: powered off')
  if (!quorum) return [...faults, ...evidence, ...(fencing === true ? [] : ['start: permitted by silence'])]
  // Two voters are a majority only together: without a third nobody is ever evicted.
  const few = nodes + witnesses < 3
  const evicting = few ? underQuorum.filter((what) => !what.includes('evict')) : underQuorum
  return [...faults, ...evidence, ...evicting]
}
