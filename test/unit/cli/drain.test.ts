import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ClusterStatus, ServiceStatus } from '../../../src/daemon/api/contract.js'
import { Daemon, Recorder, type, until } from './daemon.js'
import { cluster, document, instance, node, service, stopped } from './sample.js'

let daemon: Daemon
let terminal: Recorder
beforeEach(async () => {
  daemon = await Daemon.start()
  terminal = new Recorder(daemon.root)
})
afterEach(() => daemon.stop())

const drain = (words = ''): Promise<number> => type(terminal, `om node drain node2 --wait${words}`)
const target = { id: 't9', name: 'placed@node1' }
const met = { ...target, end: { how: 'met', why: 'up on node1' } } as const
const failed = { ...target, end: { how: 'failed', why: 'node1 is unreachable' } } as const

/** On node2, and nothing is done about it. */
const held = (name: string, differs: Partial<ServiceStatus> = {}): ServiceStatus =>
  service({ name, instances: [instance('node2', document())], ...differs })
/** Of a node that is not heard any more. */
const lastWord = instance('node2', document({ monitor: 'stopping' }), { reachable: false })
const gone = (name: string, differs: Partial<ServiceStatus> = {}): ServiceStatus =>
  service({
    name,
    instances: [instance('node1', document()), instance('node2', stopped())],
    ...differs,
  })

/** What the status says from now on. */
function tell(services: readonly ServiceStatus[], differs: Partial<ClusterStatus> = {}): void {
  daemon.script = ({ path }) => (path === '/api/status' ? { body: cluster({ services, ...differs }) } : null)
  daemon.publish({ kind: 'changed', services: ['db1'] })
}

/** Drains while the daemon says one thing after the other, each until it was asked; exit code and all that was said. */
async function drained(...phases: readonly (() => void)[]): Promise<readonly [number, string, string]> {
  phases[0]?.()
  const code = drain()
  const posted = (): number => daemon.requests.findIndex(({ method }) => method === 'POST')
  await until(() => posted() >= 0)
  let begun = posted()
  for (const next of phases.slice(1)) {
    await until(() => daemon.requests.slice(begun).some(({ path }) => path === '/api/status'))
    begun = daemon.requests.length
    next()
  }
  return [await code, terminal.stdout, terminal.stderr]
}

