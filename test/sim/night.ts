import { spawnSync } from 'node:child_process'

/** Each kind of cluster in its turn, all of them even where one is broken. */
const runs = [
  { NODES: '3', SEEDS: '2000' },
  { NODES: '2', WITNESS: '1', SEEDS: '2000' },
  { NODES: '5', SEEDS: '1000' },
  { NODES: '4', WITNESS: '1', SEEDS: '500' },
  { NODES: '3', QUORUM: 'off', SEEDS: '500' },
  { NODES: '3', SELF_FENCE: 'stop', SEEDS: '1000' },
  { NODES: '2', WITNESS: '1', SELF_FENCE: 'stop', SEEDS: '500' },
  { NODES: '3', SELF_FENCE: 'reboot', SEEDS: '500' },
  { NODES: '3', FENCING: '1', SELF_FENCE: 'stop', PROFILE: 'fast', SEEDS: '500' },
]

const codes = runs.map((settings) => {
  const words = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
  return spawnSync('make', ['--no-print-directory', 'sim', ...words], { stdio: 'inherit' }).status
})
process.exit(codes.every((code) => code === 0) ? 0 : 1)
