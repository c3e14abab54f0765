import { afterEach, describe, expect, test } from 'vitest'
import type { Value } from '../../../src/core/service.js'
import { diskScsireserv } from '../../../src/resources/disk/scsireserv/driver.js'
import { act, conforms, look } from '../../drivers/conformance.js'
import { testNode, type TestNode } from '../../drivers/node.js'
import { resource, service } from '../../drivers/sample.js'
import { ScsiDisk } from './scsi-disk.js'

const DEVICE = '/dev/sdb'
const reserving = (keywords: Readonly<Record<string, Value>> = {}) =>
  service([resource('disk#0', 'scsireserv', { devs: [DEVICE], ...keywords })])

conforms('disk.scsireserv', {
  driver: diskScsireserv,
  label: 'scsireserv /dev/sdb',
  io: new ScsiDisk().ports('node1', DEVICE),
  prepare: async () => ({ resource: resource('disk#0', 'scsireserv', { devs: [DEVICE] }) }),
})

const made: TestNode[] = []
afterEach(() => made.splice(0).forEach((node) => node.remove()))

function nodeOf(disk: ScsiDisk, name: string, ...devices: readonly string[]): TestNode {
  const node = testNode([diskScsireserv], disk.ports(name, ...(devices.length === 0 ? [DEVICE] : devices)))
  made.push(node)
  return { ...node, name }
}

// 48 bits of the SHA-256 of the node's name, then the number of the start, 3.
const KEY1 = '0xca12f31b8cbf0003'
const KEY2 = '0x15b18a7243250003'

const texts = async (node: TestNode, of = reserving()): Promise<readonly string[]> => {
  const { status, messages } = await look(node, of)
  return [status, ...messages.map(({ text }) => text)]
}

describe('two nodes and a disk', () => {
  test('the second takes from the first what that left behind, and shuts it out', async () => {
    const disk = new ScsiDisk()
    const [node1, node2] = [nodeOf(disk, 'node1'), nodeOf(disk, 'node2')]
    expect(await act('start', node1, reserving())).toBeNull()
    expect(disk.asked).toEqual([
      `--register-ignore --param-sark=${KEY1} ${DEVICE}`,
      `--reserve --param-rk=${KEY1} --prout-type=5 ${DEVICE}`,
    ])
    expect(await texts(node2)).toEqual(['down', `/dev/sdb is reserved by ${KEY1} (node1)`])
    disk.asked.length = 0
    expect(await act('start', node2, reserving())).toBeNull()
    expect(disk.asked).toEqual([
      `--register-ignore --param-sark=${KEY2} ${DEVICE}`,
      `--preempt-abort --param-rk=${KEY2} --param-sark=${KEY1} --prout-type=5 ${DEVICE}`,
    ])
    expect([...disk.registered.keys()]).toEqual(['node2:/dev/sdb'])
    expect(await texts(node1)).toEqual(['down', `/dev/sdb is reserved by ${KEY2} (node2)`])
    expect(await act('stop', node1, reserving())).toBeNull()
    expect([...disk.registered.keys(), disk.holder?.path]).toEqual(['node2:/dev/sdb', 'node2:/dev/sdb'])
  })

  test('who is only registered is shut out, too', async () => {
    const disk = new ScsiDisk()
    disk.registered.set('stranger:/dev/sdx', '0x99')
    const node1 = nodeOf(disk, 'node1')
    expect(await act('start', node1, reserving())).toBeNull()
    expect([...disk.registered.keys()]).toEqual(['node1:/dev/sdb'])
    disk.registered.set('stranger:/dev/sdx', '0x99')
    expect(await texts(node1)).toEqual(['warn', '0x99 may write to /dev/sdb, too'])
  })

  test('a node that has lost the reservation says so, and takes it back at its next start', async () => {
    const disk = new ScsiDisk()
    const node1 = nodeOf(disk, 'node1')
    await act('start', node1, reserving())
    disk.holder = null
    expect(await texts(node1)).toEqual(['warn', '/dev/sdb is not reserved: every node may write to it'])
    expect(await act('start', node1, reserving())).toBeNull()
    expect(await texts(node1)).toEqual(['up'])
  })

  test('each path of a node is registered, one of them reserves', async () => {
    const disk = new ScsiDisk()
    const paths = [DEVICE, '/dev/sdc']
    const node1 = nodeOf(disk, 'node1', ...paths)
    const of = reserving({ devs: paths })
    expect(await act('start', node1, of)).toBeNull()
    expect(await texts(node1, of)).toEqual(['up'])
    expect([...disk.registered]).toEqual(paths.map((path) => [`node1:${path}`, KEY1]))
    expect(await act('stop', node1, of)).toBeNull()
    expect([disk.registered.size, disk.holder]).toEqual([0, null])
  })

  test('a key that is given is used, and a disk that cannot abort is preempted alone', async () => {
    const disk = new ScsiDisk()
    const [node1, node2] = [nodeOf(disk, 'node1'), nodeOf(disk, 'node2')]
    expect(await act('start', node1, reserving({ prkey: '0x00AB' }))).toBeNull()
    expect([...disk.registered.values()]).toEqual(['0xab'])
    expect(await act('start', node2, reserving({ prkey: '0x2', no_preempt_abort: true }))).toBeNull()
    expect(disk.asked.at(-1)).toBe(`--preempt --param-rk=0x2 --param-sark=0xab --prout-type=5 ${DEVICE}`)
  })

  test('a reservation of another type is not taken for this one', async () => {
    const disk = new ScsiDisk()
    const node1 = nodeOf(disk, 'node1')
    await act('start', node1, reserving())
    disk.holder = { path: 'node1:/dev/sdb', type: '1' }
    expect((await texts(node1))[1]).toContain('is reserved as "Write Exclusive", not as')
    expect(await act('start', node1, reserving())).toContain('is reserved as "Write Exclusive"')
  })

  test('a disk that is not there is named', async () => {
    const node1 = nodeOf(new ScsiDisk(), 'node1', '/dev/other')
    expect(await texts(node1)).toEqual(['down', '/dev/sdb is not there'])
    expect(await act('start', node1, reserving())).toBe(
      'disk#0: /dev/sdb is not there: is the disk attached?',
    )
  })
})
