// Crashes where they hurt most: in the middle of an action, and one after the other.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from './failure.js'
import { begins, slowActions, slowLooks } from './slow-actions.js'
import { database } from './trial-services.js'
import { openTrial, type Trial } from './trial.js'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial('fact', database, { nodes: 3, witness: true })
})
afterAll(() => trial?.end())

const restart = async (): Promise<void> => {
  await trial.stage.repair()
  await trial.stage.mustOm(1, 'ha1 start --wait')
  await trial.settled()
}
const otherThan = (node: number): number => trial.runners.find((n) => n !== node) ?? node

describe('crashes', () => {
  it('three in a row', async () => {
    const fromMs = Date.now()
    for (const round of [1, 2, 3]) {
      const active = await trial.settled()
      await trial.stage.lab.node(active).crash()
      expect(await trial.upOn([otherThan(active)]), `round ${round}`).toBe(otherThan(active))
    }
    await trial.settled()
    await trial.judge('three crashes in a row', fromMs)
  })

  it('a node that comes back alone with an old configuration runs the new one', async () => {
    const active = await trial.settled()
    const away = otherThan(active)
    const fromMs = Date.now()
    await trial.stage.lab.node(away).crash()
    await trial.stage.mustOm(active, 'ha1 set --kw env.word=second')
    await trial.stage.lab.node(active).crash()
    await trial.stage.lab.node(away).boot()
    await trial.upOn([away])
    expect(trial.watcher.now().answers?.split(' ').at(-1)).toBe('second')
    await trial.settled()
    await trial.judge('back with an old configuration', fromMs)
  })
})

describe('a crash in the middle', () => {
  beforeAll(async () => {
    await trial.settled()
    await slowActions(trial)
  })

  it('no crash, but the daemon begun anew, and a first look that takes longer than a lease: nothing is stopped', async () => {
    const active = await trial.settled()
    const { over } = await slowLooks(trial, active)
    const fromMs = Date.now()
    const counted = await trial.counting()
    await trial.stage.lab.node(active).stopDaemon()
    await trial.stage.lab.node(active).startDaemon()
    await trial.staysOn(active)
    await over()
    const { leasesLost, ran } = await counted('a first look that takes longer than a lease')
    expect(leasesLost[active - 1], 'leases lost').toBe(0)
    expect(ran).toEqual([`node${active}`])
    await trial.judge('a slow first look', fromMs)
  })

  it('of a start: up elsewhere', async () => {
    const active = await trial.settled()
    await trial.stage.mustOm(1, 'ha1 stop --wait')
    const fromMs = Date.now()
    await trial.stage.mustOm(1, 'ha1 start')
    await until('it starts somewhere', async () => trial.watcher.now().runs.length > 0)
    const starting = Number(trial.watcher.now().runs[0]?.slice('node'.length) ?? active)
    await trial.stage.lab.node(starting).crash()
    await trial.upOn([otherThan(starting)])
    await trial.settled()
    await trial.judge('in the middle of a start', fromMs)
  })

  it('of a stop: stopped, and it stays so', async () => {
    const active = await trial.settled()
    const fromMs = Date.now()
    await trial.stage.mustOm(active, 'ha1 stop')
    await begins(trial, active, 'stopping')
    await trial.stage.lab.node(active).crash()
    await trial.staysDown()
    await restart()
    await trial.judge('in the middle of a stop', fromMs)
  })

  it('of a switch, the node that gives it up: up on the other', async () => {
    const active = await trial.settled()
    const fromMs = Date.now()
    await trial.stage.mustOm(active, 'ha1 switch')
    await begins(trial, active, 'stopping')
    await trial.stage.lab.node(active).crash()
    await trial.upOn([otherThan(active)])
    await trial.settled()
    await trial.judge('in the middle of a switch, the source', fromMs)
  })

  it('of a switch, the node that takes it: up again on the first', async () => {
    const active = await trial.settled()
    const fromMs = Date.now()
    await trial.stage.mustOm(active, 'ha1 switch')
    await begins(trial, otherThan(active), 'starting')
    await trial.stage.lab.node(otherThan(active)).crash()
    await trial.upOn([active])
    await trial.settled()
    await trial.judge('in the middle of a switch, the destination', fromMs)
  })
})
