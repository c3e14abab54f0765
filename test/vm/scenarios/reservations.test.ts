// Two machines that hear nothing of each other and both want the service, without quorum: the disk takes the writes of one of them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clusterOn, type Cluster } from '../../scenarios/cluster.js'
import { until } from '../../scenarios/failure.js'
import { openMachines, type Machines } from '../index.js'

/** Numbers, each on the disk before the next one; what is acknowledged is written down on the machine itself, and so is the first failure. */
const WRITER = `#!/bin/bash
n=0
while :; do
  n=$((n + 1))
  if echo "$(hostname) $n" >>/srv/res/data/log && sync /srv/res/data/log; then echo $n >/run/written; else echo $n >>/run/refused; fi
  sleep 0.2
done
`

const service = (lun: string): string =>
  JSON.stringify({
    DEFAULT: { orchestrate: 'ha', nodes: 'node1 node2' },
    'disk#0': { type: 'scsireserv', devs: lun },
    'fs#1': { type: 'xfs', dev: lun, mnt: '/srv/res/data', shared: true },
    'app#1': { type: 'simple', start: '/usr/local/bin/writer' },
  })

let machines: Machines
let cluster: Cluster
let lun: string

beforeAll(async () => {
  machines = await openMachines({ name: 'reserv', storage: true, docker: false })
  cluster = clusterOn(machines)
  await cluster.done(1, 'om cluster set --kw heartbeat.profile=slow')
  for (const n of [1, 2])
    await cluster.done(n, 'cat >/usr/local/bin/writer; chmod 755 /usr/local/bin/writer; sync', {
      input: WRITER,
    })
  lun = await machines.lun('512M')
})
afterAll(() => machines.down())

const keys = async (node: number): Promise<readonly string[]> =>
  (await cluster.done(node, `sg_persist --no-inquiry --in --read-keys ${lun}`)).match(
    /(?<=^\s+)0x[0-9a-f]+/gm,
  ) ?? []
const holder = async (node: number): Promise<string> =>
  cluster.done(node, `sg_persist --no-inquiry --in --read-reservation ${lun}`)
const writes = async (node: number): Promise<boolean> =>
  (await cluster.type(node, 'findmnt /srv/res/data && pgrep -x writer && ! test -e /run/refused')).exit === 0
const written = async (node: number): Promise<number> => Number(await cluster.done(node, 'cat /run/written'))
/** The last block of the disk, which no filesystem uses. */
const writeBehind = (node: number): Promise<{ exit: number | null; stderr: string }> =>
  cluster.type(node, `dd if=/dev/zero of=${lun} bs=4096 seek=131071 count=1 oflag=direct conv=notrunc`)

describe('a disk with reservations', () => {
  test('is reserved by the start, for the node that runs the service and nobody else', async () => {
    await cluster.done(1, 'om res deploy --config=- --wait --time 5m', {
      input: service(lun),
      timeoutMs: 300_000,
    })
    expect(await holder(2)).toContain('Write Exclusive, registrants only')
    expect(await keys(2)).toHaveLength(1)
    expect(await writeBehind(2)).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('Invalid exchange') as unknown,
    })
    expect(await writeBehind(1)).toMatchObject({ exit: 0 })
  })

  test('follows a switch', async () => {
    const [before] = await keys(1)
    await cluster.done(1, 'om res switch --wait --time 2m', { timeoutMs: 180_000 })
    expect(await keys(1)).not.toContain(before)
    expect(await keys(1)).toHaveLength(1)
    expect(await writeBehind(1)).toMatchObject({ exit: 1 })
  })
})

describe('two machines that are cut from each other', () => {
  test('both want the service: the writes of the first fail from the moment the second one has it', async () => {
    await until('the writer on node2 is at work', () => writes(2))
    await machines.cut(1, 2)
    await until('node1 writes', () => writes(1), 180_000)
    expect(await keys(1)).toHaveLength(1)
    await until('node2 is refused', async () => (await cluster.type(2, 'test -s /run/refused')).exit === 0)
    expect(await writeBehind(2)).toMatchObject({ exit: 1 })
    expect(await writeBehind(1)).toMatchObject({ exit: 0 })
  })

  test('nothing that was acknowledged is lost, on either side', async () => {
    const loser = await written(2)
    const before = await written(1)
    await until('node1 goes on writing', async () => (await written(1)) > before + 10)
    const winner = await written(1)
    const log = (await cluster.done(1, 'cat /srv/res/data/log')).split('\n')
    // node1 begins to count anew when it takes over.
    const taken = log.findLastIndex((line) => line.startsWith('node2 ')) + 1
    const sides = [
      [log.filter((line) => line.startsWith('node2 ')), 'node2', loser],
      [log.slice(taken).filter((line) => line !== ''), 'node1', winner],
    ] as const
    for (const [lines, node, last] of sides) {
      expect(lines.length, node).toBeGreaterThanOrEqual(last)
      expect(lines).toEqual(lines.map((_, i) => `${node} ${i + 1}`))
    }
    expect(log.filter((line) => line !== '' && !/^node[12] \d+$/.test(line))).toEqual([])
  })

  test('of which the older instance goes when they hear each other again, and the filesystem is clean', async () => {
    await machines.heal()
    await until(
      'res runs on node1 alone',
      async () => {
        const both = await Promise.all(
          [1, 2].map(async (n) => (await cluster.type(n, 'pgrep -x writer')).exit),
        )
        return both[0] === 0 && both[1] === 1 && (await cluster.upOn('res', 2)).join() === 'node1'
      },
      180_000,
    )
    await cluster.done(1, 'om res stop --wait --time 2m', { timeoutMs: 180_000 })
    expect(await keys(1)).toEqual([])
    expect(await cluster.type(1, `xfs_repair -n ${lun}`)).toMatchObject({ exit: 0 })
  })
})

