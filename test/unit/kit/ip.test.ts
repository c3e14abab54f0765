import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  familyOf,
  findAddress,
  inNetwork,
  networkOf,
  parseLinks,
  parseRoutes,
  prefixOf,
  sameAddress,
  type Link,
} from '../../../src/resources/kit/ip.js'

const recorded = (name: string): readonly string[] =>
  readFileSync(new URL(`../../drivers/recorded/${name}.jsonl`, import.meta.url), 'utf8').split('\n')

const [addresses = '', links = '', routes = ''] = recorded('ip-6.1.0')

const summary = ({ name, mtu, up, carrier, alias, addresses: own }: Link): string =>
  [
    name,
    mtu,
    up ? 'up' : 'down',
    carrier ? 'carrier' : 'no carrier',
    alias,
    ...own.filter(({ scope }) => scope !== 'link').map(({ local, prefix }) => `${local}/${prefix}`),
  ].join(' ')

describe('what ip answers', () => {
  it('becomes interfaces with their addresses', () => {
    const parsed = parseLinks(addresses, links)
    expect(parsed.ok && parsed.value.map(summary)).toMatchInlineSnapshot(`
      [
        "lo 65536 down no carrier ",
        "other 1500 up carrier ",
        "uplink 9000 up carrier ",
        "eth0 9000 up carrier db1.ip#0 192.0.2.14/24 2001:db8::14/64",
      ]
    `)
  })

  it.each([
    ['l2', { destination: 'default', gateway: '192.0.2.1', dev: 'eth0' }],
    ['l3', { destination: 'default', gateway: null, dev: 'eth0' }],
  ])(
    'for ipvlan in mode %s, whose state the kernel does not know, is an interface with carrier',
    (mode, route) => {
      const [own = '', about = '', ways = ''] = recorded(`ipvlan-${mode}-6.1.0`)
      const parsed = parseLinks(own, about)
      expect(parsed.ok && parsed.value.map(summary)).toEqual([
        'lo 65536 down no carrier ',
        'eth0 1500 up carrier db1.ip#0 192.0.2.14/24',
      ])
      expect(parseRoutes(ways)).toEqual({ ok: true, value: [route] })
    },
  )

  it('becomes default routes', () => {
    const route = { destination: 'default', gateway: '192.0.2.1', dev: 'eth0' }
    expect(parseRoutes(routes)).toEqual({ ok: true, value: [route] })
    expect(parseRoutes('')).toEqual({ ok: true, value: [] })
    expect(parseRoutes('[]')).toEqual({ ok: true, value: [] })
  })

  it('is a failure where it is no JSON', () => {
    expect(parseLinks('1: lo', '[]').ok).toBe(false)
    expect(parseRoutes('default via').ok).toBe(false)
  })

  it('is searched for an address in whichever spelling', () => {
    const parsed = parseLinks(addresses, links)
    const find = (ip: string) => (parsed.ok ? findAddress(parsed.value, ip)?.link.name : null)
    expect(find('2001:0DB8::0:14')).toBe('eth0')
    expect(find('192.0.2.14')).toBe('eth0')
    expect(find('192.0.2.1')).toBeUndefined()
  })
})

describe('addresses', () => {
  it.each([
    ['192.0.2.1', 4],
    ['2001:db8::1', 6],
    ['::ffff:192.0.2.1', 6],
    ['db1.example', null],
    ['192.0.2', null],
    ['', null],
  ])('%s is of family %s', (ip, family) => expect(familyOf(ip)).toBe(family))

  it.each([
    ['192.0.2.1', '192.0.2.1', true],
    ['2001:db8::1', '2001:DB8:0:0::1', true],
    ['::ffff:192.0.2.1', '::ffff:c000:201', true],
    ['::1', '0.0.0.1', false],
    ['db1.example', 'db1.example', false],
  ])('%s and %s are the same: %s', (a, b, same) => expect(sameAddress(a, b)).toBe(same))

  it.each([
    ['24', 4, 24],
    ['255.255.255.0', 4, 24],
    ['255.255.255.255', 4, 32],
    ['0.0.0.0', 4, 0],
    ['64', 6, 64],
    ['128', 6, 128],
    ['33', 4, null],
    ['129', 6, null],
    ['255.0.255.0', 4, null],
    ['255.255.255.0', 6, null],
    ['', 4, null],
  ] as const)('netmask %s of family %s is %s bits', (text, family, bits) => {
    const prefix = prefixOf(text, family)
    expect(prefix.ok ? prefix.value : null).toBe(bits)
  })

  it('a network is where its addresses are, and no others', () => {
    const byte = fc.integer({ min: 0, max: 255 })
    const ip = fc.tuple(byte, byte, byte, byte).map((bytes) => bytes.join('.'))
    const ip6 = fc
      .array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 })
      .map((groups) => groups.map((group) => group.toString(16)).join(':'))
    fc.assert(
      fc.property(
        fc.oneof(fc.tuple(ip, fc.constant(32)), fc.tuple(ip6, fc.constant(128))),
        fc.nat(),
        ([own, bits], n) => {
          const prefix = n % (bits + 1)
          expect(inNetwork(own, networkOf(own, prefix), prefix)).toBe(true)
          expect(networkOf(networkOf(own, prefix), prefix)).toBe(networkOf(own, prefix))
          expect(inNetwork(own, networkOf(own, bits), bits)).toBe(true)
          expect(sameAddress(networkOf(own, bits), own)).toBe(true)
        },
      ),
    )
    expect(inNetwork('192.0.2.14', '192.0.3.1', 24)).toBe(false)
    expect(inNetwork('192.0.2.14', '192.0.3.1', 23)).toBe(true)
    expect(inNetwork('192.0.2.14', '2001:db8::1', 0)).toBe(false)
    expect(networkOf('192.0.2.14', 24)).toBe('192.0.2.0')
  })
})
