import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { diskLv } from '../../../src/resources/disk/lv/driver.js'
import { diskVg } from '../../../src/resources/disk/vg/driver.js'
import { fsXfs } from '../../../src/resources/fs/mount/driver.js'
import type { Service } from '../../../src/core/service.js'
import { act, conforms, look } from '../conformance.js'
import { run } from '../machine.js'
import { testNode, type TestNode } from '../node.js'
import { resource, service } from '../sample.js'

// Real LVM: runs where there is a device-mapper and an empty disk that may be overwritten, see record.sh.
const disk = process.env['LONGSHORE_TEST_DISK'] ?? '/dev/sda'

const name = 'lsuvg'

conforms('disk.vg', {
  driver: diskVg,
  label: `vg ${name}`,
  tool: 'vgchange',
  provisions: true,
  prepare: async () => ({ resource: resource('disk#0', 'vg', { name, pvs: [disk] }) }),
})

conforms('disk.lv', {
  driver: diskLv,
  label: `lv ${name}/data`,
  tool: 'lvchange',
  provisions: true,
  prepare: async () => {
    run('vgcreate', name, disk)
    return {
      resource: resource('disk#1', 'lv', { name: 'data', vg: name, size: '50%FREE' }),
      undo: async () => {
        run('vgremove', '--force', '--yes', name)
        run('pvremove', disk)
      },
    }
  },
})

describe('the tutorial’s disks', () => {
  let node: TestNode
  let of: Service
  beforeAll(() => {
    node = testNode([diskVg, diskLv, fsXfs])
    of = service([
      resource('disk#0', 'vg', { name, pvs: [disk] }, { shared: true }),
      resource('disk#1', 'lv', { name: 'data', vg: name, size: '100%FREE' }, { shared: true }),
      resource('fs#1', 'xfs', { dev: `/dev/${name}/data`, mnt: `${node.directory}/data` }, { shared: true }),
    ])
  })
  afterAll(() => node.remove())

  test('are provisioned and started, stopped, started with another generation, unprovisioned', async () => {
    expect(await act('provision', node, of)).toBeNull()
    expect(run('vgs', '--noheadings', '-o', 'vg_tags', name).trim()).toBe('longshore.generation=3,node1')
    expect((await look(node, of)).status).toBe('up')
    expect(await act('stop', node, of)).toBeNull()
    expect(run('vgs', '--noheadings', '-o', 'vg_tags', name).trim()).toBe('')
    run(
      'vgchange',
      '--addtag',
      '@node2',
      '--addtag',
      'longshore.generation=2',
      '--addtag',
      'production',
      name,
    )
    expect(await act('start', node, of)).toBeNull()
    expect(run('vgs', '--noheadings', '-o', 'vg_tags', name).trim()).toBe(
      'longshore.generation=3,node1,production',
    )
    expect(await act('unprovision', node, of)).toBeNull()
    expect(run('vgs', '--noheadings', '-o', 'vg_name').trim()).toBe('')
    expect(run('wipefs', '--no-act', '--noheadings', disk).trim()).toBe('')
  })

  test('a volume that is in use is not deactivated, and says so', async () => {
    expect(await act('provision', node, of)).toBeNull()
    const disks = service(of.resources.slice(0, 2))
    expect(await act('stop', node, disks)).toContain('in use')
    expect((await look(node, disks)).released).toBe(false)
    expect(await act('unprovision', node, of)).toBeNull()
  })

  test('volumes that something else activated are a warning, and held', async () => {
    expect(await act('provision', node, of)).toBeNull()
    expect(await act('stop', node, of)).toBeNull()
    run('vgchange', '-a', 'y', name)
    const seen = await look(node, of)
    expect([seen.status, seen.released]).toEqual(['warn', false])
    expect(await act('unprovision', node, of)).toBeNull()
  })

  test('a device of another group is left alone', async () => {
    run('vgcreate', 'lsuother', disk)
    expect(await act('provision', node, of)).toContain(`${disk} belongs to the volume group lsuother`)
    run('vgremove', 'lsuother')
    run('pvremove', disk)
  })
})
