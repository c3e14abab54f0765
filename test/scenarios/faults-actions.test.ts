// Crashes where they hurt most: in the middle of an action, and one after the other.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from './failure.js'
import { database } from './trial-services.js'
import { openTrial, type Trial } from './trial.js'

/** Takes its time to start and to stop, behind the process that is watched. */
const SLOW = `#!/bin/sh
case $1 in
start) sleep 1.5; touch /run/slow ;;
stop) sleep 1.5; rm -f /run/slow ;;
check) test -e /run/slow ;;
esac
`
const slow = '/usr/local/bin/slow'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial('fact', database, { nodes: 3, witness: true })
  for (const n of trial.runners) {
    await trial.stage.lab.node(n).run(['sh', '-c', `cat >${slow}; chmod 755 ${slow}`], { input: SLOW })
  }
})
afterAll(() => trial?.end())

const begins = (node: number, state: string): Promise<void> =>
  until(`node${node} is ${state}`, async () => {
    const asked = trial.runners.find((n) => n !== node) ?? node
    return (await trial.stage.instance(asked, 'ha1', node)).monitor === state
  })
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
    const keywords = ['type=forking', ...['start', 'stop', 'check'].map((word) => `${word}=${slow} ${word}`)]
    const { exit, stderr } = await trial.stage.lab
      .node(1)
      .exec(['om', 'ha1', 'set', ...keywords.flatMap((keyword) => ['--kw', `app#2.${keyword}`])])
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
    await trial.stage.mustOm(1, 'ha1 stop --wait')
    await trial.stage.mustOm(1, 'ha1 start --wait')
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
    await begins(active, 'stopping')
    await trial.stage.lab.node(active).crash()
    await trial.staysDown()
    await restart()
    await trial.judge('in the middle of a stop', fromMs)
  })

  it('of a switch, the node that gives it up: up on the other', async () => {
    const active = await trial.settled()
    const fromMs = Date.now()
    await trial.stage.mustOm(active, 'ha1 switch')
    await begins(active, 'stopping')
    await trial.stage.lab.node(active).crash()
    await trial.upOn([otherThan(active)])
    await trial.settled()
    await trial.judge('in the middle of a switch, the source', fromMs)
  })

  it('of a switch, the node that takes it: up again on the first', async () => {
    const active = await trial.settled()
    const fromMs = Date.now()
    await trial.stage.mustOm(active, 'ha1 switch')
    await begins(otherThan(active), 'starting')
    await trial.stage.lab.node(otherThan(active)).crash()
    await trial.upOn([active])
    await trial.settled()
    await trial.judge('in the middle of a switch, the destination', fromMs)
  })
})