describe('a power cut', () => {
  test('leaves a registration that the successor takes away', async () => {
    await cluster.done(1, 'om res start --wait --time 2m', { timeoutMs: 180_000 })
    const [active] = (await cluster.upOn('res')).map((name) => Number(name.slice('node'.length)))
    const other = active === 1 ? 2 : 1
    await machines.node(active ?? 1).crash()
    await until(
      `res runs on node${other}`,
      async () => (await cluster.type(other, 'pgrep -x writer')).exit === 0,
      180_000,
    )
    expect(await keys(other)).toHaveLength(1)
    await machines.node(active ?? 1).boot()
    await until(
      'it has the disk again',
      async () => (await cluster.type(active ?? 1, `test -b ${lun}`)).exit === 0,
    )
    expect(await writeBehind(active ?? 1)).toMatchObject({ exit: 1 })
  })
})

describe('a disk with reservations and a volume group on it, as of a SAN', () => {
  const san = (disk: string): string =>
    JSON.stringify({
      DEFAULT: { orchestrate: 'ha', nodes: 'node1 node2' },
      'disk#0': { type: 'scsireserv', devs: disk },
      'disk#1': { type: 'vg', name: '{svcname}', pvs: disk, shared: true },
      'disk#2': { type: 'lv', name: 'data', vg: '{svcname}', size: '100%FREE', shared: true },
      'fs#1': { type: 'xfs', dev: '/dev/{svcname}/data', mnt: '/srv/{svcname}', shared: true },
    })
  const tags = (node: number): Promise<string> => cluster.done(node, 'vgs --noheadings -o vg_tags san')
  const active = async (node: number): Promise<string> =>
    (await cluster.done(node, 'lvs --noheadings -o lv_active san 2>/dev/null || true')).trim()

  test('is made of a blank disk, under the reservation', async () => {
    await cluster.done(1, 'om res stop --wait --time 2m', { timeoutMs: 180_000 })
    lun = await machines.lun('512M')
    await cluster.done(1, 'om san deploy --config=- --wait --time 5m', {
      input: san(lun),
      timeoutMs: 300_000,
    })
    await cluster.done(1, 'echo of node1 >/srv/san/word; sync /srv/san/word')
    expect(await keys(1)).toHaveLength(1)
    // not even LVM of the other machine can write to it
    expect((await cluster.type(2, 'vgchange --addtag foreign san')).exit).not.toBe(0)
    expect(await tags(1)).not.toContain('foreign')
  })

  test('follows a switch: the source writes its last tag before the destination takes the disk', async () => {
    await cluster.done(1, 'om san switch --wait --time 2m', { timeoutMs: 180_000 })
    expect(await cluster.done(2, 'cat /srv/san/word')).toBe('of node1\n')
    expect(await tags(2)).toContain('node2')
    expect(await tags(2)).not.toContain('node1')
    expect(await keys(2)).toHaveLength(1)
    expect(await active(1)).toBe('')
  })

  test('is taken from a machine that has lost its power, whose name and key are gone then', async () => {
    const [before] = await keys(1)
    await machines.node(2).crash()
    await until('node1 has it', async () => (await active(1)) === 'active', 180_000)
    await until('node1 is up', async () => (await cluster.upOn('san')).includes('node1'), 180_000)
    expect(await cluster.done(1, 'cat /srv/san/word')).toBe('of node1\n')
    expect(await tags(1)).toContain('node1')
    expect(await tags(1)).not.toContain('node2')
    expect(await keys(1)).toHaveLength(1)
    expect(await keys(1)).not.toContain(before)
  })
})
