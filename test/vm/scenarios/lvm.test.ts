// A volume group that an operator made by hand, with three filesystems on it, where LVM looks only at the disks in its devices file.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clusterOn, type Cluster } from '../../scenarios/cluster.js'
import { until } from '../../scenarios/failure.js'
import { openMachines, type Machines } from '../index.js'

const PATIENT_MS = 180_000
const MISSING = '1 of its physical volumes are not there: is a disk detached?'
const KINDS = ['xfs', 'ext4', 'btrfs'] as const

/** A number to each filesystem, on the disk before it is told and before the next one. The one at which a power cut came may be on some of them: the others get it first. */
const WRITER = `#!/bin/bash
n=$(sort -n /srv/hand/*/log 2>/dev/null | tail -1)
for each in ${KINDS.join(' ')}; do
  [ -z "$n" ] || grep -qsx "$n" /srv/hand/$each/log || { echo $n >>/srv/hand/$each/log; echo $n >/srv/hand/$each/late; }
done
while n=$((n + 1)); do
  for each in ${KINDS.join(' ')}; do echo $n >>/srv/hand/$each/log && sync /srv/hand/$each/log || exit 1; done
  echo $n >/run/written
  sleep 0.2
done
`
const SERVICE = JSON.stringify({
  DEFAULT: { nodes: 'node1 node2', orchestrate: 'ha' },
  'disk#0': { type: 'vg', name: 'hand', shared: true },
  ...Object.fromEntries(
    KINDS.map((type, n) => [
      `fs#${n + 1}`,
      { type, dev: `/dev/hand/${type}`, mnt: `/srv/hand/${type}`, shared: true },
    ]),
  ),
  'app#1': { type: 'simple', start: '/usr/local/bin/writer' },
})

let machines: Machines
let cluster: Cluster
let second: string
let blank: string

beforeAll(async () => {
  machines = await openMachines({ name: 'lvm', docker: false })
  cluster = clusterOn(machines)
  await cluster.done(1, 'om cluster set --kw heartbeat.profile=slow')
  const first = await machines.disk('768M')
  second = await machines.disk('512M')
  const third = await machines.disk('64M')
  blank = await machines.disk('128M')
  for (const n of [1, 2]) {
    await cluster.done(n, 'cat >/usr/local/bin/writer; chmod 755 /usr/local/bin/writer; sync', {
      input: WRITER,
    })
    await cluster.done(
      n,
      'echo "devices { use_devicesfile=1 }" >/etc/lvm/lvmlocal.conf; mkdir -p /etc/lvm/devices',
    )
    await cluster.done(n, 'touch /etc/lvm/devices/system.devices')
  }
  const made = [
    `vgcreate hand ${first} ${second}`,
    `lvcreate -y -n xfs -L 320M hand ${first} && mkfs.xfs -q /dev/hand/xfs`,
    `lvcreate -y -n ext4 -L 200M hand ${first} && mkfs.ext4 -q /dev/hand/ext4`,
    `lvcreate -y -n btrfs -L 300M hand ${second} && mkfs.btrfs -q /dev/hand/btrfs`,
    // as LVM makes groups, and of no service
    `vgcreate nobodys ${third} && lvcreate -y -n volume -l 100%FREE nobodys && sync`,
  ]
  for (const line of made) await cluster.done(1, line)
})
afterAll(() => machines.down())

const written = async (node: number): Promise<number> => Number(await cluster.done(node, 'cat /run/written'))
const lines = async (node: number, kind: string): Promise<readonly number[]> =>
  (await cluster.done(node, `cat /srv/hand/${kind}/log`)).trim().split('\n').map(Number)
const upTo = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i + 1)
const active = async (node: number, group = 'hand'): Promise<string> =>
  (await cluster.done(node, `lvs --noheadings -o lv_active ${group} 2>/dev/null || true`)).trim()
const runs = async (node: number): Promise<boolean> =>
  (await cluster.type(node, 'pgrep -x writer')).exit === 0

