import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Service, Value } from '../../src/core/service.js'
import { fsBind, fsExt4, fsTmpfs, fsXfs } from '../../src/resources/fs/mount/driver.js'
import { deviceNumbers, mountUnder, parseMountinfo, topAt } from '../../src/resources/kit/mounts.js'
import { act, look } from './conformance.js'
import { run } from './machine.js'
import { testNode, type TestNode } from './node.js'
import { resource, service } from './sample.js'

let node: TestNode
let point: string
let undo: (() => void)[]
beforeEach(() => {
  node = testNode([fsTmpfs, fsBind, fsXfs, fsExt4])
  point = join(node.directory, 'point')
  undo = []
})
afterEach(() => {
  for (const one of undo.toReversed()) one()
  node.remove()
})

const tmpfs = (more: Readonly<Record<string, Value>> = {}): Service =>
  service([resource('fs#1', 'tmpfs', { mnt: point, ...more })])

/** Mounts something else in the way; it goes at the end. */
function mountBesides(type: string, at: string): void {
  mkdirSync(at, { recursive: true })
  run('mount', '-t', type, `lsu-${type}`, at)
  undo.push(() => {
    run('umount', at)
  })
}

/** A process with its working directory there. */
async function holder(): Promise<ChildProcess> {
  const child = spawn('sleep', ['300'], { cwd: point, stdio: 'ignore' })
  await new Promise((resolve) => child.once('spawn', resolve))
  undo.push(() => void child.kill('SIGKILL'))
  return child
}

describe('a busy file system', () => {
  test('its holders are named by pid and command, and live on', async () => {
    expect(await act('start', node, tmpfs())).toBeNull()
    undo.push(() => void run('umount', '--lazy', point))
    const { pid, signalCode } = await holder()
    expect(await act('stop', node, tmpfs())).toBe(
      `fs#1: ${point} is busy, held by pid ${pid} (sleep 300): end them, or let the service do so with kill_holders = true`,
    )
    expect(signalCode).toBeNull()
    expect((await look(node, tmpfs())).status).toBe('up')
  })

  test('its holders are killed where the service allows it', async () => {
    const of = tmpfs({ kill_holders: true })
    expect(await act('start', node, of)).toBeNull()
    const child = await holder()
    const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)))
    expect(await act('stop', node, of)).toBeNull()
    expect(await ended).toBe('SIGTERM')
  })

  test('what is mounted below it goes first, the deepest before the others', async () => {
    expect(await act('start', node, tmpfs())).toBeNull()
    for (const at of ['a', 'a/b']) {
      mkdirSync(join(point, at))
      run('mount', '-t', 'tmpfs', 'lsu-below', join(point, at))
    }
    expect(await act('stop', node, tmpfs())).toBeNull()
    expect((await look(node, tmpfs())).released).toBe(true)
  })
})

describe('something else in the way', () => {
  const bind = (): Service => {
    mkdirSync(join(node.directory, 'source'), { recursive: true })
    return service([resource('fs#1', 'bind', { dev: join(node.directory, 'source'), mnt: point })])
  }

  test('another file system at the mount point is a warning, and start refuses', async () => {
    mountBesides('tmpfs', point)
    const seen = await look(node, bind())
    const why = `${point} is the mount point of lsu-tmpfs (tmpfs): unmount that first`
    expect([seen.status, seen.released, seen.messages[0]?.text]).toEqual(['warn', true, why])
    expect(await act('start', node, bind())).toBe(`fs#1: ${why}`)
  })

  test('a file system mounted upon it is a warning, and goes with a stop', async () => {
    expect(await act('start', node, bind())).toBeNull()
    run('mount', '-t', 'tmpfs', 'lsu-upon', point)
    expect((await look(node, bind())).status).toBe('warn')
    expect(await act('stop', node, bind())).toBeNull()
    expect((await look(node, bind())).released).toBe(true)
  })

  test('a source that is not there', async () => {
    const of = service([resource('fs#1', 'bind', { dev: '/lsu/nowhere', mnt: point })])
    expect(await act('start', node, of)).toBe('fs#1: /lsu/nowhere is not there')
  })
})

