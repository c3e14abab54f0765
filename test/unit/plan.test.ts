import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareNatural } from '../../src/core/natural.js'
import { plan, type PlannedAction } from '../../src/core/plan.js'
import { everything } from '../../src/core/selection.js'
import { GROUPS, type Resource, type Service } from '../../src/core/service.js'
import type { OrderSelection } from '../../src/core/world.js'
import { resource, service } from '../drivers/sample.js'

/** Stages as one line: `disk#0 fs#1 | fs#2+fs#3`: `+` within a stage. */
function line(of: Service, action: PlannedAction, selection: Partial<OrderSelection> = {}): string {
  const planned = plan(of, action, { ...everything, ...selection })
  if (!planned.ok) return `${planned.error.code}: ${planned.error.message}`
  return planned.value.map((stage) => stage.map((one) => one.rid).join('+')).join(' ')
}

const tutorial = service([
  resource('container#1', 'docker', { netns: 'container#0' }),
  resource('container#0', 'docker', {}, { exclusive: false }),
  resource('ip#0', 'netns', { netns: 'container#0' }),
  resource('sync#i0', 'config', {}, { optional: true }),
  resource('fs#1', 'xfs', { mnt: '/srv/db1/data' }),
  resource('disk#1', 'lv'),
  resource('disk#0', 'vg'),
])

describe('order of the stages', () => {
  const shares = ['container#7', null].map((pidns, n) =>
    resource(`container#${n * 7}`, 'docker', { pidns }, { subset: 'p' }),
  )
  const cases: readonly [string, Service, string][] = [
    [
      'the tutorial: the address follows its container',
      tutorial,
      'disk#0 disk#1 fs#1 container#0 ip#0 container#1 sync#i0',
    ],
    [
      'groups, then rids in natural order',
      service(['app#1', 'disk#10', 'disk#2', 'ip#1', 'fs#0', 'disk#a'].map((rid) => resource(rid, 'flag'))),
      'ip#1 disk#2 disk#10 disk#a fs#0 app#1',
    ],
    [
      'filesystems by the depth of their mount points',
      service([
        resource('fs#1', 'xfs', { mnt: '/srv/a/b' }),
        resource('fs#2', 'xfs', { mnt: '/srv' }),
        resource('fs#3', 'directory', { path: '/srv/a/' }),
      ]),
      'fs#2 fs#3 fs#1',
    ],
    [
      'subsets by name, resources without one first',
      service([
        resource('app#1', 'simple', {}, { subset: 'b' }),
        resource('app#2', 'simple', {}, { subset: 'a' }),
        resource('app#3', 'simple'),
      ]),
      'app#3 app#2 app#1',
    ],
    [
      'applications by the number that is their start',
      service([
        resource('app#1', 'forking', { start: '20' }),
        resource('app#2', 'forking', { start: '3' }),
        resource('app#3', 'forking', { start: 'true' }),
      ]),
      'app#3 app#2 app#1',
    ],
    [
      'a parallel subset is one stage',
      service(
        [1, 2, 3].map((n) => resource(`fs#${n}`, 'flag', {}, n === 1 ? {} : { subset: 'p' })),
        { parallelSubsets: ['fs:p'] },
      ),
      'fs#1 fs#2+fs#3',
    ],
    [
      'a parallel subset of another group stays serial',
      service(
        [1, 2].map((n) => resource(`fs#${n}`, 'flag', {}, { subset: 'p' })),
        { parallelSubsets: ['app:p'] },
      ),
      'fs#1 fs#2',
    ],
    [
      'nested mounts of a parallel subset are a stage later',
      service(
        ['/srv/a', '/srv/b', '/srv/a/x'].map((mnt, n) =>
          resource(`fs#${n}`, 'xfs', { mnt }, { subset: 'p' }),
        ),
        { parallelSubsets: ['fs:p'] },
      ),
      'fs#0+fs#1 fs#2',
    ],
    [
      'containers that share a namespace wait for its address, others do not',
      service(
        [
          resource('ip#9', 'netns', { netns: 'container#0' }),
          resource('container#0', 'docker', {}, { subset: 'p' }),
          resource('container#1', 'docker', { netns: 'container#0' }, { subset: 'p' }),
          resource('container#2', 'docker', {}, { subset: 'p' }),
        ],
        { parallelSubsets: ['container:p'] },
      ),
      'container#0+container#2 ip#9 container#1',
    ],
    [
      'the holder of a namespace comes first, whatever its rid',
      service([
        resource('container#0', 'docker', { netns: 'container#7' }),
        resource('container#7', 'docker'),
        resource('ip#1', 'netns', { netns: 'container#7' }),
      ]),
      'container#7 ip#1 container#0',
    ],
    ['so does that of another namespace', service(shares), 'container#7 container#0'],
    [
      'in a parallel subset, too',
      service(shares, { parallelSubsets: ['container:p'] }),
      'container#7 container#0',
    ],
    [
      'an address whose container is disabled stays in its own group',
      service([
        resource('container#0', 'docker', {}, { disable: true }),
        resource('ip#0', 'netns', { netns: 'container#0' }),
        resource('fs#1', 'flag'),
      ]),
      'ip#0 fs#1',
    ],
    [
      'containers that name each other still have an order',
      service([
        resource('container#0', 'docker', { netns: 'container#1' }),
        resource('container#1', 'docker', { netns: 'container#0' }),
      ]),
      'container#1 container#0',
    ],
    [
      'disabled resources and those tagged noaction are left out',
      service([
        resource('fs#1', 'flag', {}, { disable: true }),
        resource('fs#2', 'flag', {}, { tags: ['noaction'] }),
        resource('fs#3', 'flag'),
      ]),
      'fs#3',
    ],
  ]
  test.each(cases)('%s', (_, of, expected) => {
    expect(line(of, 'start')).toBe(expected)
    const mirrored = expected.split(' ').toReversed()
    const stages = mirrored.map((stage) => stage.split('+').toReversed().join('+'))
    expect(line(of, 'stop')).toBe(holdersLast(of, stages).join(' '))
  })
})