describe('om node drain --wait ends', () => {
  test('when nothing is held there any longer', async () => {
    const end = await drained(
      () => tell([held('db1', { target })]),
      () => tell([gone('db1', { lastTarget: met })]),
    )
    expect(end).toEqual([0, 'so it is\nnode node2 is drained\n', ''])
  })

  test('when what it held has arrived, and not before', async () => {
    const end = await drained(
      () => tell([held('db1', { target })]),
      () => tell([gone('db1', { target })]),
      () => tell([gone('db1', { lastTarget: met })]),
    )
    expect(end).toEqual([0, 'so it is\nnode node2 is drained\n', ''])
  })

  test('when what it held did not arrive, with the reason', async () => {
    const end = await drained(
      () => tell([held('db1', { target })]),
      () => tell([gone('db1', { target })]),
      () => tell([gone('db1', { lastTarget: failed })]),
    )
    expect(end).toEqual([
      1,
      'so it is\n',
      'node node2 is drained, but not everything of it runs elsewhere\ndb1 is not up elsewhere: node1 is unreachable\n',
    ])
  })

  test('when what is left does not move any more, with the reason, and what else moves has arrived', async () => {
    const other = { ...target, id: 't10' }
    const web = { lastTarget: { ...met, id: 't10' } }
    const end = await drained(
      () => tell([held('db1', { target }), held('web', { target: other })]),
      () => tell([held('db1', { lastTarget: failed }), held('web', { target: other })]),
      () => tell([held('db1', { lastTarget: failed }), gone('web', web)]),
    )
    expect(end).toEqual([
      1,
      'so it is\n',
      "node node2 is not drained: db1 did not move away; see 'om db1 print status'\ndb1 stays: node1 is unreachable\n",
    ])
  })

  test('when a stop that its target state does not wait for has ended', async () => {
    const stopping = { instances: [instance('node2', document({ monitor: 'stopping' }))] }
    const end = await drained(
      () => tell([held('db1', { target })]),
      () => tell([service({ lastTarget: failed, ...stopping })]),
      () => tell([gone('db1', { lastTarget: failed })]),
    )
    expect(end).toEqual([
      1,
      'so it is\n',
      'node node2 is drained, but not everything of it runs elsewhere\ndb1 is not up elsewhere: node1 is unreachable\n',
    ])
  })

  test('when no other node can take what is left', async () => {
    tell([held('db1'), held('web')])
    expect(await drain()).toBe(1)
    expect(terminal.stderr).toBe(
      "node node2 is not drained: db1, web did not move away; see 'om db1 print status'\n",
    )
  })

  test('when what is left cannot be stopped', async () => {
    const instances = [instance('node2', document({ monitor: 'stop failed' }))]
    tell([service({ instances })])
    expect(await drain()).toBe(1)
    expect(terminal.stderr).toBe(
      "node node2 is not drained: db1 could not be stopped; see 'om db1 print status'\n",
    )
  })

  test('when the node is not heard any more and nothing moves: where its services are', async () => {
    const nodes = [node('node1'), node('node2', { reachable: false })]
    const end = await drained(
      () => tell([held('db1', { target }), held('web')], { nodes }),
      () => tell([service({ instances: [instance('node1', document()), lastWord] }), held('web')], { nodes }),
    )
    expect(end).toEqual([
      1,
      'so it is\n',
      [
        'node node2 is not drained: it is not heard any more, and held db1, web when it last was',
        'db1 is up on node1',
        "web is not up elsewhere: see 'om web print status'",
        '',
      ].join('\n'),
    ])
  })

  test('as it would have, when its daemon was away meanwhile', async () => {
    const end = await drained(
      () => tell([held('db1', { target })]),
      () => {
        daemon.script = () => 'hang up'
        daemon.cut()
      },
      () => tell([gone('db1', { lastTarget: met })]),
    )
    expect(end).toEqual([0, 'so it is\nnode node2 is drained\n', ''])
  })

  test('not when its daemon ends in good order, and tells of no cluster on its way: as it would have then', async () => {
    const end = await drained(
      () => tell([held('db1', { target })]),
      () => tell([], { cluster: null, nodes: [] }),
      () => tell([gone('db1', { lastTarget: failed })]),
    )
    expect(end).toEqual([
      1,
      'so it is\n',
      'node node2 is drained, but not everything of it runs elsewhere\ndb1 is not up elsewhere: node1 is unreachable\n',
    ])
  })

  test('whatever is moved between other nodes meanwhile, and was never held there', async () => {
    const others = gone('web', { target: { id: 't10', name: 'placed@node3' } })
    const end = await drained(
      () => tell([held('db1', { target }), others]),
      () => tell([gone('db1', { lastTarget: met }), others]),
    )
    expect(end).toEqual([0, 'so it is\nnode node2 is drained\n', ''])
  })

  test('when the time is over: what is left, or has not arrived', async () => {
    tell([held('db1', { target }), held('web', { target })])
    expect(await drain(' --time 50ms')).toBe(1)
    const from = daemon.requests.length
    const posted = (): boolean => daemon.requests.slice(from).some(({ method }) => method === 'POST')
    const db1 = (): ServiceStatus => (posted() ? gone('db1', { target }) : held('db1', { target }))
    daemon.script = ({ path }) => (path === '/api/status' ? { body: cluster({ services: [db1()] }) } : null)
    expect(await drain(' --time 50ms')).toBe(1)
    expect(terminal.stderr).toBe(
      [
        "node node2 is not drained: db1, web still there when the time was over; see 'om db1 print status'",
        "node node2 is not drained: db1 not up elsewhere when the time was over; see 'om db1 print status'",
        '',
      ].join('\n'),
    )
  })
})
