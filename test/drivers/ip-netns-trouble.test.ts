import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Exec } from '../../src/daemon/ports.js'
import { container } from './docker-engine.js'
import { instance, type Instance } from './instance.js'
import { bridge, macvlan, netnsNode } from './netns-node.js'
import { PEER } from './network.js'

const at = netnsNode()

describe('an address that cannot be had', () => {
  it('in use: refused with the hardware address that answered, and nothing is plumbed', async () => {
    const before = await at.links()
    const mac = JSON.parse(await at.network().peer('ip', '-j', 'link', 'show', 'seg1')) as {
      address: string
    }[]
    const one = at.db1(container('container#0'), macvlan({ ipname: PEER.seg1 }))
    const { failure, rollback } = await one.act('start')
    expect(failure?.message).toBe(
      `ip#0: ${PEER.seg1} is in use: ${mac[0]?.address} answers for it on uplink; stop that one, or choose another address`,
    )
    expect(rollback).toBe('done')
    expect(one.log.filter((line) => line.includes('link add'))).toEqual([])
    expect(await at.links()).toEqual(before)
  })

  it('no such interface, no carrier, no netmask, no container', async () => {
    await at.network().peer('ip', 'link', 'set', 'seg1', 'down')
    const failures: (string | undefined)[] = []
    for (const resources of [
      [container('container#0'), macvlan({ ipdev: 'bond7' })],
      [container('container#0'), macvlan({ arp_wait: 0 })],
      [container('container#0'), macvlan({ netmask: null })],
      [container('container#0'), macvlan({ ipname: 'no-such-host.invalid' })],
      [macvlan({ netns: 'container#9', arp_wait: 0, check_carrier: false })],
    ]) {
      const one = at.db1(...resources)
      expect((await one.probe())['ip#0']).toMatchObject({ status: 'down', released: true })
      failures.push((await one.act('start')).failure?.message)
      await one.act('stop')
    }
    await at.network().peer('ip', 'link', 'set', 'seg1', 'up')
    expect(failures).toMatchInlineSnapshot(`
      [
        "ip#0: this node has no interface bond7: look at "ip link", or set ipdev@node",
        "ip#0: uplink has no carrier: look at its cable and its switch port, or set check_carrier=false",
        "ip#0: there is no netmask, and uplink has no address in the network of 192.0.2.14: set netmask",
        "ip#0: the host name no-such-host.invalid has no address: look at /etc/hosts and DNS, or set an address",
        "ip#0: container#9 does not run, so there is no namespace for 192.0.2.14: om db1 start --local --rid container#9",
      ]
    `)
  })

  it('a carrier that is lost later is down, and still held', async () => {
    const one = at.db1(container('container#0'), macvlan())
    await one.act('start')
    await at.network().peer('ip', 'link', 'set', 'seg1', 'down')
    expect((await one.probe())['ip#0']).toMatchObject({ status: 'down', released: false })
    await at.network().peer('ip', 'link', 'set', 'seg1', 'up')
    expect((await one.probe())['ip#0']).toMatchObject({ status: 'up' })
  })
})

describe('an address that was left half way', () => {
  it.each([
    ['macvlan', () => macvlan()],
    ['bridge', () => bridge({ gateway: '198.51.100.1' })],
  ])('%s: each interrupted start is completed by the next one, and undone by a stop', async (_, ip) => {
    const before = await at.links()
    const one = at.db1(container('container#0'), ip())
    await one.act('start', ['container#0'])
    await one.act('stop', ['ip#0'])
    const total = await at.steps(one)
    expect(total).toBeGreaterThan(4)
    for (let done = 1; done < total; done += 1) {
      await at.interruptedStart(one, done)
      expect((await one.act('start', ['ip#0'])).failure, `completed after ${done}`).toBeNull()
      await one.act('stop', ['ip#0'])
      expect(await at.links(), `after ${done}`).toEqual(before)
      await at.interruptedStart(one, done)
      await one.act('stop', ['ip#0'])
      expect(await at.links(), `undone after ${done}`).toEqual(before)
      expect(await at.inside(one), `inside after ${done}`).toEqual(['lo'])
      expect((await one.probe())['ip#0']).toMatchObject({ status: 'down', released: true })
    }
  })

  it('a lost default route is a warning, and a start brings it back', async () => {
    const one = at.db1(container('container#0'), macvlan())
    await one.act('start')
    const netns = /--net=\/\S+/.exec(one.log.join('\n'))?.[0] ?? ''
    await at.node().io.exec.run(['nsenter', netns, 'ip', 'route', 'del', 'default'], { timeoutMs: 5_000 })
    expect((await one.probe())['ip#0']).toMatchObject({
      status: 'warn',
      messages: [{ level: 'warn', text: 'no default route through 192.0.2.1' }],
    })
    expect((await one.act('start', ['ip#0'])).failure).toBeNull()
    expect((await one.probe())['ip#0']).toMatchObject({ status: 'up' })
  })
})