describe('a group that was made by hand', () => {
  test('is taken as it is, and no machine activates it at boot from then on', async () => {
    expect(await cluster.done(1, 'vgs --noheadings -o vg_autoactivation hand')).toContain('enabled')
    await cluster.done(1, 'om hand deploy --config=- --wait', { input: SERVICE })
    expect((await cluster.done(1, 'vgs --noheadings -o vg_autoactivation hand')).trim()).toBe('')
    await until('it writes', async () => (await written(1)) > 3, PATIENT_MS)
  })

  test('is unknown to the other machine’s LVM until it is started there, after a power cut; nothing acknowledged is lost', async () => {
    expect((await cluster.type(2, 'vgs hand')).exit).not.toBe(0)
    const sure = await written(1)
    await machines.node(1).crash()
    await until('it runs on node2', () => runs(2), PATIENT_MS)
    for (const kind of KINDS) {
      expect((await lines(2, kind)).slice(0, sure), kind).toEqual(upTo(sure))
      const late = await cluster.done(2, `cat /srv/hand/${kind}/late 2>/dev/null || true`)
      if (late !== '') expect(Number(late), kind).toBeGreaterThan(sure)
    }
    expect(await cluster.done(2, 'vgs --noheadings -o vg_tags hand')).toContain('node2')
    expect(await cluster.done(2, 'vgs --noheadings -o vg_tags hand')).not.toContain('node1')
  })

  test('is left alone by the machine that comes back, which activates what is nobody’s', async () => {
    await machines.node(1).boot()
    await until(
      'node1 has activated what it sees',
      async () => (await active(1, 'nobodys')) === 'active',
      PATIENT_MS,
    )
    await until(
      'node1 knows of node2',
      async () => (await cluster.upOn('hand', 1)).join() === 'node2',
      PATIENT_MS,
    )
    expect(await active(1)).toBe('')
  })

  test('that somebody activates where it does not belong is deactivated there, and goes on where it does', async () => {
    await cluster.done(1, 'vgchange -a y hand')
    await until('node1 has it no more', async () => (await active(1)) === '', PATIENT_MS)
    expect((await cluster.log('hand')).join('\n')).toMatch(/disk#0 .*down became warn, not by the agent/)
    const before = await written(2)
    await until('node2 writes', async () => (await written(2)) > before, PATIENT_MS)
  })
})

test('a group that a service makes of a blank disk is known to the other machine’s LVM from its first start there', async () => {
  const service = {
    DEFAULT: { nodes: 'node1 node2' },
    'disk#0': { type: 'vg', name: '{svcname}', pvs: blank, shared: true },
    'disk#1': { type: 'lv', name: 'data', vg: '{svcname}', size: '100%FREE', shared: true },
    'fs#1': { type: 'ext4', dev: '/dev/{svcname}/data', mnt: '/srv/{svcname}', shared: true },
  }
  await cluster.done(1, 'om made deploy --config=- --wait', { input: JSON.stringify(service) })
  await cluster.done(1, 'echo of node1 >/srv/made/word')
  expect((await cluster.type(2, 'vgs made')).exit).not.toBe(0)
  await cluster.done(1, 'om made switch --wait')
  expect(await cluster.done(2, 'cat /srv/made/word')).toBe('of node1\n')
  expect(await active(2, 'made')).toBe('active')
  expect(await active(1, 'made')).toBe('')
})

test('a physical volume that disappears: it is told, and an operator moves the service to the machine that has it', async () => {
  const sure = await written(2)
  await machines.pull(2, second)
  await until('the writer ends', async () => !(await runs(2)), PATIENT_MS)
  const told = async (): Promise<string> => cluster.done(2, 'om hand print status')
  await until('it is told', async () => (await told()).includes(MISSING), PATIENT_MS)
  await cluster.done(2, 'om hand switch node1 --wait --time 3m', { timeoutMs: 240_000 })
  for (const kind of KINDS) expect((await lines(1, kind)).slice(0, sure), kind).toEqual(upTo(sure))
})

describe('a group of a service that does not move by itself', () => {
  const LEFT = "this node's tag is left on it: it holds nothing, and the next start replaces it"
  const tags = (node: number): Promise<string> => cluster.done(node, 'vgs --noheadings -o vg_tags made')
  /** What a node has done about it since that time on the wall; a power cut takes the last lines before it along. */
  const acts = async (node: string, since: string): Promise<readonly string[]> =>
    (await cluster.log('made')).filter(
      (line) =>
        line.includes(`${node}.made `) && / do (?:start|stop) /.test(line) && line.slice(0, 8) > since,
    )
  const now = async (): Promise<string> => (await cluster.done(1, 'date +%T')).trim()
  /** Power lost and given back: it knows the cluster again, and has made up its mind. */
  const loses = async (node: number): Promise<void> => {
    const lost = await now()
    await machines.node(node).crash()
    await machines.node(node).boot()
    await until(
      `node${node} says what is left`,
      async () => (await cluster.done(node, 'om made print status')).includes(LEFT),
      PATIENT_MS,
    )
    expect(await tags(node)).toContain(`node${node}`)
    expect(await active(node, 'made')).toBe('')
    expect(await acts(`node${node}`, lost)).toEqual([])
  }

  test('stays active with its tag where the daemon is killed, and the next one leaves it as it is', async () => {
    const killed = await now()
    await machines.node(2).killDaemon()
    expect(await active(2, 'made')).toBe('active')
    expect(await tags(2)).toContain('node2')
    await machines.node(2).startDaemon()
    await until(
      'its daemon says that it runs there',
      async () => (await cluster.upOn('made', 2)).join() === 'node2',
      PATIENT_MS,
    )
    expect(await acts('node2', killed)).toEqual([])
    expect(await cluster.done(2, 'cat /srv/made/word')).toBe('of node1\n')
  })

  test('carries the tag of a machine that has lost its power, until the other one starts it', async () => {
    await loses(2)
    await cluster.done(1, 'om made switch node1 --wait --time 2m', { timeoutMs: 180_000 })
    expect(await tags(1)).toContain('node1')
    expect(await tags(1)).not.toContain('node2')
    expect(await cluster.done(1, 'cat /srv/made/word')).toBe('of node1\n')
  })

  test('or until an operator stops it there', async () => {
    await cluster.done(1, 'om made switch node2 --wait --time 2m', { timeoutMs: 180_000 })
    await loses(2)
    await cluster.done(2, 'om made stop --local')
    await until('the tag is gone', async () => !(await tags(2)).includes('node2'), PATIENT_MS)
    expect(await cluster.done(2, 'om made print status')).not.toContain(LEFT)
  })
})
