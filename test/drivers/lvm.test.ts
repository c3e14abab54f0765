import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ok } from '../../src/core/result.js'
import type { Resource } from '../../src/core/service.js'
import { contextOf, Limits, view } from '../../src/daemon/agent/action/view.js'
import type { FileStat } from '../../src/daemon/ports.js'
import { matches } from '../../src/resources/disk/vg/candidates.js'
import { diskLv } from '../../src/resources/disk/lv/driver.js'
import { diskVg } from '../../src/resources/disk/vg/driver.js'
import type { Act, AnyDriver, Context, DriverPorts, Step } from '../../src/resources/driver.js'
import { commandText } from '../../src/resources/kit/command-text.js'
import { parseMountinfo } from '../../src/resources/kit/mounts.js'
import { Look } from '../../src/resources/look.js'
import { systemPorts, testNode } from './node.js'
import { resource, service } from './sample.js'

// What real LVM answered at each stage of a volume group's life, see recorded/record.sh.

const recorded = join(import.meta.dirname, 'recorded')

const block: FileStat = {
  kind: 'block',
  mode: 0o660,
  uid: 0,
  gid: 6,
  size: 0,
  rdev: 0x800,
  modifiedWallMs: 0,
}

/** A machine whose tools answer as they did at that stage; it has one disk. `since`: what has become of their answers. */
function at(stage: string, since = (text: string): string => text): DriverPorts {
  const io = systemPorts()
  return {
    ...io,
    files: { ...io.files, stat: async (path) => (path === '/dev/sda' ? block : null) },
    exec: {
      ...io.exec,
      run: async (argv) => {
        const stdout = since(readFileSync(join(recorded, argv[0] ?? '', stage), 'utf8'))
        return { argv, outcome: 'exited', exit: 0, stdout, stderr: '', durationMs: 1 }
      },
    },
  }
}

const of = service([
  resource('disk#0', 'vg', { name: 'lsuvg', pvs: ['/dev/sda'], options: ['--metadatasize', '16m'] }),
  resource('disk#1', 'lv', { name: 'data', vg: 'lsuvg', size: '100%FREE' }),
])

const home = testNode([diskVg, diskLv])
afterAll(() => home.remove())

interface Told {
  readonly status: string
  readonly start: readonly string[]
  readonly stop: readonly string[]
  readonly provision: readonly string[]
  readonly messages: readonly string[]
  readonly elsewhere: string | null
}

const tell = (driver: AnyDriver, stage: string, node = 'node1', generation = 4): Promise<Told> =>
  tellOn(at(stage), driver, node, generation)

async function tellOn(io: DriverPorts, driver: AnyDriver, node: string, generation: number): Promise<Told> {
  const own = of.resources.find((one) => one.type === driver.type)
  if (own === undefined) throw new Error(`no resource of type ${driver.type}`)
  const ctx: Context = contextOf({ ...home, name: node, io }, of, own, generation)
  const seen = await driver.look(ctx, new Look(io))
  if (!seen.ok) throw new Error(seen.error.message)
  const report = driver.status(ctx, seen.value)
  const texts = (steps: readonly Step[]): readonly string[] =>
    steps.map((step) => (step.kind === 'command' ? commandText(step.argv) : step.text))
  return {
    status: `${report.status} ${driver.provisioned?.(ctx, seen.value)}`,
    start: texts(driver.start(ctx, seen.value)),
    stop: texts(driver.stop(ctx, seen.value)),
    provision: texts(driver.provision?.(ctx, seen.value, true) ?? []),
    messages: report.messages.map((message) => message.text),
    elsewhere: driver.elsewhere?.(ctx, seen.value) ?? null,
  }
}

