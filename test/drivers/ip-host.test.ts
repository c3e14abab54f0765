import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Value } from '../../src/core/service.js'
import type { AnyDriver } from '../../src/resources/driver.js'
import { ipHost } from '../../src/resources/ip/host/driver.js'
import { conforms } from './conformance.js'
import { instance, type Instance } from './instance.js'
import { run } from './machine.js'
import { makeNetwork, PEER, type TestNetwork } from './network.js'
import { systemPorts, testNode, type TestNode } from './node.js'
import { resource, service } from './sample.js'

let network: TestNetwork
let node: TestNode
let current: Instance | null = null

beforeAll(async () => {
  network = await makeNetwork(systemPorts())
  node = testNode([ipHost] as readonly AnyDriver[], network.node)
})

afterEach(async () => {
  await current?.act('stop')
  current = null
})

afterAll(async () => {
  await network?.end()
  node?.remove()
})

const address = (keywords: Readonly<Record<string, Value>> = {}) =>
  resource('ip#0', 'host', {
    ipname: '192.0.2.14',
    ipdev: 'uplink',
    netmask: '24',
    check_carrier: true,
    alias: true,
    arp_wait: 150,
    ...keywords,
  })

function db1(keywords: Readonly<Record<string, Value>> = {}): Instance {
  current = instance(node, service([address(keywords)]))
  return current
}

const on = async (...argv: readonly string[]): Promise<string> =>
  (await node.io.exec.run(['ip', ...argv], { timeoutMs: 5_000 })).stdout

conforms('ip.host', {
  driver: ipHost as AnyDriver,
  label: '192.0.2.14/32 lsuh0',
  prepare: async () => {
    run('ip', 'link', 'add', 'name', 'lsuh0', 'type', 'veth', 'peer', 'name', 'lsuh1')
    run('ip', 'link', 'set', 'lsuh1', 'up')
    return {
      resource: address({ ipdev: 'lsuh0', netmask: '32' }),
      undo: async () => void run('ip', 'link', 'del', 'dev', 'lsuh0'),
    }
  },
})

describe('an address of the node', () => {
  it('answers after a start, and the neighbours hear of it; after a stop it does not', async () => {
    await network.peer(
      'ip',
      'neigh',
      'replace',
      '192.0.2.14',
      'lladdr',
      '02:00:00:00:00:99',
      'nud',
      'reachable',
      'dev',
      'seg1',
    )
    const one = db1()
    expect((await one.act('start')).failure).toBeNull()
    expect(one.log).toMatchInlineSnapshot(`
      [
        "- do start --local (user origin), generation 1",
        "ip#0 checking 192.0.2.14 availability",
        "ip#0 ip addr add 192.0.2.14/24 dev uplink",
        "ip#0 arping -U -c 1 -w 1 -I uplink 192.0.2.14",
      ]
    `)
    expect((await one.probe())['ip#0']).toMatchObject({ status: 'up', messages: [], released: false })
    await network.peer('busybox', 'ping', '-c', '4', '-W', '1', '192.0.2.14')
    await one.act('stop')
    expect(one.log).toMatchInlineSnapshot(`
      [
        "- do stop --local (user origin)",
        "ip#0 ip addr del 192.0.2.14/24 dev uplink",
      ]
    `)
    expect((await one.probe())['ip#0']).toMatchObject({ status: 'down', released: true })
    expect(await network.answers('seg1', '192.0.2.14')).toBe(false)
  })

  it('brings its default route, and takes it along', async () => {
    const one = db1({ gateway: PEER.seg1 })
    expect((await one.act('start')).failure).toBeNull()
    expect(JSON.parse(await on('-j', 'route', 'show', 'default'))).toMatchObject([
      { gateway: PEER.seg1, dev: 'uplink' },
    ])
    await one.act('stop')
    expect(JSON.parse(await on('-j', 'route', 'show', 'default'))).toEqual([])
  })

  it('takes the prefix length of the network in which the interface is', async () => {
    await on('addr', 'add', '192.0.2.2/26', 'dev', 'uplink')
    const one = db1({ netmask: null })
    await one.act('start')
    expect(one.log).toContain('ip#0 ip addr add 192.0.2.14/26 dev uplink')
    await one.act('stop')
    await on('addr', 'del', '192.0.2.2/26', 'dev', 'uplink')
  })
})

describe('an address of another kind', () => {
  it('works with IPv6', async () => {
    const one = db1({ ipname: '2001:db8::14', netmask: '64' })
    expect((await one.act('start')).failure).toBeNull()
    expect((await one.probe())['ip#0']).toMatchObject({ status: 'up', messages: [] })
    await one.act('stop')
    expect((await one.probe())['ip#0']).toMatchObject({ status: 'down', released: true })
  })

  it('alone on its interface brings it up and down', async () => {
    await on('link', 'set', 'uplink', 'down')
    const one = db1({ alias: false, arp_wait: 0 })
    expect((await one.act('start')).failure).toBeNull()
    expect(await on('-j', 'link', 'show', 'uplink')).toContain('"UP"')
    await one.act('stop')
    expect(await on('-j', 'link', 'show', 'uplink')).not.toContain('"UP"')
    await on('link', 'set', 'uplink', 'up')
  })
})

describe('an address that the node cannot have', () => {
  it('says why, and changes nothing', async () => {
    const before = await on('-j', '-4', 'addr')
    const failures: (string | undefined)[] = []
    const refused = async (keywords: Readonly<Record<string, Value>>): Promise<void> => {
      const one = db1(keywords)
      failures.push((await one.act('start')).failure?.message.replace(/([0-9a-f]{2}:){5}[0-9a-f]{2}/, 'MAC'))
      await one.act('stop')
    }
    await refused({ ipname: PEER.seg1 })
    await refused({ ipdev: 'bond7' })
    await refused({ netmask: null })
    await on('addr', 'add', '192.0.2.14/24', 'dev', 'br0')
    await refused({})
    await on('addr', 'del', '192.0.2.14/24', 'dev', 'br0')
    await on('addr', 'add', '192.0.2.3/24', 'dev', 'uplink')
    await refused({ alias: false })
    await on('addr', 'del', '192.0.2.3/24', 'dev', 'uplink')
    await network.peer('ip', 'link', 'set', 'seg1', 'down')
    await refused({})
    await network.peer('ip', 'link', 'set', 'seg1', 'up')
    expect(failures).toMatchInlineSnapshot(`
      [
        "ip#0: 192.0.2.99 is in use: MAC answers for it on uplink; stop that one, or choose another address",
        "ip#0: this node has no interface bond7: look at "ip link", or set ipdev@node",
        "ip#0: there is no netmask, and uplink has no address in the network of 192.0.2.14: set netmask",
        "ip#0: 192.0.2.14 is on br0 of this node already: remove it there, or set ipdev",
        "ip#0: uplink has the address 192.0.2.3, and alias is false: remove it, or set alias=true",
        "ip#0: uplink has no carrier: look at its cable and its switch port, or set check_carrier=false",
      ]
    `)
    expect(await on('-j', '-4', 'addr')).toBe(before)
  })
})