describe('a container that ends while it is looked at', () => {
  /** One look at the service, with these containers ended after the engine told of them, before their namespace is entered. */
  async function lookWhileEnding(one: Instance, ...containers: readonly string[]) {
    const node = at.node()
    let ended = false
    const run: Exec['run'] = async (argv, options) => {
      if (argv[0] === 'nsenter' && !ended) {
        ended = true
        await at.docker('rm', '--force', ...containers)
      }
      return node.io.exec.run(argv, options)
    }
    const probe = await instance(
      { ...node, io: { ...node.io, exec: { ...node.io.exec, run } } },
      one.service,
    ).probe()
    expect(ended).toBe(true)
    return probe['ip#0']
  }

  /** What announces the address is in the namespace for half a second at most. */
  async function fallsSilent(): Promise<boolean> {
    for (let asked = 0; asked < 10; asked += 1) {
      if (!(await at.network().answers('seg1', '192.0.2.14'))) return true
      await sleep(100)
    }
    return false
  }

  it('has released the address, unless another container keeps the namespace', async () => {
    const both = [container('container#0'), macvlan(), container('container#1', { netns: 'container#0' })]
    const one = at.db1(...both)
    await one.act('start')
    expect(await lookWhileEnding(one, 'db1.container.0', 'db1.container.1')).toMatchObject({
      status: 'down',
      released: true,
    })
    expect(await fallsSilent(), 'nothing else keeps the namespace').toBe(true)
    await one.act('start')
    expect(await lookWhileEnding(one, 'db1.container.0')).toMatchObject({ status: 'warn', released: false })
  })
})

describe('a namespace that outlives its container', () => {
  it('is still held by the container that shares it, and a start mends all of it', async () => {
    const one = at.db1(
      container('container#0'),
      macvlan(),
      container('container#1', { netns: 'container#0' }),
    )
    await one.act('start')
    await at.docker('rm', '--force', 'db1.container.0')
    const lost = await one.probe()
    expect(await at.network().answers('seg1', '192.0.2.14')).toBe(true)
    expect(lost['ip#0']).toMatchObject({
      status: 'warn',
      released: false,
      messages: [
        {
          text: 'the address is still in the namespace of an earlier container#0, which db1.container.1 keeps',
        },
      ],
    })
    expect(lost['container#1']).toMatchObject({
      status: 'down',
      released: false,
      messages: [
        {
          level: 'error',
          text: 'it still runs in the namespace of an earlier container#0, which is gone: om db1 restart --local --rid container#1',
        },
      ],
    })
    expect((await one.act('start')).failure).toBeNull()
    const mended = await one.probe()
    expect(Object.values(mended).map(({ status }) => status)).toEqual(['up', 'up', 'up'])
    expect(await at.network().answers('seg1', '192.0.2.14')).toBe(true)
  })

  it('a stop takes the address out of it', async () => {
    const one = at.db1(
      container('container#0'),
      macvlan(),
      container('container#1', { netns: 'container#0' }),
    )
    await one.act('start')
    await at.docker('kill', 'db1.container.0')
    await one.act('stop', ['ip#0'])
    expect((await one.probe())['ip#0']).toMatchObject({ status: 'down', released: true })
    expect(await at.network().answers('seg1', '192.0.2.14')).toBe(false)
  })
})
