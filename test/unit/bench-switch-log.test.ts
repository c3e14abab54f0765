import { describe, expect, test } from 'vitest'
import { DOCKER_RELOCATION, PINGS_MS } from '../../bench/docker-relocation.js'
import { lastSwitch, phasesOf, quietSpans } from '../../bench/switch-log.js'

const LOG = `
23:59:50,000 node1.db1              INFO   service db1 target state set to placed@node1
23:59:51,000 node1.db1              INFO   service db1 target state placed@node1 met: up on node1
23:59:59,000 node1.db1              INFO   service db1 target state set to placed@node2
23:59:59,100 node2.db1              INFO   do prepare --local (daemon origin)
23:59:59,200 node2.db1.container#0  INFO   docker run --name=db1.container.0 google/pause
23:59:59,700 node2.db1.container#0  INFO   output:
23:59:59,701 node2.db1.container#0  INFO   7d68ea749c7f
23:59:59,800 node2.db1.ip#0         INFO   ip link set ph1eth0 netns 1 name eth0
00:00:00,000 node1.db1              INFO   stop failover up instance to satisfy the placed@node2 target
00:00:00,010 node1.db1              INFO   do stop --local (daemon origin)
00:00:00,050 node1.db1.fs#1         INFO   umount /srv/db1/data
00:00:00,200 node2.db1              INFO   addresses checked: nobody answers for its addresses
00:00:00,500 node1.db1.disk#0       INFO   vgchange --deltag @node1 db1
00:00:00,600 node1.db1.disk#0       INFO   output:
00:00:00,601 node1.db1.disk#0       INFO   Volume group "db1" successfully changed
00:00:00,950 node2.db1              INFO   start failover down instance to satisfy the placed@node2 target
00:00:00,960 node2.db1              INFO   do start --local (daemon origin), generation 2
00:00:01,000 node2.db1.fs#1         INFO   mount -t xfs /dev/db1/data /srv/db1/data
00:00:01,100 node1.db1.container#0  INFO   docker stop -t 10 63e8e75a88f2
00:00:01,400 node2.db1.container#1  INFO   docker run --name=db1.container.1 postgres
00:00:02,100 node1.db1.container#0  INFO   output:
00:00:02,101 node1.db1.container#0  INFO   63e8e75a88f2
00:00:02,200 node2.db1.container#1  INFO   output:
00:00:02,201 node2.db1.container#1  INFO   2cfebd05307c
00:00:02,600 node1.db1              INFO   service db1 target state placed@node2 met: up on node2
`

test('the last switch of a log, over midnight', () => {
  const { lines, totalMs } = lastSwitch(LOG)
  expect(totalMs).toBe(3600)
  expect(lines).toHaveLength(23)
  expect(lines[1]).toEqual({ atMs: 100, who: 'node2.db1', text: 'do prepare --local (daemon origin)' })
})

test('a switch that was not met is none', () => {
  const broken = LOG.split('\n').slice(0, -2).join('\n')
  expect(() => lastSwitch(broken)).toThrow('the log tells of no switch that was met')
})

describe('phases', () => {
  test('are what each resource took, before the stop, in it, in the start and beside it', () => {
    const phases = phasesOf(lastSwitch(LOG))
    expect(Object.fromEntries(phases)).toEqual({
      order: 100,
      'prepare agent': 100,
      'prepare container#0': 600,
      'prepare ip#0': 200,
      'stop agent': 50,
      'stop fs#1': 450,
      'stop disk#0': 101,
      handover: 349,
      'start agent': 50,
      'start fs#1': 400,
      'start container#1': 1200,
      'behind container#0': 1001,
    })
    const inTurn = [...phases].filter(([phase]) => !phase.startsWith('behind'))
    expect(inTurn.reduce((sum, [, ms]) => sum + ms, 0)).toBe(3600)
  })

  test('are the same wherever the answer about the addresses stands', () => {
    const [before = '', , check = '', behind = ''] = LOG.split(/(.*(addresses checked.*)\n)/)
    expect(check).toMatch(/^addresses checked/)
    const late = `00:00:01,200 node2.db1              INFO   ${check}\n`
    const moved = (before + behind).replace(/(?=00:00:01,400)/, late)
    expect(phasesOf(lastSwitch(moved))).toEqual(phasesOf(lastSwitch(LOG)))
  })

  test('of the tutorial’s own log', () => {
    const phases = phasesOf(DOCKER_RELOCATION)
    expect(Object.fromEntries(phases)).toEqual({
      order: 171,
      'stop agent': 347,
      'stop container#1': 479,
      'stop ip#0': 1209,
      'stop container#0': 776,
      'stop fs#1': 263,
      'stop disk#1': 142,
      handover: 489,
      'start agent': 372,
      'start ip#0': 5071 + 596,
      'start disk#0': 443,
      'start disk#1': 95,
      'start fs#1': 299,
      'start container#0': 511,
      'start container#1': 357,
    })
    expect([...phases.values()].reduce((sum, ms) => sum + ms, 0)).toBe(DOCKER_RELOCATION.totalMs)
    expect(DOCKER_RELOCATION.totalMs).toBe(11_620)
    expect(PINGS_MS).toBeLessThan((phases.get('stop ip#0') ?? 0) + (phases.get('start ip#0') ?? 0))
  })
})

describe('times without a command', () => {
  const spans = (longerThanMs: number) =>
    quietSpans(lastSwitch(LOG), longerThanMs).map(({ fromMs, toMs, before, behind, perhaps }) => ({
      ms: [fromMs, toMs],
      between: [before.text.slice(0, 17), behind.text.slice(0, 17)],
      perhaps: perhaps.map(({ text }) => text.slice(0, 6)),
    }))

  test('are those longer than a limit, on neither node, with the lines around them', () => {
    expect(spans(300)).toEqual([
      { ms: [1050, 1500], between: ['umount /srv/db1/d', 'vgchange --deltag'], perhaps: ['umount'] },
      { ms: [1600, 2000], between: ['output:', 'mount -t xfs /dev'], perhaps: [] },
      { ms: [3200, 3600], between: ['output:', 'service db1 targe'], perhaps: [] },
    ])
  })

  test('lines that are no commands do not part them, commands whose end nobody told do', () => {
    expect(spans(0).map(({ ms, perhaps }) => [...ms, ...perhaps])).toEqual([
      [0, 200],
      [700, 800],
      [800, 1000, 'ip lin'],
      [1000, 1050],
      [1050, 1500, 'umount'],
      [1600, 2000],
      [2000, 2100, 'mount '],
      [3200, 3600],
    ])
  })
})
