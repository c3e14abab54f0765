import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { logLines, logStart } from '../../../src/cli/render/logs.js'
import { coloured, plain } from '../../../src/cli/render/paint.js'
import { pathLines } from '../../../src/cli/render/paths.js'
import { printStatus } from '../../../src/cli/render/print-status.js'
import { SECTIONS, svcmon, type Section } from '../../../src/cli/render/svcmon.js'
import type { ClusterStatus, ServiceStatus } from '../../../src/daemon/api/contract.js'
import { cluster, document, instance, log, node, NOW, resource, service, stopped } from './sample.js'

// Each screen is a file in golden/, written by the tool and read by a person.
const golden = (name: string): string => `golden/${name}.txt`

function status(each: ServiceStatus, terminalColumns: number | null = null): string {
  return lines(printStatus(each, { node: 'node1', paint: plain, terminalColumns }))
}

function watch(each: ClusterStatus, sections: readonly Section[] = SECTIONS): string {
  const services = each.services.map((one) => one.name)
  return lines(svcmon(each, { paint: plain, sections, services }))
}

const lines = (all: readonly string[]): string => `${all.join('\n')}\n`

const failed = service({
  avail: 'down',
  overall: 'warn',
  priority: 10,
  orchestrate: 'ha',
  why: 'node1 may not start it: start failed, clear it with om db1 clear',
  target: { id: 't1', name: 'started' },
  parents: [{ name: 'net1@node2', avail: 'up' }],
  children: [{ name: 'web', avail: 'down' }],
  instances: [
    instance(
      'node1',
      document({
        avail: 'down',
        overall: 'warn',
        monitor: 'start failed',
        failure: 'fs#1: mount -t xfs /dev/sdb /srv/db1 ended with exit code 32\nmount: wrong fs type',
        resources: {
          'fs#10': resource('xfs /dev/sdc@/srv/db1/log', { status: 'down', provisioned: false }),
          'fs#2': resource('xfs /dev/sdb@/srv/db1', {
            status: 'down',
            messages: [
              { level: 'warn', text: '/dev/sdb carries the label \u001b[31mother' },
              { level: 'info', text: 'last mounted on /srv/db1' },
            ],
            flags: {
              running: true,
              monitor: true,
              disable: true,
              optional: true,
              standby: true,
              restartsLeft: 2,
              userStopped: false,
            },
          }),
          'app#web': resource('forking web', {
            status: 'n/a',
            flags: { restartsLeft: 12 } as never,
          }),
          'app#x': resource('simple x', { status: 'warn', flags: { userStopped: true } as never }),
        },
      }),
      { frozen: true, nodeFrozen: true },
    ),
    instance('node10', document(), { reachable: false }),
    instance('node2', null),
    instance('node3', null, { reachable: false }),
    instance('node4', stopped({ provisioned: false, resources: {} })),
  ],
})

describe('print status', () => {
  const table: readonly (readonly [name: string, service: ServiceStatus])[] = [
    ['print-status', service()],
    [
      'print-status-switched',
      service({
        placement: 'non-optimal',
        instances: [instance('node1', stopped()), instance('node2', document())],
      }),
    ],
    ['print-status-failed', failed],
  ]
  test.each(table)('%s', async (name, each) => {
    await expect(status(each)).toMatchFileSnapshot(golden(name))
  })

  test('wraps at the width of the terminal', async () => {
    const wide = service({
      instances: [
        instance('node1', document({ failure: 'it is busy '.repeat(8).trim(), monitor: 'stop failed' })),
      ],
    })
    await expect(status(wide, 80)).toMatchFileSnapshot(golden('print-status-narrow'))
  })

  test('colours change no letter and no column', () => {
    const screen = { node: 'node1', terminalColumns: null }
    const bright = printStatus(service(), { ...screen, paint: coloured })
    expect(bright.map(stripVTControlCharacters)).toEqual(printStatus(service(), { ...screen, paint: plain }))
    expect(bright.join('')).toContain('\u001b[32mup')
  })
})

test('the heartbeat paths of om cluster status', async () => {
  const nodes = [node('node1'), node('node2', { reachable: false, heardBy: ['arbiter'] })]
  await expect(lines(pathLines(cluster({ nodes }), plain))).toMatchFileSnapshot(golden('paths'))
})

describe('svcmon', () => {
  test('the row of the tutorial', () => {
    expect(watch(cluster(), ['services'])).toBe(
      ['Services               node1 node2', ' db1     up failover | O^    X', ''].join('\n'),
    )
  })

  test('the row of the tutorial after its switch', () => {
    const switched = service({
      placement: 'non-optimal',
      instances: [instance('node1', stopped()), instance('node2', document())],
    })
    expect(watch(cluster({ services: [switched] }), ['services'])).toBe(
      ['Services                node1 node2', ' db1     up^ failover | X^    O', ''].join('\n'),
    )
  })

  const busy = cluster({
    nodes: [
      node('node1', { frozen: true }),
      node('node2', { reachable: false, silentSinceWallMs: NOW - 12_400, version: '0.2.0' }),
      node('node3', { state: 'draining', load: null, version: null }),
    ],
    services: [
      service({ orchestrate: 'ha', overall: 'warn', target: { id: 't', name: 'placed@node3' } }),
      service({
        name: 'web-front',
        topology: 'flex',
        avail: 'warn',
        overall: 'warn',
        up: 2,
        wanted: 3,
        best: 'node2',
        instances: [
          instance('node1', document({ avail: 'warn', overall: 'warn', monitor: 'stop failed' }), {
            frozen: true,
          }),
          instance('node2', document(), { reachable: false }),
          instance('node3', stopped({ provisioned: false, avail: 'stdby up' })),
        ],
      }),
      service({
        name: 'job',
        orchestrate: 'start',
        avail: 'n/a',
        overall: 'n/a',
        up: 0,
        instances: [
          instance('node1', stopped({ avail: 'undef', overall: 'undef' })),
          instance('node3', stopped({ avail: 'n/a', overall: 'warn', monitor: 'starting' })),
        ],
      }),
    ],
  })
  test.each([
    ['svcmon', cluster()],
    ['svcmon-busy', busy],
    ['svcmon-alone', cluster({ cluster: null, nodes: [node('node1')], services: [] })],
  ] as const)('%s', async (name, each) => {
    await expect(watch(each)).toMatchFileSnapshot(golden(name))
  })
})

test('logs', async () => {
  const layout = { paint: plain, offsetMinutes: () => 60 }
  const entries = [
    log(-90_000, { message: 'yesterday' }),
    log(0.004, { message: 'service db1 target state set to placed@node2' }),
    log(0.437, { message: 'do stop --local (daemon origin)' }),
    log(0.63, { rid: 'container#1', message: 'output:\nb196b8204a5a\ttab\u001b[2J' }),
    log(4, { node: 'node2', rid: 'fs#1', level: 'error', message: 'mount: busy' }),
    log(5, { node: 'node2', service: null, level: 'warn', message: 'node1 is unreachable' }),
  ]
  const { lines: all, position } = logLines(entries, logStart(NOW, layout), layout)
  await expect(lines(all)).toMatchFileSnapshot(golden('logs'))
  const next = logLines([log(6, { message: 'next' })], position, layout)
  expect(next.lines).toEqual(['21:35:56,000 node1.db1              INFO   next'])
})
