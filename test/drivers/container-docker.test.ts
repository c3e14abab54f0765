import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { must } from '../../src/core/invariant.js'
import type { Resource } from '../../src/core/service.js'
import { dockerContainer } from '../../src/resources/container/docker/driver.js'
import type { AnyDriver, DriverPorts } from '../../src/resources/driver.js'
import { conforms } from './conformance.js'
import { container, IMAGE, OTHER_IMAGE, startDocker, type DockerEngine } from './docker-engine.js'
import { instance, type Instance } from './instance.js'
import { run } from './machine.js'
import { systemPorts, testNode, type TestNode } from './node.js'
import { resource, service } from './sample.js'

let engine: DockerEngine
let node: TestNode
let current: Instance | null = null

beforeAll(async () => {
  engine = await startDocker(systemPorts())
  node = testNode([dockerContainer as AnyDriver], engine.io)
})

afterEach(async () => {
  await current?.act('stop')
  current = null
})

afterAll(async () => {
  await engine?.end()
  node?.remove()
})

function db1(...resources: readonly Resource[]): Instance {
  current = instance(node, service(resources))
  return current
}

const docker = (...argv: readonly string[]): string => run('docker', ...argv)

const names = (): readonly string[] =>
  docker('ps', '-a', '--format', '{{.Names}}')
    .split('\n')
    .filter((name) => name !== '')
    .sort()

/** Keywords of a container that does nothing but this. */
const shell = (script: string): { readonly command: readonly string[] } => ({ command: ['sh', '-c', script] })

// By the docker command alone: the engine's socket is not among the ports of that suite.
conforms('container.docker', {
  driver: dockerContainer as AnyDriver,
  label: 'docker container db1.container.0@lsu/shell',
  prepare: async () => ({ resource: container('container#0') }),
  tool: 'docker',
})

describe('a container that was left, or ends by itself', () => {
  it('is removed after its stop where rm says so, and started again where not', async () => {
    const kept = db1(container('container#0', { rm: false }))
    await kept.act('start')
    const first = docker('inspect', '--format', '{{.Id}}', 'db1.container.0')
    await kept.act('stop')
    expect(names()).toEqual(['db1.container.0'])
    await kept.act('start')
    expect(docker('inspect', '--format', '{{.Id}}', 'db1.container.0')).toBe(first)
    expect(kept.log).toContain('container#0 docker start db1.container.0')
    const removed = db1(container('container#0', { rm: true }))
    expect((await removed.probe())['container#0']?.status).toBe('up')
    await removed.act('stop')
    expect(names()).toEqual([])
  })

  it('takes the place of one that a crash has left', async () => {
    docker(
      'create',
      '--name=db1.container.0',
      '--label=longshore.service=db1',
      '--label=longshore.rid=container#0',
      IMAGE,
    )
    const one = db1(container('container#0'))
    expect((await one.probe())['container#0']).toMatchObject({ status: 'down', released: true })
    expect((await one.act('start')).failure).toBeNull()
    expect(one.log).toContain('container#0 docker rm db1.container.0')
  })

  it('that ends at once: the start fails with what it said', async () => {
    const one = db1(container('container#0', shell('echo no such database; exit 3')))
    const { failure } = await one.act('start')
    const message =
      failure?.message ?? (await one.probe())['container#0']?.messages.map(({ text }) => text).join(': ')
    expect(message).toContain('exited with code 3: no such database')
  })

  it('that docker cannot run: the start fails with what docker said, and nothing is left', async () => {
    const one = db1(container('container#0', { command: ['/bin/no-such'] }))
    expect((await one.act('start')).failure?.message).toContain('no such file or directory')
    expect(names()).toEqual([])
  })

  it('that does not end by itself is killed after its stop timeout', async () => {
    const one = db1(container('container#0', shell("trap '' TERM; while :; do sleep 1; done")))
    await one.act('start')
    expect((await one.act('stop')).failure).toBeNull()
    expect((await one.probe())['container#0']).toMatchObject({ status: 'down', released: true })
  })
})

