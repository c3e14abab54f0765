import { describe, expect, it } from 'vitest'
import type { Value } from '../../../src/core/service.js'
import { bindsOf } from '../../../src/resources/container/engine/binds.js'
import { numericOwner, runCommand } from '../../../src/resources/container/engine/run-arguments.js'
import type { Context } from '../../../src/resources/driver.js'
import { systemPorts } from '../../drivers/node.js'
import { resource, service } from '../../drivers/sample.js'

const holder = resource('container#0', 'docker', {
  name: 'db1.container.0',
  image: 'google/pause',
  netns: 'none',
})

function context(keywords: Readonly<Record<string, Value>>, generation: number | null = null): Context {
  const own = resource('container#1', 'docker', {
    name: 'db1.container.1',
    image: 'postgres',
    netns: 'container#0',
    detach: true,
    ...keywords,
  })
  const fs = resource('fs#1', 'xfs', { mnt: '/srv/db1/data' })
  const deeper = resource('fs#2', 'xfs', { mnt: '/srv/db1/data/wal/' })
  const of = service([holder, own, fs, deeper])
  return {
    service: of,
    resource: own,
    node: 'node1',
    io: systemPorts(),
    runDir: '/run',
    varDir: '/var',
    generation,
  }
}

const LABELS = '--label=longshore.service=db1 --label=longshore.rid=container#1 --label=longshore.node=node1'

const ENV = '--env=LONGSHORE_SERVICE=db1 --env=LONGSHORE_RID=container#1 --env=LONGSHORE_NODE=node1'

const command = (keywords: Readonly<Record<string, Value>>): string =>
  runCommand(context(keywords)).join(' ').replace(`${ENV} ${LABELS} `, '')

const words = (text: string): readonly string[] => text.split(' ')

describe('docker run', () => {
  it('is the tutorial’s command, with labels, and whose it is for the programs in it', () => {
    const args = '-v /srv/db1/data/postgresql:/var/lib/postgresql:rw --user=999:999'
    expect(runCommand(context({ run_args: words(args) }, 7)).join(' ')).toBe(
      `docker run --name=db1.container.1 ${args} --detach --net=container:db1.container.0 ${ENV} --env=LONGSHORE_GENERATION=7 ${LABELS} --label=longshore.generation=7 postgres`,
    )
  })

  it.each<readonly [string, Readonly<Record<string, Value>>, string]>([
    ['nothing else', {}, '--detach --net=container:db1.container.0 postgres'],
    ['own namespace', { netns: 'none', hostname: 'db' }, '--detach --net=none --hostname=db postgres'],
    ['no host name in another’s', { hostname: 'db' }, '--detach --net=container:db1.container.0 postgres'],
    ['host', { netns: 'host', pidns: 'host' }, '--detach --net=host --pid=host postgres'],
    ['private is the default', { netns: 'none', ipcns: 'private' }, '--detach --net=none postgres'],
    ['foreground', { netns: 'none', detach: false }, '--net=none postgres'],
    [
      'command',
      { netns: 'none', command: ['postgres', '-c', 'a b'] },
      '--detach --net=none postgres postgres -c a b',
    ],
    [
      'entry point',
      { netns: 'none', entrypoint: ['/init', '-x'], command: ['y'] },
      '--detach --net=none --entrypoint=/init postgres -x y',
    ],
    [
      'never pulled',
      { netns: 'none', image_pull_policy: 'never' },
      '--detach --net=none --pull=never postgres',
    ],
    [
      'everything',
      {
        netns: 'none',
        user: '1:2',
        cwd: '/opt',
        privileged: true,
        interactive: true,
        tty: true,
        init: true,
        read_only: true,
        volume_mounts: ['/a:/b'],
        devices: ['/dev/fuse'],
        environment: ['A=1'],
      },
      '--detach --net=none --user=1:2 --workdir=/opt --privileged --interactive --tty --init --read-only --volume=/a:/b --device=/dev/fuse --env=A=1 postgres',
    ],
  ])('%s', (_, keywords, expected) => {
    expect(command(keywords)).toBe(`docker run --name=db1.container.1 ${expected}`)
  })
})

describe('run_args', () => {
  it.each<readonly [string, Readonly<Record<string, Value>>, string]>([
    ['--name=x --name y', {}, ''],
    ['--net=bridge --network host -v a:b', {}, '-v a:b '],
    ['-d --detach --rm --restart always -e A=1', {}, '-e A=1 '],
    ['-dit', {}, '-it '],
    ['-dit', { interactive: true, tty: true }, ''],
    ['--user=5', {}, '--user=5 '],
    ['--user=5 -u 6 -u7', { user: '1:2' }, ''],
    ['--hostname x', { netns: 'none', hostname: 'db' }, ''],
    ['-v /d:/d --init', { init: true }, '-v /d:/d '],
    ['--label mine=1 -p 80:80', {}, '--label mine=1 -p 80:80 '],
  ])('%s', (args, keywords, kept) => {
    const all = command({ run_args: words(args), ...keywords })
    expect(all.replace(/^docker run --name=db1.container.1 /, '').split('--detach')[0]).toBe(kept)
  })
})

describe('bind sources', () => {
  it.each<readonly [Readonly<Record<string, Value>>, readonly string[]]>([
    [{ run_args: words('-v /srv/db1/data/pg:/pg:rw') }, ['fs#1 /srv/db1/data/pg']],
    [{ run_args: words('--volume=/srv/db1/data:/pg') }, ['fs#1 /srv/db1/data']],
    [{ run_args: words('--mount type=bind,source=/srv/db1/data/x,target=/x') }, ['fs#1 /srv/db1/data/x']],
    [{ run_args: words('--mount type=volume,source=/srv/db1/data/x,target=/x') }, []],
    [
      { volume_mounts: ['/srv/db1/data/wal/1:/w', '/srv/db1/data/wal:/v'] },
      ['fs#2 /srv/db1/data/wal/1', 'fs#2 /srv/db1/data/wal'],
    ],
    [{ volume_mounts: ['/srv/db1/data/../other:/o', '/srv/db1/database:/d', 'named:/n', '/anonymous'] }, []],
    [
      { run_args: words('-v /srv/db1/data/a:/a'), volume_mounts: ['/srv/db1/data/a/:/b'] },
      ['fs#1 /srv/db1/data/a'],
    ],
  ])('%j', (keywords, expected) => {
    expect(bindsOf(context(keywords)).map(({ rid, source }) => `${rid} ${source}`)).toEqual(expected)
  })

  it.each<readonly [Readonly<Record<string, Value>>, unknown]>([
    [{ run_args: words('--user=999:998') }, { uid: 999, gid: 998 }],
    [{ run_args: words('-u 999') }, { uid: 999, gid: 0 }],
    [
      { run_args: words('-u999:1'), user: '5:6' },
      { uid: 5, gid: 6 },
    ],
    [{ user: 'postgres' }, null],
    [{}, null],
  ])('belong to %j', (keywords, owner) => {
    expect(numericOwner(context(keywords))).toEqual(owner)
  })
})
