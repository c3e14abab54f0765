// What can be wrong with one node while it runs on: paused, slow, with another time of day, with a full disk.
import { copyFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { initOf, mustRun } from '../lab/exec.js'
import { placeOf } from '../lab/place.js'
import { until } from './failure.js'
import { database } from './trial-services.js'
import { openTrial, selfFence, type Trial } from './trial.js'
import { agent, AGENT, installAgent } from '../lab/power-switch.js'
import { powerSwitch } from './power-switch.js'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial('fnod', database, { nodes: 3, witness: true })
})
afterAll(() => trial?.end())

/** All repaired, and the service there: a daemon that comes back too late on a busy machine has lost it. */
async function settledOn(node: number): Promise<void> {
  if ((await trial.settled()) !== node) await trial.stage.mustOm(node, 'ha1 takeover --wait')
  await trial.upOn([node])
}

const otherThan = (node: number): number => trial.runners.find((n) => n !== node) ?? node

it('paused for longer than the timeout: its watchdog resets it, and never are there two', async () => {
  const active = await trial.settled()
  const { lab } = trial.stage
  const place = placeOf(lab.name)
  const { pid } = await mustRun(place, active)
  const fromMs = Date.now()
  await lab.node(active).pause()
  await until('it is booted again', async () => ((await initOf(place, active))?.pid ?? pid) !== pid)
  // Booted again within the timeout it may be the first that may start it.
  await trial.staysOn(await trial.upOn(trial.runners))
  await trial.settled()
  await trial.judge('paused, with a watchdog', fromMs)
})

it('its wall clock goes an hour forward, then two hours back: nothing happens, and it goes on being a member', async () => {
  const active = await trial.settled()
  const { lab, mustOm, cluster } = trial.stage
  const node = lab.node(active)
  const { pid } = await mustRun(placeOf(lab.name), active)
  const library = '/usr/local/lib/libfaketime.so.1'
  await copyFile('/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1', `/proc/${pid}/root${library}`)
  const setClock = (offset: string): Promise<string> =>
    node.run(['sh', '-c', `echo ${offset} >/run/wall-clock`])
  await setClock('+0')
  await node.stopDaemon()
  await node.startDaemon({
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: '/run/wall-clock',
    FAKETIME_NO_CACHE: '1',
    DONT_FAKE_MONOTONIC: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  })
  await settledOn(active)
  const fromMs = Date.now()
  for (const [offset, hours] of [
    ['+1h', 1],
    ['-1h', -1],
  ] as const) {
    await setClock(offset)
    await trial.staysOn(active)
    const aheadMs = (await cluster(active)).wallMs - Date.now()
    expect(Math.round(aheadMs / 3_600_000), 'the daemon has that time').toBe(hours)
    await mustOm(active, `ha1 set --kw comment=${hours}`)
    await until('everybody has what was changed', async () =>
      (await mustOm(otherThan(active), 'ha1 get --kw comment')).includes(String(hours)),
    )
  }
  await node.killDaemon()
  await trial.upOn([otherThan(active)])
  await trial.settled()
  await trial.judge('the wall clock an hour forward and back', fromMs)
})

const DIRS = ['/var/lib/longshore', '/var/log/longshore', '/etc/longshore']
/** Where the daemon writes, on one small disk; and a small /run. */
const SHRINK = `set -e
mkdir /small; mount -t tmpfs -o size=16m tmpfs /small
for dir in ${DIRS.join(' ')}; do mkdir -p /small$dir; cp -a $dir/. /small$dir; mount --bind /small$dir $dir; done
mount -o remount,size=16m /run`
const FILL = `cat /dev/zero >/small/fill; cat /dev/zero >/run/fill
for dir in ${DIRS.join(' ')} /run; do ! echo more >$dir/fill-more || exit 1; rm $dir/fill-more; done`
const WIDEN = `set -e
for dir in ${DIRS.join(' ')}; do umount $dir; cp -a /small$dir/. $dir; done
umount /small; rmdir /small
mount -o remount,size=50% /run`

it('its disks are full, and /run: what runs stays; and when its daemon is killed then, the guard gives it up in time', async () => {
  const active = await trial.settled()
  const node = trial.stage.lab.node(active)
  const init = await mustRun(placeOf(trial.stage.lab.name), active)
  const fromMs = Date.now()
  await node.stopDaemon()
  await node.run(['sh', '-c', SHRINK])
  await node.startDaemon()
  await settledOn(active)
  await node.run(['sh', '-c', FILL])
  await trial.staysOn(active)
  await node.killDaemon()
  await trial.upOn([otherThan(active)])
  expect(await mustRun(placeOf(trial.stage.lab.name), active), 'it was not reset').toEqual(init)
  await node.run(['rm', '/small/fill', '/run/fill'])
  await node.startDaemon()
  await trial.settled()
  await node.stopDaemon()
  await node.run(['sh', '-c', WIDEN])
  await trial.settled()
  await trial.judge('the disks of the active node are full', fromMs)
})

it('paused for longer than the timeout, with a fencing agent: it is off before anything starts, and never are there two', async () => {
  await trial.stage.mustOm(1, selfFence('stop'))
  const active = await trial.settled()
  const other = otherThan(active)
  const { lab, mustOm } = trial.stage
  for (const n of trial.runners) await installAgent(lab.node(n), agent)
  await mustOm(1, `cluster set ${trial.runners.map((n) => `--kw stonith#node${n}.agent=${AGENT}`).join(' ')}`)
  const fromMs = Date.now()
  await lab.node(active).pause()
  await powerSwitch(lab, other, active)
  await trial.upOn([other])
  await trial.settled()
  await trial.judge('paused, with a fencing agent', fromMs)
})
