// Every example in services.d does what its comment says on real nodes. What this machine's kernel cannot run is validated, and its
// deploy is refused in words.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openCluster, type Cluster } from './cluster.js'

const folder = join(import.meta.dirname, '../../services.d')

interface Example {
  /** Values of the `env` section that fit the nodes. */
  readonly env?: (disk: string) => string
  /** What the example takes to be on the nodes already, as a line for each node's shell. */
  readonly given?: string
  /** Two of its nodes can run it: it is moved, too. */
  readonly moves: boolean
  /** A part of the sentence that refuses it here. */
  readonly refused?: RegExp
}

const intf = '--env intf=bond0'

// A program as background.yaml describes one: it puts itself into the background.
const program = [
  '#!/bin/sh',
  'case $1 in',
  '--daemon) setsid sleep 1000 </dev/null >/dev/null 2>&1 & echo $! >/run/app.pid ;;',
  '--stop) kill "$(cat /run/app.pid)" && rm /run/app.pid ;;',
  '--status) test -e /run/app.pid && kill -0 "$(cat /run/app.pid)" ;;',
  'esac',
].join('\n')

const examples: Readonly<Record<string, Example>> = {
  'background.yaml': {
    moves: true,
    given: `cat >/usr/bin/app <<'END' && chmod +x /usr/bin/app\n${program}\nEND`,
  },
  'parent.yaml': { moves: false },
  'child.yaml': { moves: true },
  'flag-pair.yaml': { moves: true },
  'flag.yaml': { moves: true },
  'loop.yaml': { moves: false },
  'postgresql.yaml': {
    moves: true,
    env: (disk) => `--env dev=${disk} ${intf} --env ipaddr=192.168.100.14 --env gateway=192.168.100.1`,
  },
  'scratch.yaml': { moves: true },
  'web-address.yaml': { moves: true, env: () => `${intf} --env ipaddr=192.168.100.20` },
  'home.yaml': { moves: false, refused: /nfs/i },
  'reserved.yaml': { moves: false, refused: /sg3-utils/ },
  'lvm.yaml': { moves: false, refused: /device-mapper/ },
  'tutorial.json': { moves: false, refused: /device-mapper/ },
}

let cluster: Cluster
let disk: string

beforeAll(async () => {
  cluster = await openCluster({ name: 'exampl' })
  disk = await cluster.lab.disk('512M')
})

afterAll(() => cluster?.end())

it('every example is tried', () => {
  expect(readdirSync(folder).sort()).toEqual(Object.keys(examples).sort())
})

for (const [file, example] of Object.entries(examples)) {
  const name = file.split('.')[0] ?? file
  it(`${file} ${example.refused === undefined ? 'is deployed' : 'is refused here'}`, async () => {
    const input = readFileSync(join(folder, file), 'utf8')
    const env = example.env?.(disk) ?? ''
    for (const node of [1, 2]) if (example.given !== undefined) await cluster.done(node, example.given)
    if (example.refused !== undefined) {
      expect(await cluster.refused(1, `om ${name} deploy --config=- ${env}`, { input })).toMatch(
        example.refused,
      )
      await cluster.done(1, `om ${name} create --config=- ${env}`, { input })
      await cluster.done(1, `om ${name} validate config`)
      await cluster.done(1, `om ${name} delete`)
      return
    }
    await cluster.done(1, `om ${name} deploy --config=- ${env} --wait`, { input })
    expect(await cluster.upOn(name)).toEqual(['node1'])
    if (example.moves) {
      await cluster.done(1, `om ${name} switch --wait`)
      expect(await cluster.upOn(name)).toEqual(['node2'])
    }
    if (name !== 'parent') await cluster.done(1, `om ${name} purge --yes --wait`)
  })
}