describe('disk.vg', () => {
  test('on an empty disk it can be made', async () => {
    const told = await tell(diskVg, 'empty')
    expect(told.status).toBe('down false')
    expect(told.provision).toEqual([
      'pvcreate /dev/sda',
      'vgcreate --setautoactivation n --metadatasize 16m lsuvg /dev/sda',
    ])
    expect(told.start[0]).toBe('pvscan --cache')
  })

  test.each([
    [
      'is imported where the node has one',
      ['/etc/lvm/devices/system.devices'],
      ['lvm vgimportdevices lsuvg'],
    ],
    ['is not looked for where the node has none', [], []],
  ])('a group that is not in the devices file %s', async (_, there, commands) => {
    let stage = 'empty'
    const ran: string[] = []
    const files = {
      ...at('empty').files,
      stat: async (path: string) => (there.includes(path) ? block : null),
    }
    const io: DriverPorts = {
      ...at('empty'),
      files,
      exec: { ...at('empty').exec, run: (argv, options) => at(stage).exec.run(argv, options) },
    }
    const own = of.resources[0] as Resource
    const ctx = contextOf({ ...home, name: 'node1', io }, of, own, 4)
    const seen = await diskVg.look(ctx, new Look(io))
    const step = seen.ok ? diskVg.start(ctx, seen.value).at(-1) : undefined
    if (step?.kind !== 'do') throw new Error('a group that is not there is looked for first')
    const command: Act['command'] = async (argv) => {
      ran.push(commandText(argv))
      if (argv[1] === 'vgimportdevices') stage = 'left-alone'
      return ok({ argv, outcome: 'exited', exit: 0, stdout: '', stderr: '', durationMs: 1 })
    }
    const done = await step.run({ io, command, look: () => new Look(io) } as Act)
    expect(ran.slice(0, 1)).toEqual(commands)
    expect(done.ok).toBe(commands.length > 0)
    if (!done.ok) expect(done.error.message).toContain('does not see the volume group lsuvg')
  })

  test('a physical volume of no group is taken as it is', async () => {
    expect((await tell(diskVg, 'physical-volume')).provision).toEqual([
      'vgcreate --setautoactivation n --metadatasize 16m lsuvg /dev/sda',
    ])
  })

  test('a group of nobody is taken by tags alone while it has no volumes', async () => {
    const told = await tell(diskVg, 'group')
    expect([told.status, told.stop, told.provision]).toEqual(['down true', [], []])
    expect(told.start).toEqual([
      'vgchange --setautoactivation n lsuvg',
      'vgchange --addtag @node1 --addtag longshore.generation=4 lsuvg',
    ])
  })

  test('one that nodes leave alone at boot already is told so no more', async () => {
    expect((await tell(diskVg, 'left-alone')).start).toEqual([
      'vgchange --addtag @node1 --addtag longshore.generation=4 lsuvg',
    ])
  })

  test('its owner sees it up, and gives it back with its generation', async () => {
    const told = await tell(diskVg, 'tagged', 'node1', 3)
    expect([told.status, told.start]).toEqual(['up true', []])
    expect(told.stop).toEqual(['vgchange --deltag @node1 --deltag longshore.generation=3 lsuvg'])
  })

  test('what its owner finds up from an earlier start carries the number of this one', async () => {
    const told = await tell(diskVg, 'tagged', 'node1', 4)
    expect([told.status, told.start]).toEqual([
      'up true',
      ['vgchange --deltag longshore.generation=3 lsuvg', 'vgchange --addtag longshore.generation=4 lsuvg'],
    ])
  })

  test('another member takes the tag of a node away, and leaves those of operators', async () => {
    expect((await tell(diskVg, 'tagged', 'node2')).start).toEqual([
      'vgchange --deltag @node1 --deltag longshore.generation=3 lsuvg',
      'vgchange --addtag @node2 --addtag longshore.generation=4 lsuvg',
    ])
  })

  test('it is elsewhere for another member, and for nobody else', async () => {
    expect((await tell(diskVg, 'tagged', 'node2')).elsewhere).toBe('the tag of node1')
    expect((await tell(diskVg, 'tagged', 'node1')).elsewhere).toBeNull()
    expect((await tell(diskVg, 'group', 'node2')).elsewhere).toBeNull()
  })

  test('one that is not whole here is activated before anything is written to it, and keeps its tags at a stop', async () => {
    const told = await tell(diskVg, 'missing', 'node2')
    expect(told.start.map((line) => line.split(' ')[1])).toEqual(['-a', '--deltag', '--addtag'])
    expect((await tell(diskVg, 'missing', 'node1', 3)).stop).toEqual([])
  })

  const lost = '1 of its physical volumes are not there: is a disk detached?'
  const left = "this node's tag is left on it: it holds nothing, and the next start replaces it"

  test('a disk of it that is not there is told of on every machine, before one has to start it', async () => {
    expect((await tell(diskVg, 'missing', 'node1')).messages).toEqual([lost, left])
    const other = await tell(diskVg, 'missing', 'node2')
    expect([other.status, other.messages]).toEqual(['down true', [lost]])
  })

  test('and where it is in use', async () => {
    const since = (text: string): string =>
      text.replaceAll('"vg_missing_pv_count":"0"', '"vg_missing_pv_count":"1"')
    const here = await tellOn(at('volumes', since), diskVg, 'node1', 3)
    expect([here.status, here.messages]).toEqual(['up true', [lost, '1 of 2 volumes are not activated']])
    const elsewhere = await tellOn(at('volumes', since), diskVg, 'node2', 3)
    expect([elsewhere.status, elsewhere.messages.slice(1)]).toEqual(['warn true', [lost]])
  })

  test('volumes that are not active are told of, and activated', async () => {
    const told = await tell(diskVg, 'volumes')
    expect([told.status, told.messages]).toEqual(['up true', ['1 of 2 volumes are not activated']])
    expect(told.start).toEqual([
      'vgchange --deltag longshore.generation=3 lsuvg',
      'vgchange --addtag longshore.generation=4 lsuvg',
      'vgchange -a y lsuvg',
    ])
    expect(told.stop[0]).toBe('vgchange -a n lsuvg')
  })

  test('a snapshot that activation skips is not missed', async () => {
    expect((await tell(diskVg, 'thin')).messages).toEqual(['1 of 4 volumes are not activated'])
  })

  test('with every volume deactivated it is down, and a tag is what is left to stop', async () => {
    const told = await tell(diskVg, 'inactive')
    expect([told.status, told.messages]).toEqual(['down true', [left]])
    expect(told.stop).toEqual(['vgchange --deltag @node1 --deltag longshore.generation=3 lsuvg'])
  })

  test('the tag that a power cut has left holds nothing: the next start replaces it, here or on another machine', async () => {
    const io = at('inactive')
    const own = of.resources[0] as Resource
    const ctx = contextOf({ ...home, name: 'node1', io }, of, own, 4)
    const limits = new Limits(io.clock)
    const { probe } = await view(diskVg as AnyDriver, ctx, new Look(io), limits)
    limits.end()
    expect([probe.status, probe.released]).toEqual(['down', true])
    expect((await tell(diskVg, 'inactive', 'node1')).start).toEqual([
      'vgchange --deltag longshore.generation=3 lsuvg',
      'vgchange --addtag longshore.generation=4 lsuvg',
      'vgchange -a y lsuvg',
    ])
    const other = await tell(diskVg, 'inactive', 'node2')
    expect([other.messages, other.stop]).toEqual([[], []])
    expect(other.start).toEqual([
      'vgchange --deltag @node1 --deltag longshore.generation=3 lsuvg',
      'vgchange --addtag @node2 --addtag longshore.generation=4 lsuvg',
      'vgchange -a y lsuvg',
    ])
  })

  test('a node that finds volumes active that are not its own holds them', async () => {
    const told = await tell(diskVg, 'volumes', 'node2')
    expect(told.status).toBe('warn true')
    expect(told.stop).toEqual(['vgchange -a n lsuvg'])
  })
})

