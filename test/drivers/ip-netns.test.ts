import { describe, expect, it } from 'vitest'
import type { Resource } from '../../src/core/service.js'
import { linkKinds } from '../../src/resources/ip/netns/features.js'
import { container } from './docker-engine.js'
import { bridge, macvlan, netnsNode } from './netns-node.js'
import type { Segment } from './network.js'
import { systemPorts } from './node.js'

const at = netnsNode()

describe('an address in the namespace of a container', () => {
  const cases: readonly (readonly [string, () => Resource, Segment, string])[] = [
    ['macvlan', () => macvlan(), 'seg1', '192.0.2.14'],
    [
      'macvlan with a hardware address',
      () => macvlan({ macaddr: '02:00:00:00:00:14' }),
      'seg1',
      '192.0.2.14',
    ],
    ['macvlan with a dotted mask', () => macvlan({ netmask: '255.255.255.0' }), 'seg1', '192.0.2.14'],
    ['macvlan on a named interface', () => macvlan({ nsdev: 'a-very-long-dev' }), 'seg1', '192.0.2.14'],
    ['bridge', () => bridge(), 'seg2', '198.51.100.14'],
    ['bridge with a gateway', () => bridge({ gateway: '198.51.100.1' }), 'seg2', '198.51.100.14'],
    ['a host name', () => bridge({ ipname: 'localhost', netmask: '8', arp_wait: 0 }), 'seg2', ''],
  ]
  it.each(cases)('%s: is there after a start and gone after a stop', async (_, ip, segment, answering) => {
    const before = await at.links()
    const one = at.db1(container('container#0'), ip(), container('container#1', { netns: 'container#0' }))
    expect((await one.act('start')).failure).toBeNull()
    expect((await one.probe())['ip#0']).toMatchObject({ status: 'up', messages: [], released: false })
    if (answering !== '') expect(await at.network().answers(segment, answering)).toBe(true)
    expect((await one.act('start')).failure).toBeNull()
    expect(one.log.filter((line) => line.startsWith('ip#0'))).toEqual([
      expect.stringMatching(/^ip#0 netns .* is already up$/),
    ])
    expect((await one.act('stop')).failure).toBeNull()
    expect((await one.probe())['ip#0']).toMatchObject({ status: 'down', messages: [], released: true })
    if (answering !== '') expect(await at.network().answers(segment, answering)).toBe(false)
    expect(await at.links()).toEqual(before)
  })
})

describe('an address in the log', () => {
  it('runs the same commands as an operator would', async () => {
    const one = at.db1(container('container#0'), macvlan())
    await one.act('start')
    expect(anonymous(one.log.toSorted(byResource))).toMatchInlineSnapshot(`
      [
        "- do start --local (user origin), generation 1",
        "container#0 docker run --name=db1.container.0 --detach --net=none --env=LONGSHORE_SERVICE=db1 --env=LONGSHORE_RID=container#0 --env=LONGSHORE_NODE=node1 --env=LONGSHORE_GENERATION=1 --label=longshore.service=db1 --label=longshore.rid=container#0 --label=longshore.node=node1 --label=longshore.generation=1 lsu/shell",
        "container#0 output:",
        "container#0 ID",
        "ip#0 checking 192.0.2.14 availability",
        "ip#0 ip link add link uplink name phPIDeth0 mtu 1500 type macvlan mode bridge",
        "ip#0 ip link set phPIDeth0 netns PID name eth0 alias db1.ip#0",
        "ip#0 nsenter --net=NETNS ip addr add 192.0.2.14/24 dev eth0",
        "ip#0 nsenter --net=NETNS ip link set eth0 up",
        "ip#0 nsenter --net=NETNS ip route replace default via 192.0.2.1",
        "ip#0 nsenter --net=NETNS arping -U -c 1 -w 1 -I eth0 192.0.2.14",
      ]
    `)
    await one.act('stop')
    expect(anonymous(one.log)).toMatchInlineSnapshot(`
      [
        "- do stop --local (user origin)",
        "ip#0 nsenter --net=NETNS ip addr del 192.0.2.14/24 dev eth0",
        "ip#0 nsenter --net=NETNS ip link del dev eth0",
        "container#0 docker stop -t 1 ID",
        "container#0 output:",
        "container#0 ID",
        "container#0 wait for down status",
        "container#0 docker rm db1.container.0",
        "container#0 output:",
        "container#0 db1.container.0",
      ]
    `)
  })
})

describe('other kinds of addresses and links', () => {
  it('IPv6: works once it is known to be unique, and is refused where it is not', async () => {
    await at.network().peer('ip', 'addr', 'add', '2001:db8::99/64', 'dev', 'seg1', 'nodad')
    const own = { ipname: '2001:DB8:0::14', netmask: '64', gateway: '2001:db8::99' }
    const one = at.db1(container('container#0'), macvlan(own))
    expect((await one.act('start')).failure).toBeNull()
    expect((await one.probe())['ip#0']).toMatchObject({ status: 'up', messages: [] })
    await at.network().peer('busybox', 'ping6', '-c', '2', '-W', '3', '2001:db8::14')
    expect((await one.act('stop')).failure).toBeNull()
    const two = at.db1(container('container#0'), macvlan({ ...own, ipname: '2001:db8::99', gateway: null }))
    expect((await two.act('start')).failure?.message).toBe(
      'ip#0: 2001:db8::99 is in use by another machine: stop that one, or choose another address',
    )
    expect((await two.probe())['ip#0']).toMatchObject({ status: 'down', released: true })
  })

  it('dedicated: the interface itself moves into the namespace', async () => {
    const made = ['ip', 'link', 'add', 'name', 'lsuded0', 'type', 'veth', 'peer', 'name', 'lsuded1']
    await at.node().io.exec.run(made, { timeoutMs: 5_000 })
    await at.node().io.exec.run(['ip', 'link', 'set', 'lsuded1', 'up'], { timeoutMs: 5_000 })
    const own = {
      mode: 'dedicated',
      ipname: '203.0.113.14',
      ipdev: 'lsuded0',
      check_carrier: false,
      arp_wait: 0,
    }
    const one = at.db1(container('container#0'), bridge(own))
    expect((await one.act('start')).failure).toBeNull()
    expect((await one.probe())['ip#0']?.status).toBe('up')
    expect(await at.links()).not.toContain('lsuded0')
    expect((await one.act('stop')).failure).toBeNull()
    expect((await one.probe())['ip#0']).toMatchObject({ status: 'down', released: true })
    // It comes back to where process 1 is, which is not this test's at.network().
    const back = await systemPorts().exec.run(['ip', 'link', 'del', 'dev', 'lsuded0'], { timeoutMs: 5_000 })
    expect(back.exit).toBe(0)
  })

  it('ipvlan: works where the kernel has it, and is refused with a sentence where not', async () => {
    const one = at.db1(container('container#0'), macvlan({ mode: 'ipvlan-l2' }))
    const { failure } = await one.act('start')
    const ipvlan = linkKinds.find(({ name }) => name === 'ipvlan')
    if ((await ipvlan?.probe(at.node().io)) === true) expect(failure).toBeNull()
    else {
      expect(failure?.message).toBe(
        'this node cannot run ip#0 of db1: its kernel has no ipvlan interfaces; boot one that has the ipvlan module, or set mode to bridge or macvlan',
      )
    }
  })
})

/** Without what differs from run to run. */
const anonymous = (log: readonly string[]): readonly string[] =>
  log.map((line) =>
    line
      .replace(/--net=\/\S+/, '--net=NETNS')
      .replace(/ph\d+eth0/, 'phPIDeth0')
      .replace(/netns \d+/, 'netns PID')
      .replace(/[0-9a-f]{64}/, 'ID'),
  )

/** The check of an address runs beside the container's start. */
const byResource = (a: string, b: string): number => {
  const [one, other] = [a.split(' ')[0] ?? '', b.split(' ')[0] ?? '']
  return one < other ? -1 : one > other ? 1 : 0
}
