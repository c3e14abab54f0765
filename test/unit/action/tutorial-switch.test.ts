import { afterEach, describe, expect, test } from 'vitest'
import { Preparations } from '../../../src/daemon/agent/preparations.js'
import { probe } from '../../../src/daemon/agent/action/probe.js'
import { builtinDrivers } from '../../../src/resources/registry.js'
import { testNode, type TestNode } from '../../drivers/node.js'
import { resource, service } from '../../drivers/sample.js'
import { act } from './fixture.js'
import { TutorialHost, type Paces } from './tutorial-host.js'

const tutorial = service([
  resource('disk#0', 'vg', { name: 'db1' }),
  resource('disk#1', 'lv', { name: 'data', vg: 'db1' }),
  resource('fs#1', 'xfs', { dev: '/dev/db1/data', mnt: '/srv/db1/data' }),
  resource(
    'container#0',
    'docker',
    { name: 'db1.container.0', image: 'google/pause', netns: 'none', rm: true, detach: true },
    { exclusive: false },
  ),
  resource('ip#0', 'netns', {
    ipname: '192.168.100.14',
    ipdev: 'bond0',
    netmask: '24',
    gateway: '192.168.100.1',
    netns: 'container#0',
    mode: 'ipvlan-l2',
  }),
  resource('container#1', 'docker', {
    name: 'db1.container.1',
    image: 'postgres',
    netns: 'container#0',
    rm: true,
    detach: true,
  }),
])

const quick: Paces = { processMs: 20, engineMs: 5, runMs: 500 }
/** A container that takes longer to stop, or to run, than what was looked at beside it holds. */
const slow: Paces = { processMs: 300, engineMs: 100, runMs: 8000 }

let node: TestNode
afterEach(() => node.remove())

interface Done {
  /** With the engine's answers at its socket. */
  readonly all: readonly string[]
  /** Without them. */
  readonly asked: readonly string[]
  readonly ms: number
}

/** What a preparation, a start and a stop on one node have asked and done. */
async function switched(paces: Paces): Promise<Record<'prepare' | 'start' | 'stop', Done>> {
  const host = new TutorialHost(paces)
  node = testNode(builtinDrivers, host.ports())
  const does = async (action: 'prepare' | 'start' | 'stop'): Promise<Done> => {
    host.asked.length = 0
    const from = host.clock.nowMs()
    const more = { addressesSilent: Promise.resolve(true) }
    const { result } = await host.until(act(node, tutorial, action, more))
    const ms = host.clock.nowMs() - from
    expect(result.failure).toBeNull()
    const exclusive = Object.entries(result.resources).filter(([rid]) => rid !== 'container#0')
    const up = exclusive.filter(([, { status }]) => status === 'up').map(([rid]) => rid)
    expect(up).toHaveLength(action === 'start' ? exclusive.length : 0)
    return { all: [...host.asked], asked: host.asked.filter((one) => !one.startsWith('GET')), ms }
  }
  return { prepare: await does('prepare'), start: await does('start'), stop: await does('stop') }
}

/** From what a container's end waits for to what the other node waits for. */
const untilReleased = ({ asked }: Done): readonly string[] =>
  asked.slice(0, asked.indexOf('docker rm db1.container.1'))

