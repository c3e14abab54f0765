import { buggifyPoints, type Point } from './buggify.js'
import type { SelfFence } from './options.js'
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
  'ail late',
  'ask',
  'ask node',
  'order',
  'confirm off',
  'roll back',
  'configure',
  'reconfigure',
] as const

const underQuorum = [
  'pause',
  'resume',
  'quorum',
  'join',
  'leave',
  'evict',
  'end lapse',
  'stop by force',
  'guard',
  'rolled-back store noticed',
  'start: evicted by a majority',
] as const

/** What has to occur at least once in a whole run: what never happens tests nothing. */
export function expectedOf(setting: Setting): readonly string[] {
  const { quorum, fencing, nodes, witnesses, selfFence = 'watchdog' } = setting
  const evidence = ['start by answers alone', 'start: left with nothing held', 'start: declared off']
  const points = buggifyPoints.filter((point) => occurs(point, setting)).map((point) => `buggify: ${point}`)
  if (fencing === true) evidence.push('fence', 'start: powered off')
  if (!quorum)
    return [...faults, ...points, ...evidence, ...(fencing === true ? [] : ['start: permitted by silence'])]
  // Two voters are a majority only together: without a third nobody is ever evicted.
  const few = nodes + witnesses < 3
  const evicting = few ? underQuorum.filter((what) => !what.includes('evict')) : underQuorum
  // Only who was evicted, or powered off, may be met.
  const met = selfFence === 'watchdog' || few ? [] : ['unprotected']
  return [...faults, ...points, ...evidence, ...evicting, ...resets[selfFence], ...met]
}

/** What happens to a machine on which a stop hangs. */
const resets: Readonly<Record<SelfFence, readonly string[]>> = {
  watchdog: ['watchdog'],
  reboot: ['reset'],
  stop: [],
}

/** Agents are asked where there are some; addresses, where there is neither an agent nor a majority. */
function occurs(point: Point, { quorum, fencing }: Setting): boolean {
  if (point === 'the word of the fencing agent is late') return fencing === true
  if (point === 'the answer of the addresses is late') return !quorum && fencing !== true
  return true
}
