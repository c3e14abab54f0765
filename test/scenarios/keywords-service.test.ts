import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from './failure.js'
import { flag, openPlayground, program, type Playground } from './keywords.js'

// Keywords of services, each seen at work.

let c: Playground
beforeAll(async () => {
  c = await openPlayground('kwsvc')
})
afterAll(() => c?.end())

describe('a program that ends by itself', () => {
  it('is restarted so many times, with a pause between; then monitor_action switches, after pre_monitor_action', async () => {
    await c.deploy('w1', {
      DEFAULT: {
        orchestrate: 'ha',
        monitor_action: 'switch',
        pre_monitor_action: 'note collecting the state',
      },
      'app#1': program('w1', { restart: '2', restart_delay: '300ms', monitor: 'true' }),
    })
    await c.dies(1, 'w1')
    await c.logs('w1', 'restart resource app#1: not up, try 1/2')
    await c.settles('w1', ['up', 'down'])
    expect(await c.trace(1)).toEqual(['w1 start', 'w1 start'])
    expect(await c.done(1, 'om w1 print status --color never')).toMatch(/app#1 +\.M\.\.\.\.\.1 up/)
    await c.breaks(1, 'w1', 'start')
    await c.dies(1, 'w1')
    await c.settles('w1', ['start failed', 'up'])
    expect(await c.trace(1)).toEqual(['collecting the state'])
    expect(await c.trace(2)).toEqual(['w1 start'])
    await c.logs(
      'w1',
      /WARN +monitored resource app#1 is down and has no restart left: monitor_action=switch/,
    )
    await c.mends(1, 'w1', 'start')
    await c.purge('w1')
  })

  it('with monitor_action=freezestop it is frozen and stopped there, and the other node takes over', async () => {
    await c.deploy('w2', {
      DEFAULT: { orchestrate: 'ha', monitor_action: 'freezestop' },
      'fs#1': flag(),
      'app#1': program('w2', { monitor: 'true' }),
    })
    await c.dies(1, 'w2')
    await c.settles('w2', ['down', 'up'])
    const [first] = (await c.status('w2')).instances
    expect(first?.frozen).toBe(true)
    await c.logs('w2', 'app#1 is down and has no restart left: monitor_action=freezestop')
    await c.purge('w2')
  })

  it('without monitor_action, or without monitor, it stays as it is and says so', async () => {
    await c.deploy('w3', {
      DEFAULT: { orchestrate: 'ha' },
      'fs#1': flag(),
      'app#1': program('w3', { monitor: 'true' }),
    })
    await c.dies(1, 'w3')
    await until('the reason is told', async () =>
      (await c.done(1, 'om w3 print status')).includes(
        'monitored resource app#1 is down and has no restart left; monitor_action is none',
      ),
    )
    await c.settles('w3', ['warn', 'down'])
    await c.purge('w3')
  })
})

it('priority and max_parallel: the more urgent ones go first, one at a time', async () => {
  const names = ['q3', 'q2', 'q1']
  for (const name of names) {
    const section = { orchestrate: 'ha', priority: name.slice(1), nodes: 'node1' }
    await c.deploy(name, { DEFAULT: section, 'app#1': program(name, { pre_start: 'sleep 0.3' }) })
    await c.done(1, `om ${name} stop --wait`)
  }
  await c.done(1, 'om cluster set --kw node.max_parallel=1')
  await c.done(1, 'om node freeze node1')
  for (const name of names) await c.done(1, `om ${name} thaw`)
  await c.trace(1)
  await c.done(1, 'om node thaw node1')
  await until('one waits for its turn', async () => (await c.done(1, 'om mon')).includes('wait priors'))
  for (const name of names) await c.settles(name, ['up'])
  expect(await c.trace(1)).toEqual(['q1 start', 'q2 start', 'q3 start'])
  await c.done(1, 'om cluster unset --kw node.max_parallel')
  await c.purge(...names)
})

it('parents are up before their children start; children are down before their parents stop', async () => {
  await c.create('base', { DEFAULT: { children: 'top' }, 'app#1': program('base') })
  await c.create('top', { DEFAULT: { parents: 'base' }, 'app#1': program('top') })
  await c.done(1, 'om base provision --wait')
  await c.done(1, 'om base stop --wait')
  await c.done(1, 'om top provision --no-wait')
  await c.settles('top', ['wait parents', 'down'])
  expect(await c.done(1, 'om top print status')).toContain('parent base is not up')
  await c.logs('top', 'wait parents: parent base is not up')
  await c.done(1, 'om base start --wait')
  await c.settles('top', ['up', 'down'])
  await c.trace(1)
  await c.done(1, 'om base stop --no-wait')
  await c.settles('base', ['wait children', 'down'])
  expect(await c.done(1, 'om base print status')).toContain('child top is not down')
  await c.logs('base', 'wait children: child top is not down')
  await c.done(1, 'om top stop --wait')
  await c.settles('base', ['down', 'down'])
  expect(await c.trace(1)).toEqual(['top stop', 'base stop'])
  await c.purge('top', 'base')
})

it('a parent on a certain node', async () => {
  await c.deploy('near', { 'app#1': program('near') })
  await c.create('far', { DEFAULT: { parents: 'near@node2' }, 'app#1': program('far') })
  await c.done(1, 'om far provision --no-wait')
  await c.settles('far', ['wait parents', 'down'])
  await c.done(1, 'om near switch --wait')
  await c.settles('far', ['up', 'down'])
  await c.purge('far', 'near')
})

describe('placement and orchestrate', () => {
  it('load avg: the node with less load is the best; none: no node is, and nothing starts by itself', async () => {
    await c.deploy('l1', { DEFAULT: { placement: 'load avg' }, 'app#1': program('l1') })
    expect((await c.status('l1')).best).toMatch(/node[12]/)
    await c.deploy('l2', { DEFAULT: { placement: 'none', orchestrate: 'ha' }, 'app#1': program('l2') })
    expect((await c.status('l2')).placement).toBe('n/a')
    expect(await c.done(1, 'om mon')).not.toMatch(/l2 .*\^/)
    await c.done(1, 'om l2 stop --wait')
    await c.done(1, 'om l2 thaw')
    await until('the reason is told', async () =>
      (await c.done(1, 'om l2 print status')).includes('placement=none: it is started by operators alone'),
    )
    await c.settles('l2', ['down', 'down'])
    await c.done(1, 'om l2 start --wait')
    await c.done(1, 'om l2 switch --wait')
    await c.settles('l2', ['down', 'up'])
    await c.purge('l1', 'l2')
  })

  it('start: the best node starts it by itself, and no other one does', async () => {
    await c.deploy('g1', { DEFAULT: { orchestrate: 'start' }, 'app#1': program('g1') })
    await c.done(1, 'om g1 stop --wait')
    await c.done(1, 'om node freeze node1')
    await c.done(1, 'om g1 thaw')
    await until('node1 is waited for', async () =>
      (await c.done(2, 'om g1 print status')).includes('node node1 is frozen'),
    )
    await c.settles('g1', ['down', 'down'])
    await c.done(1, 'om node thaw node1')
    await c.settles('g1', ['up', 'down'])
    await c.purge('g1')
  })

  it('no: nothing starts by itself', async () => {
    await c.deploy('g2', { DEFAULT: { orchestrate: 'no' }, 'app#1': program('g2') })
    await c.done(1, 'om g2 stop --wait')
    await c.done(1, 'om g2 thaw')
    await c.lab.node(1).stopDaemon()
    await c.lab.node(1).startDaemon()
    await c.settles('g2', ['down', 'down'])
    await c.purge('g2')
  })
})

it('nodes: members in the order of placement, by scope where it differs; others have no instance', async () => {
  await c.deploy('k1', {
    DEFAULT: { nodes: 'node2 node1', comment: 'node2 has the faster disks' },
    'app#1': program('k1', { optional: 'false', 'optional@node1': 'true' }),
    'fs#1': flag(),
  })
  expect(await c.upOn('k1')).toEqual(['node2'])
  await c.breaks(1, 'k1', 'start')
  await c.done(1, 'om k1 takeover --wait')
  expect(await c.resources('k1', 1)).toEqual({ 'fs#1': 'up', 'app#1': 'down' })
  await c.mends(1, 'k1', 'start')
  await c.purge('k1')
})
