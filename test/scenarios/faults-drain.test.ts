// A node is drained, and in the middle something breaks.
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ExecResult } from '../lab/index.js'
import { until } from './failure.js'
import { begins, hangStops, slowActions } from './slow-actions.js'
import { database } from './trial-services.js'
import { openTrial, type Trial } from './trial.js'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial('fdrain', database, { nodes: 3 })
  await trial.settled()
  await slowActions(trial, ['stop_timeout=12s'])
})
afterAll(() => trial?.end())

interface Where {
  /** The node that is drained. */
  readonly active: number
  /** Where the service goes. */
  readonly to: number
  readonly third: number
}

async function where(): Promise<Where> {
  const active = await trial.settled()
  // The order of the configuration's nodes.
  const [to = active, third = active] = trial.runners.filter((n) => n !== active)
  return { active, to, third }
}

const drain = (node: number, words = ''): Promise<ExecResult> =>
  trial.stage.om(node, `node drain --wait${words}`)

/** Drains, and comes back once the service is being stopped; how the command ends. */
async function drainBegun(node: number): Promise<{ end: Promise<ExecResult> }> {
  const end = drain(node)
  await begins(trial, node, 'stopping')
  return { end }
}

/** The freeze of a drain stays, and everybody knows; then it may have services again. */
async function thaw(drained: number): Promise<void> {
  for (const n of trial.runners) {
    await until(`node${n} knows that node${drained} is frozen`, async () =>
      (await trial.stage.cluster(n)).nodes.some(({ name, frozen }) => name === `node${drained}` && frozen),
    )
  }
  await trial.stage.mustOm(drained, 'node thaw')
}

it.each([
  ['killed', 'killDaemon'],
  ['stopped in good order', 'stopDaemon'],
] as const)(
  'its daemon is %s and started again: the drain goes on, and the command waits for it',
  async (how, ending) => {
    const { active, to } = await where()
    const fromMs = Date.now()
    const { end } = await drainBegun(active)
    await trial.stage.lab.node(active)[ending]()
    await trial.stage.lab.node(active).startDaemon()
    expect(await end).toMatchObject({
      exit: 0,
      stdout: `node node${active} frozen, 1 service moves away\nnode node${active} is drained\n`,
    })
    await trial.upOn([to])
    await trial.stage.repair()
    await thaw(active)
    await trial.settled()
    await trial.judge(`drained, the daemon ${how} and started`, fromMs)
  },
)

it('the destination crashes before anything is given up for it: the service stays, and a second drain goes to the third node', async () => {
  const { active, to, third } = await where()
  const fromMs = Date.now()
  await trial.stage.lab.node(to).crash()
  expect(await drain(active)).toMatchObject({
    exit: 1,
    stderr: `node node${active} is not drained: ha1 did not move away; see 'om ha1 print status'\nha1 stays: node${to} is unreachable\n`,
  })
  await trial.upOn([active])
  expect(await drain(active)).toMatchObject({ exit: 0 })
  await trial.upOn([third])
  await trial.stage.repair()
  await thaw(active)
  await trial.settled()
  await trial.judge('drained, the destination crashed before', fromMs)
})

it('the destination crashes while the service comes down: it is started on the third node, and the command says why', async () => {
  const { active, to, third } = await where()
  const fromMs = Date.now()
  const { end } = await drainBegun(active)
  await trial.stage.lab.node(to).crash()
  expect(await end).toMatchObject({
    exit: 1,
    stderr: `node node${active} is drained, but not everything of it runs elsewhere\nha1 is not up elsewhere: node${to} is unreachable\n`,
  })
  await trial.upOn([third])
  await trial.stage.repair()
  await thaw(active)
  await trial.settled()
  await trial.judge('drained, the destination crashed', fromMs)
})

it('it is isolated: up on the side of the majority, and healed it holds nothing and starts nothing until it is thawed', async () => {
  const { active, to, third } = await where()
  const { lab, mustOm, repair } = trial.stage
  const fromMs = Date.now()
  const { end } = await drainBegun(active)
  await lab.isolate(active)
  await trial.upOn([to, third])
  const said = await end
  expect([said.exit, said.stderr]).toEqual([1, expect.stringContaining(`node${to} is unreachable`)])
  await lab.heal()
  await repair()
  const now = await trial.upOn([to, third])
  expect(await mustOm(active, 'ha1 print status --format json')).toContain(`"node": "node${now}"`)
  expect((await trial.stage.instance(now, 'ha1', active)).place.kind).toBe('none')
  await lab.node(now).crash()
  await trial.upOn([to, third].filter((n) => n !== now))
  await trial.settled()
  await thaw(active)
  await mustOm(active, 'ha1 takeover --wait')
  await trial.upOn([active])
  await trial.settled()
  await trial.judge('drained and isolated', fromMs)
})

it('a stop hangs: the command ends at its time, the next one with the stop, and the service is started nowhere else', async () => {
  const { active, to } = await where()
  const { mustOm } = trial.stage
  const fromMs = Date.now()
  const { going } = await hangStops(trial, active)
  expect(await drain(active, ' --time 4s')).toMatchObject({
    exit: 1,
    stderr: `node node${active} is not drained: ha1 still there when the time was over; see 'om ha1 print status'\n`,
  })
  const next = await drain(active)
  expect(next.exit).toBe(1)
  expect(next.stdout).toBe(`node node${active} frozen, 1 service moves away\n`)
  expect(next.stderr).toMatch(
    new RegExp(
      `^node node${active} is not drained: ha1 could not be stopped; .*\nha1 stays: stop failed on node${active}: `,
    ),
  )
  await trial.staysOn(active)
  await going()
  await mustOm(active, 'ha1 clear')
  expect(await drain(active)).toMatchObject({ exit: 0 })
  await trial.upOn([to])
  await thaw(active)
  await trial.settled()
  await trial.judge('drained, a stop hung', fromMs)
})