describe('a container as configured', () => {
  it('whose image is not there is refused without a registry, where it may not be pulled', async () => {
    const one = db1(container('container#0', { image: 'lsu/none', image_pull_policy: 'never' }))
    expect((await one.act('start')).failure?.message).toMatch(/No such image: lsu\/none/)
    expect(names()).toEqual([])
  })

  it('that is paused is held, and goes on at a start', async () => {
    const one = db1(container('container#0'))
    await one.act('start')
    docker('pause', 'db1.container.0')
    expect((await one.probe())['container#0']).toMatchObject({ status: 'warn', released: false })
    expect((await one.act('start')).failure).toBeNull()
    expect((await one.probe())['container#0']).toMatchObject({ status: 'up' })
  })

  it('says where it differs from its configuration, and stays up', async () => {
    await db1(container('container#0')).act('start')
    const changed = {
      name: 'db1.renamed',
      image: OTHER_IMAGE,
      hostname: 'db1',
      user: '999',
      privileged: true,
      netns: 'host',
    }
    const one = db1(container('container#0', changed))
    const seen = (await one.probe())['container#0']
    expect(seen?.status).toBe('up')
    expect(seen?.messages.map(({ text }) => text)).toMatchInlineSnapshot(`
      [
        "image is lsu/shell, configured is lsu/shell:other",
        "netns is none, configured is host",
        "name is db1.container.0, configured is db1.renamed",
        "user is root, configured is 999",
        "privileged is false, configured is true",
      ]
    `)
  })

  it('runs an image that was given its name since: it says so', async () => {
    const one = db1(container('container#0'))
    await one.act('start')
    docker('tag', IMAGE, 'lsu/shell:kept')
    docker('tag', OTHER_IMAGE, IMAGE)
    const seen = (await one.probe())['container#0']
    docker('tag', 'lsu/shell:kept', IMAGE)
    expect(seen?.messages).toEqual([
      { level: 'warn', text: 'image lsu/shell is a newer one on this node than the one that runs' },
    ])
  })

  it('without detach is over once it has run', async () => {
    const one = db1(container('container#0', { detach: false, ...shell('echo done') }))
    expect((await one.act('start')).failure).toBeNull()
    expect(one.log).toContain('container#0 done')
    expect((await one.probe())['container#0']).toMatchObject({ status: 'n/a', released: true })
  })
})

describe('a bind source on a filesystem of the service', () => {
  const onFs = (mnt: string): readonly [Resource, Resource] => [
    resource('fs#1', 'xfs', { mnt }),
    container('container#0', { run_args: ['-v', `${mnt}/a/b:/data:rw`, '--user=999:998'] }),
  ]

  it('is made for the container’s user where the filesystem is mounted', async () => {
    const mnt = join(node.directory, 'mounted')
    mkdirSync(mnt)
    run('mount', '-t', 'tmpfs', 'tmpfs', mnt)
    try {
      const one = db1(...onFs(mnt))
      expect((await one.act('start', ['container#0'])).failure).toBeNull()
      const { uid, gid } = statSync(join(mnt, 'a', 'b'))
      expect([uid, gid]).toEqual([999, 998])
      await one.act('stop', ['container#0'])
    } finally {
      run('umount', mnt)
    }
  })

  it('is refused where it is not, and nothing is made', async () => {
    const mnt = join(node.directory, 'bare')
    mkdirSync(mnt)
    const { failure } = await db1(...onFs(mnt)).act('start', ['container#0'])
    expect(failure?.message.replaceAll(node.directory, 'DIR')).toBe(
      'container#0: DIR/bare/a/b would be made outside of fs#1, which is not mounted on DIR/bare: start it first (om db1 start --local --rid fs#1)',
    )
    expect(names()).toEqual([])
  })
})

/** What the kernel says of a process of that name (proc(5)). */
const statOf = (name: string): string => `7 (${name}) S 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 100 0`

describe('an engine that does not answer', () => {
  const deaf = (files: DriverPorts['files']): DriverPorts => {
    const io = systemPorts()
    const missing = {
      get: async () => ({ ok: false, error: { code: 'UNAVAILABLE', message: 'refused' } }) as const,
    }
    return { ...io, files, engine: missing }
  }
  const probe = async (processes: Readonly<Record<string, string>>) => {
    const { files } = systemPorts()
    const read: typeof files.read = async (path) => {
      const name = processes[path.split('/')[2] ?? '']
      must(name !== undefined, `${path} was listed`)
      return { ok: true, value: path.endsWith('/comm') ? `${name}\n` : statOf(name) }
    }
    const list: typeof files.list = async () => ({ ok: true, value: [...Object.keys(processes), 'meminfo'] })
    const on = { ...node, io: deaf({ ...files, read, list }) }
    return (await instance(on, service([container('container#0')])).probe())['container#0']
  }

  it('leaves it unknown what runs, where it or one of its containers may be alive', async () => {
    for (const name of ['dockerd', 'containerd-shim']) {
      expect(await probe({ 1: 'init', 7: name })).toMatchObject({ status: 'undef', released: false })
    }
  })

  it('leaves nothing running, where neither it nor any container is among the processes', async () => {
    expect(await probe({ 1: 'init', 7: 'bash' })).toMatchObject({
      status: 'down',
      released: true,
      messages: [{ level: 'warn', text: 'docker does not answer: look at "systemctl status docker"' }],
    })
  })
})