describe('a file system on a file', () => {
  const image = (): string => join(node.directory, 'image')
  const ext4 = (): Service => service([resource('fs#1', 'ext4', { dev: image(), mnt: point })])
  const make = (mkfs: string): void => {
    run('truncate', '-s', '320m', image())
    if (mkfs !== '') run(mkfs, '-q', image())
  }

  test('is mounted, found again by its loop device, and unmounted', async () => {
    make('mkfs.ext4')
    expect(await act('start', node, ext4())).toBeNull()
    expect((await look(node, ext4())).status).toBe('up')
    expect(await act('stop', node, ext4())).toBeNull()
  })

  test('a second mount of it keeps the instance from being released', async () => {
    make('mkfs.ext4')
    expect(await act('start', node, ext4())).toBeNull()
    const other = join(node.directory, 'other')
    mkdirSync(other)
    run('mount', '--bind', point, other)
    expect(await act('stop', node, ext4())).toContain(`is mounted at ${other} too: unmount that first`)
    run('umount', other)
    expect((await look(node, ext4())).released).toBe(true)
  })

  test.each([
    ['empty', '', "holds no file system: 'om db1 provision' makes one"],
    ['of another type', 'mkfs.xfs', 'holds xfs, not ext4: is it the right device?'],
  ])('is not mounted where it is %s', async (_, mkfs, why) => {
    make(mkfs)
    expect(await act('start', node, ext4())).toBe(`fs#1: ${image()} ${why}`)
  })

  test('provisioning overwrites nothing', async () => {
    make('mkfs.xfs')
    expect(await act('provision', node, ext4())).toContain('holds xfs, not ext4')
    expect(run('blkid', '-p', '-o', 'value', '-s', 'TYPE', image()).trim()).toBe('xfs')
  })

  test('unprovisioning on another node wipes what a provision made, and nothing of another service', async () => {
    run('truncate', '-s', '320m', image())
    expect(await act('provision', node, ext4())).toBeNull()
    expect(await act('stop', node, ext4())).toBeNull()
    const other = { ...node, name: 'node2', varDir: join(node.directory, 'var2') }
    const stranger = service([resource('fs#1', 'ext4', { dev: image(), mnt: point })], { name: 'db2' })
    expect(await act('unprovision', other, stranger)).toBeNull()
    expect((await look(other, ext4())).provisioned).toBe(true)
    expect(await act('unprovision', other, ext4())).toBeNull()
    expect((await look(other, ext4())).provisioned).toBe(false)
  })

  test('unprovisioning leaves what was not made by a provision', async () => {
    make('mkfs.ext4')
    expect(await act('provision', node, ext4())).toBeNull()
    expect(await act('unprovision', node, ext4())).toBeNull()
    expect((await look(node, ext4())).provisioned).toBe(true)
  })

  test('read-only against its will is a warning', async () => {
    make('mkfs.ext4')
    expect(await act('start', node, ext4())).toBeNull()
    run('mount', '-o', 'remount,ro', point)
    const seen = await look(node, ext4())
    expect([seen.status, seen.messages[0]?.level]).toEqual(['up', 'warn'])
    expect(await act('stop', node, ext4())).toBeNull()
  })
})

test('a file can be bound', async () => {
  writeFileSync(join(node.directory, 'file'), 'text')
  const of = service([
    resource('fs#1', 'bind', { dev: join(node.directory, 'file'), mnt: join(point, 'deep') }),
  ])
  expect(await act('start', node, of)).toBeNull()
  expect((await look(node, of)).status).toBe('up')
  expect(await act('stop', node, of)).toBeNull()
})

describe('mountinfo', () => {
  const text = [
    '27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard',
    String.raw`40 27 0:30 / /srv/with\040space rw shared:2 master:1 - tmpfs none rw,size=4k`,
    '41 27 8:1 /sub /srv rw - btrfs /dev/sda1 ro,subvol=/sub',
    '42 27 0:31 / /srv rw - nfs4 nas:/export rw',
    'nonsense',
  ].join('\n')
  const mounts = parseMountinfo(text)

  test('lines', () => {
    expect(
      mounts.map(({ id, device, root, point: at, type, source }) => [id, device, root, at, type, source]),
    ).toEqual([
      [27, '254:0', '/', '/', 'ext4', '/dev/vda'],
      [40, '0:30', '/', '/srv/with space', 'tmpfs', 'none'],
      [41, '8:1', '/sub', '/srv', 'btrfs', '/dev/sda1'],
      [42, '0:31', '/', '/srv', 'nfs4', 'nas:/export'],
    ])
    expect(mounts[2]?.superOptions).toEqual(['ro', 'subvol=/sub'])
  })

  test('the last mount at a point is the one that is seen', () => {
    expect(topAt(mounts, '/srv')?.id).toBe(42)
    expect(mountUnder(mounts, '/srv/x')?.id).toBe(42)
    expect(mountUnder(mounts, '/srvx')?.id).toBe(27)
  })

  test.each([
    [0x801, '8:1'],
    [0x10301, '259:1'],
    [0x10082c, '8:300'],
    [0x100011138870, '5000:70000'],
  ])('device number %d', (rdev, expected) => {
    expect(deviceNumbers(rdev)).toBe(expected)
  })
})