/** Another node need not wait for what holds nothing. */
function holdersLast(of: Service, stages: readonly string[]): readonly string[] {
  const isExclusive = (stage: string): boolean =>
    stage.split('+').some((rid) => of.resources.find((one) => one.rid === rid)?.exclusive === true)
  return [...stages.filter(isExclusive), ...stages.filter((stage) => !isExclusive(stage))]
}

test('a stop down to a barrier goes by the mirror', () => {
  const of = { ...tutorial }
  const to = plan(of, 'stop', { ...everything, downto: 'container#0' })
  expect(to.ok && to.value.flat().map(({ rid }) => rid)).toEqual([
    'sync#i0',
    'container#1',
    'ip#0',
    'container#0',
  ])
})

describe('selection', () => {
  const of = service([
    resource('disk#1', 'loop', {}, { tags: ['a'] }),
    resource('fs#1', 'xfs', { mnt: '/a' }, { tags: ['a', 'b'] }),
    resource('fs#2', 'flag', {}, { subset: 's' }),
    resource('fs#3', 'xfs', { mnt: '/a/b' }, { disable: true }),
    resource('app#1', 'simple', {}, { tags: ['b'], subset: 's' }),
  ])
  const cases: readonly [string, PlannedAction, Partial<OrderSelection>, string][] = [
    ['a rid', 'start', { rids: ['fs#1'] }, 'fs#1'],
    ['several rids, in plan order', 'start', { rids: ['fs#1', 'disk#1'] }, 'disk#1 fs#1'],
    ['a group', 'stop', { rids: ['fs'] }, 'fs#2 fs#1'],
    ['a group and type', 'start', { rids: ['fs.flag'] }, 'fs#2'],
    ['tags: either', 'start', { tags: ['a,b'] }, 'disk#1 fs#1 app#1'],
    ['tags: both', 'start', { tags: ['a+b'] }, 'fs#1'],
    ['a subset', 'start', { subsets: ['s'] }, 'fs#2 app#1'],
    ['a subset of one group', 'start', { subsets: ['fs:s'] }, 'fs#2'],
    ['all kinds at once narrow together', 'start', { rids: ['fs'], tags: ['b'] }, 'fs#1'],
    ['upto a resource', 'start', { upto: 'fs#1' }, 'disk#1 fs#1'],
    ['upto a group', 'start', { upto: 'fs' }, 'disk#1 fs#1 fs#2'],
    ['downto a group', 'stop', { downto: 'fs' }, 'app#1 fs#2 fs#1'],
    ['upto does not bound a stop', 'stop', { upto: 'disk#1' }, 'app#1 fs#2 fs#1 disk#1'],
    [
      'no match',
      'start',
      { rids: ['fs#9'] },
      "UNKNOWN: no resource of db1 matches --rid fs#9: see 'om db1 print status'",
    ],
    [
      'only a disabled one',
      'start',
      { rids: ['fs#3'] },
      "UNKNOWN: no resource of db1 matches --rid fs#3: see 'om db1 print status'",
    ],
    [
      'no barrier',
      'start',
      { upto: 'ip#1' },
      "UNKNOWN: no resource of db1 matches ip#1: see 'om db1 print status'",
    ],
  ]
  test.each(cases)('%s', (_, action, selection, expected) => {
    expect(line(of, action, selection)).toBe(expected)
  })

  test.each([
    ['a container takes its addresses along', 'stop', 'container#0', 'ip#0 container#0'],
    ['an address needs its container to start', 'start', 'ip#0', 'container#0 ip#0'],
    ['an address stops alone', 'stop', 'ip#0', 'ip#0'],
  ] as const)('%s', (_, action, rid, expected) => {
    expect(line(tutorial, action, { rids: [rid] })).toBe(expected)
  })
})