describe('what a switch of the tutorial’s service asks and does', () => {
  test('before anything stops: what the first command changed is seen beside the look after it, what a preparation has nothing to do with is not looked at', async () => {
    const { prepare } = await switched(slow)
    expect(prepare.asked).toEqual([
      'unshare ask',
      'docker run --name=db1.container.0',
      'ip ask',
      'inside: ip ask',
      'ip link add',
      'ip link set',
    ])
  })

  test.each(['prepare', 'start'] as const)(
    'an image that two containers need is pulled once: %s',
    async (action) => {
      const host = new TutorialHost(quick)
      host.missing.add('postgres')
      node = testNode(builtinDrivers, host.ports())
      const app = (n: number) =>
        resource(`container#${n}`, 'docker', {
          name: `db1.container.${n}`,
          image: 'postgres',
          netns: 'container#0',
          rm: true,
          detach: true,
        })
      const of = service([...tutorial.resources.filter(({ rid }) => rid === 'container#0'), app(1), app(2)])
      const { result } = await host.until(act(node, of, action))
      expect(result.failure).toBeNull()
      expect(host.asked.filter((one) => one.startsWith('docker pull'))).toEqual(['docker pull postgres'])
    },
  )

  test('for images it asks once, before anything stops', async () => {
    const { prepare, start, stop } = await switched(quick)
    const images = ({ all }: Done): number => all.filter((one) => one === 'GET image').length
    expect([prepare, start, stop].map(images)).toEqual([2, 0, 0])
  })

  test('an image that is replaced by hand is seen ten seconds later, and at once where the container is made of it', async () => {
    const host = new TutorialHost(quick)
    node = testNode(builtinDrivers, host.ports())
    const of = service(tutorial.resources.filter(({ rid }) => rid === 'container#0'))
    const messages = async (): Promise<readonly string[] | undefined> => {
      const [probed] = await host.until(probe([{ service: of, generation: null }], node))
      return probed?.resources['container#0']?.messages.map(({ text }) => text)
    }
    await host.until(act(node, of, 'start'))
    host.imageId = 'sha256:2'
    expect(await messages()).toEqual([])
    host.clock.pass(10_000)
    const newer = 'image google/pause is a newer one on this node than the one that runs'
    expect(await messages()).toEqual([newer])
    host.imageId = 'sha256:3'
    await host.until(act(node, of, 'restart'))
    expect(await messages()).toEqual([])
  })

  test('a start: what is upon the volume is seen beside the group', async () => {
    const { start } = await switched(slow)
    const { asked, ms } = start
    expect(asked.slice(0, asked.indexOf('mount'))).toEqual([
      'lvs',
      'vgchange db1',
      'ip ask',
      'inside: ip ask',
      'vgchange -a y',
      'lvs',
      'wipefs',
    ])
    // One after the other: the commands, three looks at the disks and the mount, and the container with the look at it.
    const { processMs, engineMs, runMs } = slow
    expect(ms).toBe((6 + 2) * processMs + runMs + engineMs)
  })

  test('what has just been mounted is not asked whether it answers, and an address is looked at in its namespace alone', async () => {
    const { start, stop } = await switched(quick)
    const since = (done: Done, command: string): readonly string[] =>
      done.all.slice(done.all.indexOf(command) + 1)
    expect(start.asked).not.toContain('stat')
    const mounted = since(start, 'mount')
    expect(mounted.slice(0, mounted.indexOf('docker run --name=db1.container.1'))).toEqual([
      'inside: ip addr add',
      'inside: ip link set',
      'inside: ip route replace',
      'inside: arping',
    ])
    expect(
      since(start, 'docker run --name=db1.container.1').filter((one) => one !== 'GET container'),
    ).toEqual(['ip ask', 'inside: ip ask', 'GET list'])
    const gone = since(stop, 'inside: ip addr del')
    expect(gone.slice(0, gone.indexOf('umount'))).toEqual(['inside: ip ask'])
  })

  test('a namespace that went with its container while the address was taken off is not asked twice: all is looked at', async () => {
    const host = new TutorialHost(quick)
    node = testNode(builtinDrivers, host.ports())
    await host.until(act(node, tutorial, 'start'))
    host.asked.length = 0
    host.endsHolder = 'inside: ip addr del'
    const { result } = await host.until(act(node, tutorial, 'stop'))
    expect(result.failure).toBeNull()
    const asked = host.asked.slice(host.asked.indexOf('inside: ip addr del') + 1)
    expect(asked.slice(0, 4)).toEqual(['inside: ip ask', 'umount', 'GET list', 'GET container'])
    expect(result.resources['ip#0']).toMatchObject({ status: 'down', released: true })
  })

  /** At the address, the volume, the mount, and what is in the namespace: which one that is, the look before the first command has told. */
  const beside = ['ip ask', 'lvs', 'inside: ip ask', 'stat']
  const again = ['ip ask', 'lvs', 'stat', 'inside: ip ask']
  const commands = [
    'inside: ip addr del',
    'inside: ip ask',
    'umount',
    'lvchange -a n',
    'lvs',
    'vgchange --deltag --deltag',
  ]

  test.each([
    ['at once', quick],
    ['slowly', slow],
  ])('where its container stops %s: the rest was seen beside that', async (_, paces) => {
    const { stop } = await switched(paces)
    expect(untilReleased(stop)).toEqual(['docker stop -t', ...beside, ...commands])
  })

  test('where the holder looked while the other node prepared: its stop begins with its first command, and nothing is looked at beside it', async () => {
    const host = new TutorialHost(slow)
    node = testNode(builtinDrivers, host.ports())
    await host.until(act(node, tutorial, 'start'))
    const preparations = new Preparations(node)
    preparations.look(tutorial, 'stop', 7)
    await host.until(new Promise<void>((resolve) => void host.clock.after(8000, resolve)))
    host.asked.length = 0
    const { result } = await host.until(
      act(node, tutorial, 'stop', { foreseen: preparations.of(tutorial, 'stop') }),
    )
    expect(result.failure).toBeNull()
    expect(host.asked[0]).toBe('docker stop -t')
    const asked = host.asked.filter((one) => !one.startsWith('GET'))
    expect(asked.slice(0, asked.indexOf('docker rm db1.container.1'))).toEqual([
      'docker stop -t',
      ...commands,
    ])
  })

  test('where its container takes very long to stop: the rest is seen again beside the look after it', async () => {
    const { stop } = await switched({ ...slow, runMs: 31_000 })
    expect(untilReleased(stop)).toEqual(['docker stop -t', ...beside, ...again, ...commands])
  })

  test('what is removed behind the release is looked at together, and keeps the next command waiting no longer than that needs', async () => {
    const { stop } = await switched(slow)
    const behind = stop.all.slice(stop.all.indexOf('docker rm db1.container.1'))
    const [container, image] = ['GET container', 'GET image']
    expect(behind.filter((one) => one !== container && one !== image)).toEqual([
      'docker rm db1.container.1',
      'inside: ip link del',
      'GET list',
      'ip ask',
      'lvs',
      'docker stop -t',
      'inside: ip ask',
      'GET list',
      'docker rm db1.container.0',
      'GET list',
    ])
  })
})
