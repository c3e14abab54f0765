import { readdirSync, readFileSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { takeService } from '../../../src/spec/service/change.js'
import { evaluate } from '../../../src/spec/service.js'
import { configOf, on, serviceText } from './setting.js'

const FOLDER = join(import.meta.dirname, '../../../services.d')
const files = readdirSync(FOLDER)
const text = (file: string): string => readFileSync(join(FOLDER, file), 'utf8')

describe('every example is a service as it stands', () => {
  test.each(files)('%s', (file) => {
    const name = basename(file, extname(file))
    const taken = takeService({ ...serviceText(text(file)), name, source: file })
    expect(taken.ok ? [] : (taken.error.details ?? [taken.error.message])).toEqual([])
    expect(file.endsWith('.json') || text(file).startsWith('# ')).toBe(true)
  })
})

const tutorial = text('tutorial.json')
const cluster = { clusterNodes: ['node-1-1', 'node-1-2'] }

test.each(['node-1-1', 'node-1-2'])('is evaluated on %s', (node) => {
  const service = on(node, tutorial, cluster)
  expect([service.nodes, service.topology, service.orchestrate]).toEqual([
    ['node-1-1', 'node-1-2'],
    'failover',
    'no',
  ])
  expect(service.resources.map(({ rid, type, shared, exclusive }) => [rid, type, shared, exclusive])).toEqual(
    [
      ['disk#0', 'vg', true, true],
      ['disk#1', 'lv', true, true],
      ['fs#1', 'xfs', true, true],
      ['ip#0', 'netns', false, true],
      ['container#0', 'docker', false, false],
      ['container#1', 'docker', false, true],
      ['sync#i0', 'config', false, false],
    ],
  )
  const [vg, lv, fs, ip, pause, postgres] = service.resources.map(({ keywords }) => keywords)
  expect(vg).toMatchObject({ name: 'db1', pvs: ['/dev/mapper/36589cfc000000e969988ca11344cabb0'] })
  expect(lv).toMatchObject({ name: 'data', vg: 'db1', size: '100%FREE' })
  expect(fs).toMatchObject({ dev: '/dev/db1/data', mnt: '/srv/db1/data' })
  expect(ip).toMatchObject({
    ipname: '192.168.100.14',
    ipdev: 'bond0',
    netmask: '24',
    gateway: '192.168.100.1',
    netns: 'container#0',
    mode: 'ipvlan-l2',
  })
  expect(pause).toMatchObject({ image: 'google/pause', name: 'db1.container.0', rm: true, netns: 'none' })
  expect(postgres).toMatchObject({
    image: 'postgres',
    name: 'db1.container.1',
    netns: 'container#0',
    rm: true,
    run_args: ['-v', '/srv/db1/data/postgresql:/var/lib/postgresql:rw', '--user=999:999'],
  })
})

test('its env section is overridden by --env', () => {
  const taken = takeService({
    ...serviceText(tutorial, cluster),
    env: { dev: '/dev/loop7', ipaddr: '192.0.2.9' },
  })
  if (!taken.ok) throw new Error(taken.error.message)
  const [vg, , , ip] = evaluate(taken.value, 'node-1-2').resources
  expect([vg?.keywords['pvs'], ip?.keywords['ipname']]).toEqual([['/dev/loop7'], '192.0.2.9'])
})

test('the same in YAML is the same service', () => {
  const same = (config: string) => configOf(config, cluster).services.get('node-1-1')?.resources
  expect(same(text('lvm.yaml'))).toEqual(same(tutorial))
})

test('without its disks, on a device of its own and with macvlan, it is the service of the demonstration', () => {
  const object = JSON.parse(tutorial) as Record<string, Record<string, string>>
  const { 'disk#0': _, 'disk#1': __, ...rest } = object
  const demo = {
    ...rest,
    'fs#1': { ...object['fs#1'], dev: '{env.dev}' },
    'ip#0': { ...object['ip#0'], mode: 'macvlan' },
  }
  const service = on('node-1-1', JSON.stringify(demo), cluster)
  expect(service.resources.map(({ rid }) => rid)).toEqual([
    'fs#1',
    'ip#0',
    'container#0',
    'container#1',
    'sync#i0',
  ])
})
