import { describe, expect, test } from 'vitest'
import { plan } from '../../src/core/plan.js'
import { everything } from '../../src/core/selection.js'
import type { Service } from '../../src/core/service.js'
import { resource, service } from '../drivers/sample.js'

const tutorial = service([
  resource('container#1', 'docker', { netns: 'container#0' }),
  resource('container#0', 'docker', {}, { exclusive: false }),
  resource('ip#0', 'netns', { netns: 'container#0' }),
  resource('fs#1', 'xfs', { mnt: '/srv/db1/data' }),
  resource('disk#0', 'vg'),
])

describe('a stop by force takes the addresses first', () => {
  const forced = (of: Service): string => {
    const planned = plan(of, 'stop', everything, true)
    if (!planned.ok) return planned.error.message
    return planned.value.map((stage) => stage.map(({ rid }) => rid).join('+')).join(' ')
  }

  test.each<[string, Service, string]>([
    ['of a container', tutorial, 'ip#0 container#1 fs#1 disk#0 container#0'],
    [
      'of the node, which would be the last to go',
      service(['ip#1', 'ip#2', 'disk#1', 'fs#1', 'app#1'].map((rid) => resource(rid, 'flag'))),
      'ip#2 ip#1 app#1 fs#1 disk#1',
    ],
    [
      'out of a parallel subset, too',
      service(
        [
          resource('container#0', 'docker', {}, { subset: 'p' }),
          resource('ip#9', 'netns', { netns: 'container#0' }),
          resource('container#2', 'docker', {}, { subset: 'p' }),
        ],
        { parallelSubsets: ['container:p'] },
      ),
      'ip#9 container#2+container#0',
    ],
  ])('%s', (_, of, expected) => {
    expect(forced(of)).toBe(expected)
  })

  test('a start is not turned round by it', () => {
    const planned = plan(tutorial, 'start', everything, true)
    expect(planned).toEqual(plan(tutorial, 'start', everything))
  })
})
