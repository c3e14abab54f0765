// What systemd and dpkg do to a node while a service runs on it: the package's promises, in the order in which an operator meets them.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clusterOn, type Cluster } from '../../scenarios/cluster.js'
import { until } from '../../scenarios/failure.js'
import { openMachines, type Machines } from '../index.js'

const PATIENT_MS = 180_000
const NEXT = '99.0.0'

let machines: Machines
let cluster: Cluster
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-next-'))
  machines = await openMachines({ name: 'pack', docker: false })
  cluster = clusterOn(machines)
  await cluster.done(1, 'om cluster set --kw heartbeat.profile=slow')
  const disk = await machines.disk('512M')
  await cluster.done(1, 'om keep deploy --config=- --wait --time 5m', {
    input: keep(disk),
    timeoutMs: 300_000,
  })
})
afterAll(async () => {
  await rm(folder, { recursive: true })
  await machines.down()
})

const keep = (dev: string): string =>
  JSON.stringify({
    DEFAULT: { nodes: 'node1 node2', orchestrate: 'ha' },
    'fs#1': { type: 'ext4', dev, mnt: '/srv/keep', shared: true },
    'app#1': { type: 'simple', start: 'sleep 86400' },
  })

/** The process of the service on a node, as its number; empty where there is none. */
const app = async (node: number): Promise<string> =>
  (await cluster.type(node, 'pgrep -xf "sleep 86400"')).stdout.trim()
const daemon = async (node: number): Promise<string> =>
  (await cluster.done(node, 'systemctl show --property MainPID --value longshore')).trim()
const serves = (node: number): Promise<void> =>
  until(
    `omd serves on node${node}`,
    async () =>
      (await cluster.type(node, 'systemctl is-active --quiet longshore && om daemon status')).exit === 0,
    PATIENT_MS,
  )
/** It runs there, and nowhere else. */
const runsOn = (node: number): Promise<void> =>
  until(
    `keep runs on node${node} alone`,
    async () =>
      (await app(node)) !== '' &&
      (await app(3 - node)) === '' &&
      (await cluster.upOn('keep', node)).join() === `node${node}`,
    PATIENT_MS,
  )
const heard = (node: number): Promise<void> =>
  until(
    `everybody hears node${node}`,
    async () => {
      const { nodes } = JSON.parse(await cluster.done(3 - node, 'om mon --format json')) as {
        nodes: readonly { name: string; reachable: boolean }[]
      }
      return nodes.every(({ reachable }) => reachable)
    },
    PATIENT_MS,
  )

describe('a service goes on', () => {
  test('through an upgrade, which starts the new daemon', async () => {
    const next = await execa('node', [
      '--import',
      'tsx',
      'packaging/build.ts',
      '--out',
      folder,
      '--version',
      NEXT,
    ])
    const path = await machines.bring(1, next.stdout.trim())
    const before = { app: await app(1), daemon: await daemon(1) }
    await cluster.done(1, `dpkg --force-unsafe-io --install ${path} 2>&1`, { timeoutMs: 300_000 })
    await serves(1)
    expect(await cluster.done(1, "dpkg-query --show --showformat '${Version}' longshore")).toBe(NEXT)
    expect(await app(1)).toBe(before.app)
    expect(await daemon(1)).not.toBe(before.daemon)
    await runsOn(1)
  })

  test.each([
    ['a daemon that is killed', 'KILL'],
    ['a daemon that hangs, which systemd notices', 'STOP'],
  ])('through %s', async (_, signal) => {
    // systemd waits longer for a word of a daemon that hangs than the other node does, which would take the service over.
    await cluster.done(1, 'om keep freeze --wait')
    const before = { app: await app(1), daemon: await daemon(1) }
    await cluster.done(1, `systemctl kill --kill-whom=main --signal=${signal} longshore`)
    await until(
      'there is another omd',
      async () => ![before.daemon, '0'].includes(await daemon(1)),
      PATIENT_MS,
    )
    await serves(1)
    await heard(1)
    expect(await app(1)).toBe(before.app)
    await cluster.done(1, 'om keep thaw --wait')
    await runsOn(1)
  })

  test('through a stop of the daemon, and its start', async () => {
    const before = await app(1)
    await cluster.done(1, 'systemctl stop longshore')
    expect(await app(1)).toBe(before)
    await cluster.done(1, 'systemctl start longshore')
    expect(await app(1)).toBe(before)
    await runsOn(1)
  })
})

/** After the answer to this command: its way ends with the machine. */
const soon = (what: string): string => `systemd-run --quiet --on-active=1 systemctl ${what}`

describe('a service moves', () => {
  test('where its machine is rebooted, and stays where it went', async () => {
    const boot = 'cat /proc/sys/kernel/random/boot_id'
    const before = await cluster.done(1, boot)
    await cluster.done(1, soon('reboot'))
    await runsThere(2)
    await until('node1 has booted', async () => (await cluster.done(1, boot)) !== before, PATIENT_MS)
    await serves(1)
    await heard(1)
    await runsOn(2)
  })

  test('where its machine is switched off', async () => {
    await cluster.done(2, soon('poweroff'))
    await runsThere(1)
    await until('node2 is off', async () => (await machines.status()).nodes[1]?.state === 'down', PATIENT_MS)
    await machines.node(2).boot()
    await heard(2)
    await runsOn(1)
  })

  test('where the package is removed, and nothing is left of it after a purge', async () => {
    await cluster.done(1, 'dpkg --remove longshore 2>&1', { timeoutMs: 300_000 })
    await runsThere(2)
    expect(await app(1)).toBe('')
    expect((await cluster.type(1, 'systemctl cat longshore')).exit).not.toBe(0)
    expect(await cluster.done(1, 'ls /etc/longshore')).toContain('cluster')
    await cluster.done(1, 'dpkg --purge longshore 2>&1', { timeoutMs: 300_000 })
    const left = await cluster.done(
      1,
      'ls -d /etc/longshore /var/lib/longshore /run/longshore /etc/default/longshore 2>/dev/null || true; systemctl list-unit-files --no-legend "longshore*" || true',
    )
    expect(left).toBe('')
  })
})

const runsThere = (node: number): Promise<void> =>
  until(`keep runs on node${node}`, async () => (await app(node)) !== '', PATIENT_MS)
