// Many small services at once: deployed by a shell loop, moved by one line, drained off a node.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCluster, type Cluster } from './cluster.js'

const COUNT = 50
const NAMES = Array.from({ length: COUNT }, (_, n) => `flag${n + 1}`)

let cluster: Cluster
beforeAll(async () => {
  cluster = await openCluster({ name: 'fleet', containers: false })
})
afterAll(() => cluster.end())

/** The services whose flag is there, node by node: what the nodes show, not what they say. */
async function flags(): Promise<readonly (readonly string[])[]> {
  const list = 'cd /run/longshore/flags && ls -d */*.flag | cut -d/ -f1'
  const found = await Promise.all([1, 2].map((node) => cluster.type(node, list)))
  return found.map(({ stdout }) => stdout.split('\n').filter((name) => name !== ''))
}

const sorted = (names: readonly string[]) => names.toSorted()

/** Starts of all services since the last look, as the log has them. */
async function starts(): Promise<readonly string[]> {
  const log = await cluster.done(1, `om 'flag*' logs -n 100000`)
  return log
    .split('\n')
    .filter((line) => line.includes('do start --local'))
    .map((line) => /node\d\.\w+/.exec(line)?.[0] ?? line)
}

async function timed(what: string, work: () => Promise<unknown>): Promise<void> {
  const beganMs = performance.now()
  await work()
  console.log(`${COUNT} services ${what} in ${((performance.now() - beganMs) / 1000).toFixed(1)} s`)
}

describe(`${COUNT} services`, () => {
  test('are deployed by a shell loop, and up on the first node', async () => {
    const one = `printf 'DEFAULT:\\n  nodes: "*"\\nfs#1:\\n  type: flag\\n' | om flag$n deploy --config=- --wait`
    await timed('deployed by a shell loop', () =>
      cluster.done(1, `set -e; for n in $(seq ${COUNT}); do ${one}; done`, { timeoutMs: 300_000 }),
    )
    const [first = [], second] = await flags()
    expect(sorted(first)).toEqual(sorted(NAMES))
    expect(second).toEqual([])
  })

  test('are moved by one line, each once', async () => {
    await timed("moved by om 'flag*' switch", () =>
      cluster.done(1, `om 'flag*' switch --wait`, { timeoutMs: 300_000 }),
    )
    const [first, second = []] = await flags()
    expect(first).toEqual([])
    expect(sorted(second)).toEqual(sorted(NAMES))
    expect(sorted(await starts())).toEqual(sorted(NAMES.map((name) => `node2.${name}`)))
  })

  test('are drained off their node, which stays frozen', async () => {
    await timed('drained by om node drain', () =>
      cluster.done(2, 'om node drain --wait', { timeoutMs: 300_000 }),
    )
    const [first = [], second] = await flags()
    expect(sorted(first)).toEqual(sorted(NAMES))
    expect(second).toEqual([])
    const all = NAMES.flatMap((name) => [`node1.${name}`, `node2.${name}`])
    expect(sorted(await starts())).toEqual(sorted(all))
    expect(await cluster.done(1, 'svcmon --sections nodes')).toMatch(/state +\| idle +idle \*/)
    expect(await cluster.refused(1, 'om flag7 switch')).toContain('node2 is frozen')
    await cluster.done(1, 'om node thaw node2')
  })

  test('are purged by one line', async () => {
    await timed("purged by om 'flag*' purge", () =>
      cluster.done(2, `om 'flag*' purge --yes --wait`, { timeoutMs: 300_000 }),
    )
    expect(await flags()).toEqual([[], []])
    expect(await cluster.done(1, 'svcmon --sections services')).toContain('none')
  })
})
