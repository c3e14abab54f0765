import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PathStatus } from '../../src/daemon/api/contract.js'
import { openStage, until, type Stage } from './failure.js'

const MOUNT = '/srv/hb1'
/** Longer than the timeout of a stage, and a start. */
const LONG_ENOUGH_MS = 6_000

let stage: Stage
let disk: string
beforeAll(async () => {
  stage = await openStage('hbeat', { docker: false })
  disk = await stage.lab.disk('4M')
  await set(`hb#1.type=disk hb#1.dev=${disk} hb#2.type=unicast hb#3.type=multicast hb#3.port=1216`)
  await stage.deploy('hb1', {
    DEFAULT: { orchestrate: 'ha', nodes: 'node1 node2' },
    'fs#1': { type: 'tmpfs', mnt: MOUNT },
  })
  await stage.settles(1, 'hb1', ['up', 'down'])
})
afterEach(() => stage?.repair())
afterAll(() => stage?.end())

const set = (words: string): Promise<string> =>
  stage.mustOm(1, `cluster set ${words.replaceAll(/(^| )/g, '$1--kw ')}`)
const pathsOf = async (node: number): Promise<readonly PathStatus[]> =>
  (await stage.cluster(node)).daemon.paths
const stateOf = async (node: number, name: string): Promise<string | undefined> =>
  (await pathsOf(node)).find((path) => path.name === name)?.state
const beating = (name: string): Promise<void> =>
  until(`${name} beats both ways`, async () =>
    [await stateOf(1, name), await stateOf(2, name)].every((state) => state === 'beating'),
  )

describe('heartbeat paths besides the addresses', () => {
  it('are prepared and beat by themselves, and the status shows their figures', async () => {
    for (const name of ['hb#0', 'hb#1', 'hb#2', 'hb#3']) await beating(name)
    const screen = await stage.mustOm(2, 'cluster status --color never')
    expect(screen).toMatch(new RegExp(`^ hb#1 +node1 +${disk} +beating +[\\d.]+m?s +\\d+% +-$`, 'm'))
    expect(screen).toMatch(/^ hb#2 +node1 +udp 192\.168\.100\.101 192\.168\.101\.101 +beating /m)
    expect(screen).toMatch(/^ hb#3 +node1 +udp 239\.192\.12\.15 +beating /m)
    expect(screen).toMatch(/^ hb#1 +beating +\| O +\/$/m)
    expect((await pathsOf(1)).map(({ loss }) => loss).every((loss) => loss !== null && loss < 0.5)).toBe(true)
  })

  it('keep a node that every network is cut off from alive: nothing starts, and both say why', async () => {
    await beating('hb#1')
    const watch = stage.watchMount(MOUNT)
    await stage.lab.isolate(1)
    // At that moment the last datagram of hb#2 may have been younger than the last beat, and a slot of hb#1 on its way.
    await until('node2 says what it still hears', async () =>
      (await stage.mustOm(2, 'node logs')).includes('node node1 is silent on every path but hb#'),
    )
    await sleep(LONG_ENOUGH_MS)
    await until('node2 hears it on the disk alone', async () => {
      const states = await Promise.all(['hb#0', 'hb#1', 'hb#2'].map((path) => stateOf(2, path)))
      return states.join() === 'stale,beating,stale'
    })
    expect((await stage.instance(2, 'hb1', 2)).avail).toBe('down')
    expect((await stage.instance(1, 'hb1', 1)).avail).toBe('up')
    expect((await stage.service(2, 'hb1')).why).toBe(
      'node1 lives, as hb#1 shows, and cannot be asked over the network: mend that, or power node1 off',
    )
    expect(await stage.refusedOm(2, 'node confirm-off node1 --yes')).toContain(
      'node1 is heard: it is not off',
    )
    await stage.repair()
    expect(await watch.stop()).toBe(1)
    await stage.settles(2, 'hb1', ['up', 'down'])
  })

  it('fall silent with a node that dies: its service is taken over', async () => {
    await beating('hb#1')
    await stage.lab.node(1).crash()
    await stage.settles(2, 'hb1', [null, 'up'])
    expect(await stage.logs(2, 'hb1')).toContain('node1 is silent on every path')
    await stage.repair()
    await beating('hb#1')
  })

  it('leave a disk alone that holds something else, and say so', async () => {
    const other = await stage.lab.disk('400M')
    await stage.lab.node(1).run(['mkfs.xfs', '-q', other])
    await set(`hb#1.dev=${other}`)
    for (const node of [1, 2]) {
      await until('it says that the disk is refused', async () =>
        (await stage.mustOm(node, 'node logs')).includes(
          `${other} (hb#1) holds something that is no heartbeat, and is left alone: name another device in hb#1.dev`,
        ),
      )
    }
    expect(await stage.lab.node(2).run(['blkid', '-s', 'TYPE', '-o', 'value', other])).toBe('xfs\n')
    await set(`hb#1.dev=${disk}`)
    await beating('hb#1')
  })
})
