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

it('its disk is full: what runs stays; and when its daemon is killed then, the guard gives it up in time', async () => {
  const active = await trial.settled()
  const node = trial.stage.lab.node(active)
  const fromMs = Date.now()
  await node.stopDaemon()
  const dir = '/var/lib/longshore'
  await node.run([
    'sh',
    '-c',
    `set -e; cp -a ${dir} /run/kept; mount -t tmpfs -o size=4m tmpfs ${dir}; cp -a /run/kept/. ${dir}; rm -r /run/kept`,
  ])
  await node.startDaemon()
  await settledOn(active)
  await node.exec(['sh', '-c', `cat /dev/zero >${dir}/fill`])
  await trial.staysOn(active)
  await node.killDaemon()
  await trial.upOn([otherThan(active)])
  await node.run(['rm', `${dir}/fill`])
  await node.startDaemon()
  await trial.settled()
  await node.stopDaemon()
  await node.run(['sh', '-c', `set -e; cp -a ${dir} /run/kept; umount ${dir}; cp -a /run/kept/. ${dir}`])
  await trial.settled()
  await trial.judge('the disk of the active node is full', fromMs)
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