describe('disk.lv', () => {
  const path = 'lsuvg/data'
  test.each([
    ['empty', 'down null', 'check that nothing stands in the way', undefined],
    ['group', 'down false', 'check that nothing stands in the way', undefined],
    ['volumes', 'up true', undefined, `lvchange -a n ${path}`],
    ['inactive', 'down true', `lvchange -a y ${path}`, undefined],
  ])('%s', async (stage, status, start, stop) => {
    const told = await tell(diskLv, stage)
    expect([told.status, told.start[0], told.stop[0]]).toEqual([status, start, stop])
  })

  test('is made where its group is there', async () => {
    expect((await tell(diskLv, 'group')).provision).toEqual([
      'lvcreate --yes --wipesignatures y -n data -l 100%FREE lsuvg',
    ])
  })
})

test('a mounted logical volume is listed by its mapper name', () => {
  const mounts = parseMountinfo(readFileSync(join(recorded, 'mountinfo/lv'), 'utf8'))
  const mounted = mounts.find((mount) => mount.point === '/mnt')
  expect([mounted?.source, mounted?.type]).toEqual(['/dev/mapper/lsuvg-data', 'xfs'])
})

test.each([
  ['sda', 'sd?', true],
  ['sdab', 'sd?', false],
  ['wwn-0x5000', 'wwn-*', true],
  ['sdc', 'sd[a-c]', true],
  ['sdd', 'sd[!a-c]', true],
  ['sdd', 'sd[a-c]', false],
  ['a.b', 'a.b', true],
  ['axb', 'a.b', false],
])('%s matches %s: %s', (name, pattern, expected) => {
  expect(matches(name, pattern)).toBe(expected)
})
