import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** Each kind of cluster in its turn, all of them even where one is broken. */
const runs = [
  { NODES: '3', SEEDS: '2000' },
  { NODES: '2', WITNESS: '1', SEEDS: '2000' },
  { NODES: '5', SEEDS: '1000' },
  { NODES: '4', WITNESS: '1', SEEDS: '500' },
  { NODES: '3', QUORUM: 'off', SEEDS: '500' },
]

const main = join(import.meta.dirname, 'main.ts')
const codes = runs.map((env) => {
  const options = { stdio: 'inherit', env: { ...process.env, ...env } } as const
  return spawnSync(process.execPath, [...process.execArgv, main], options).status
})
process.exit(codes.every((code) => code === 0) ? 0 : 1)