const anyService: fc.Arbitrary<Service> = fc
  .uniqueArray(
    fc.record({
      group: fc.constantFrom(...GROUPS),
      name: fc.constantFrom('0', '1', '2', '10', 'a', 'b2'),
      subset: fc.constantFrom(null, 'p', 'q'),
      netns: fc.constantFrom(null, 'container#0', 'container#1', 'container#a', 'host'),
      depth: fc.integer({ min: 0, max: 3 }),
      disable: fc.boolean(),
    }),
    { selector: (one) => `${one.group}#${one.name}`, maxLength: 14 },
  )
  .map((all) =>
    service(
      all.map((one): Resource => {
        const keywords = { netns: one.netns, mnt: one.group === 'fs' ? `/${'d/'.repeat(one.depth)}` : null }
        return resource(`${one.group}#${one.name}`, 'any', keywords, {
          subset: one.subset,
          disable: one.disable,
        })
      }),
      { parallelSubsets: ['fs:p', 'container:p', 'container:q', 'app:p'] },
    ),
  )

describe('laws', () => {
  test('the stop order is the mirror of the start order, but for containers that only hold a namespace', () => {
    fc.assert(
      fc.property(anyService, (of) => {
        const up = line(of, 'start').split(' ').toReversed()
        const stages = up.map((stage) => stage.split('+').toReversed().join('+'))
        expect(line(of, 'stop').split(' ')).toEqual(holdersLast(of, stages))
      }),
    )
  })

  test('every enabled resource is planned exactly once', () => {
    fc.assert(
      fc.property(anyService, (of) => {
        const planned = line(of, 'start')
          .split(/[ +]/)
          .filter((rid) => rid !== '')
        const enabled = of.resources.filter((one) => !one.disable).map((one) => one.rid)
        expect(planned.toSorted()).toEqual(enabled.toSorted())
      }),
    )
  })

  test('an address starts in the stage behind its container, never beside what shares the namespace', () => {
    fc.assert(
      fc.property(anyService, (of) => {
        const stages = line(of, 'start').split(' ')
        const at = (rid: string): number => stages.findIndex((stage) => stage.split('+').includes(rid))
        for (const ip of of.resources.filter((one) => one.group === 'ip' && !one.disable)) {
          const holder = String(ip.keywords['netns'])
          if (at(holder) !== -1) expect(at(ip.rid)).toBeGreaterThan(at(holder))
        }
      }),
    )
  })

  test('natural order is total and agrees with numbers', () => {
    const part = fc.constantFrom('a', 'b', '#', '1', '2', '10', '01', '0')
    const name = fc.array(part, { maxLength: 4 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        expect(Math.sign(compareNatural(a, b))).toBe(-Math.sign(compareNatural(b, a)) || 0)
        expect(compareNatural(a, b) === 0).toBe(a === b)
        if (compareNatural(a, b) < 0 && compareNatural(b, c) < 0) expect(compareNatural(a, c)).toBeLessThan(0)
      }),
    )
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (a, b) => {
        expect(Math.sign(compareNatural(`disk#${a}`, `disk#${b}`))).toBe(Math.sign(a - b))
      }),
    )
  })
})
