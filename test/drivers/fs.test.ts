import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { diskLoop } from '../../src/resources/disk/loop/driver.js'
import { fsDirectory } from '../../src/resources/fs/directory/driver.js'
import { fsFlag } from '../../src/resources/fs/flag/driver.js'
import { fsBind, fsBtrfs, fsExt4, fsTmpfs, fsXfs } from '../../src/resources/fs/mount/driver.js'
import { conforms } from './conformance.js'
import { loopDevice } from './machine.js'
import { resource } from './sample.js'

conforms('fs.flag', {
  driver: fsFlag,
  label: 'flag DIR/run/flags/db1/fs#1.flag',
  prepare: async () => ({ resource: resource('fs#1', 'flag') }),
})

conforms('fs.tmpfs', {
  driver: fsTmpfs,
  label: 'tmpfs tmpfs@DIR/point',
  tool: 'mount',
  prepare: async (directory) => ({
    resource: resource('fs#1', 'tmpfs', {
      mnt: join(directory, 'point'),
      size: 1_048_576,
      user: '65534',
      perm: 0o750,
    }),
  }),
})

conforms('fs.bind', {
  driver: fsBind,
  label: 'bind DIR/source@DIR/point',
  tool: 'mount',
  prepare: async (directory) => {
    mkdirSync(join(directory, 'source'))
    return {
      resource: resource('fs#1', 'bind', { dev: join(directory, 'source'), mnt: join(directory, 'point') }),
    }
  },
})

const onLoop = (type: string) => async (directory: string) => {
  const loop = await loopDevice(join(directory, 'image'), 320)
  return {
    resource: resource('fs#1', type, {
      dev: loop.device,
      mnt: join(directory, 'point'),
      mkfs_opt: ['-L', 'lsu'],
    }),
    undo: loop.undo,
  }
}

conforms('fs.xfs', {
  driver: fsXfs,
  label: 'xfs LOOP@DIR/point',
  tool: 'mount',
  provisions: true,
  prepare: onLoop('xfs'),
})

conforms('fs.ext4', {
  driver: fsExt4,
  label: 'ext4 LOOP@DIR/point',
  tool: 'e2fsck',
  provisions: true,
  prepare: onLoop('ext4'),
})

conforms('fs.btrfs', {
  driver: fsBtrfs,
  label: 'btrfs LOOP@DIR/point',
  tool: 'mount',
  provisions: true,
  prepare: onLoop('btrfs'),
})

conforms('fs.directory', {
  driver: fsDirectory,
  label: 'directory DIR/a/b',
  up: 'n/a',
  stays: true,
  prepare: async (directory) => ({
    resource: resource('fs#1', 'directory', {
      path: join(directory, 'a', 'b'),
      user: 'nobody',
      group: '65534',
      perm: 0o1750,
    }),
  }),
})

conforms('disk.loop', {
  driver: diskLoop,
  label: 'loop DIR/disk/image',
  tool: 'losetup',
  provisions: true,
  prepare: async (directory) => ({
    resource: resource('disk#1', 'loop', { file: join(directory, 'disk', 'image'), size: 1_048_576 }),
  }),
})
