import { describe, expect, it, vi } from 'vitest'
import { podmanContainer } from '../../src/resources/container/podman/driver.js'
import type { AnyDriver } from '../../src/resources/driver.js'
import { conforms } from './conformance.js'
import { IMAGE, OTHER_IMAGE } from './docker-engine.js'
import { instance } from './instance.js'
import { systemPorts } from './node.js'
import { container } from './podman-engine.js'
import { kill, names, podman, podmanNode, told } from './podman-node.js'
import { service } from './sample.js'

const { db1, node } = podmanNode()

/** Keywords of a container that does nothing but this. */
const shell = (script: string): { readonly command: readonly string[] } => ({ command: ['sh', '-c', script] })

conforms('container.podman', {
  driver: podmanContainer as AnyDriver,
  label: 'podman container db1.container.0@lsu/shell',
  prepare: async () => ({ resource: container('container#0') }),
  tool: 'podman',
})

describe('a container that was left, or ends by itself', () => {
  it('is removed after its stop where rm says so, and started again where not', async () => {
    const kept = db1(container('container#0', { rm: false }))
    await kept.act('start')
    const first = told('db1.container.0', 'Id')
    await kept.act('stop')
    expect(names()).toEqual(['db1.container.0'])
    await kept.act('start')
    expect(told('db1.container.0', 'Id')).toBe(first)
    expect(kept.log).toContain('container#0 podman start db1.container.0')
    const removed = db1(container('container#0', { rm: true }))
    expect((await removed.probe())['container#0']?.status).toBe('up')
    await removed.act('stop')
    expect(names()).toEqual([])
  })

  it('takes the place of one that a crash has left', async () => {
    const labels = ['--label=longshore.service=db1', '--label=longshore.rid=container#0']
    podman('create', '--name=db1.container.0', ...labels, '--net=none', IMAGE)
    const one = db1(container('container#0'))
    expect((await one.probe())['container#0']).toMatchObject({ status: 'down', released: true })
    expect((await one.act('start')).failure).toBeNull()
    expect(one.log).toContain('container#0 podman rm db1.container.0')
  })

  it('that was set up and never begun is held, and gives way to a new one', async () => {
    const labels = ['--label=longshore.service=db1', '--label=longshore.rid=container#0']
    podman('create', '--name=db1.container.0', ...labels, '--net=none', IMAGE)
    podman('init', 'db1.container.0')
    const one = db1(container('container#0'))
    expect((await one.probe())['container#0']).toMatchObject({ status: 'warn', released: false })
    expect((await one.act('start')).failure).toBeNull()
    expect((await one.probe())['container#0']).toMatchObject({ status: 'up' })
    expect(names()).toEqual(['db1.container.0'])
  })

  it('that ends at once: the start fails with what it said', async () => {
    const one = db1(container('container#0', shell('echo no such database; exit 3')))
    const { failure } = await one.act('start')
    const message =
      failure?.message ?? (await one.probe())['container#0']?.messages.map(({ text }) => text).join(': ')
    expect(message).toContain('exited with code 3: no such database')
  })

  it('that podman cannot run: the start fails with what podman said, and nothing is left', async () => {
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

describe('a container whose conmon was killed', () => {
  it('is up as long as it runs, and is stopped', async () => {
    const one = db1(container('container#0'))
    await one.act('start')
    kill(told('db1.container.0', 'State.ConmonPid'))
    expect((await one.probe())['container#0']).toMatchObject({ status: 'up' })
    expect((await one.act('stop')).failure).toBeNull()
    expect((await one.probe())['container#0']).toMatchObject({ status: 'down', released: true })
    expect(names()).toEqual([])
  })

  it('is down once it has ended, whatever podman believes, and starts anew', async () => {
    const one = db1(container('container#0'))
    await one.act('start')
    kill(told('db1.container.0', 'State.ConmonPid'))
    kill(told('db1.container.0', 'State.Pid'))
    await vi.waitFor(async () => expect((await one.probe())['container#0']?.status).toBe('down'))
    expect(told('db1.container.0', 'State.Status')).toBe('running')
    expect((await one.probe())['container#0']).toMatchObject({
      released: true,
      messages: [{ level: 'info', text: 'it ended with the node or the engine, which did not see how' }],
    })
    expect((await one.act('start')).failure).toBeNull()
    expect((await one.probe())['container#0']).toMatchObject({ status: 'up' })
  })
})

describe('podman that does not answer', () => {
  const probe = async (name: string, state: string) => {
    const io = systemPorts()
    const list = async () => ({ ok: true, value: ['7', 'meminfo'] }) as const
    const read = async (path: string) => {
      const stat = `7 (${name}) ${state} 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 100 0`
      return { ok: true, value: path.endsWith('/comm') ? `${name}\n` : stat } as const
    }
    const run = async (argv: readonly string[]) =>
      ({
        argv,
        outcome: 'exited',
        exit: 125,
        stdout: '',
        stderr: 'Error: no storage',
        durationMs: 1,
      }) as const
    const ports = { ...io, files: { ...io.files, list, read }, exec: { ...io.exec, run } }
    return (await instance({ ...node(), io: ports }, service([container('container#0')])).probe())[
      'container#0'
    ]
  }

  it('leaves it unknown what runs, where a conmon is alive', async () => {
    expect(await probe('conmon', 'S')).toMatchObject({ status: 'undef', released: false })
  })

  it.each([
    ['bash', 'S'],
    ['conmon', 'Z'],
  ])('leaves nothing running, where there is nothing but %s in state %s', async (name, state) => {
    expect(await probe(name, state)).toMatchObject({
      status: 'down',
      released: true,
      messages: [{ level: 'warn', text: 'podman does not answer: look at what "podman info" says' }],
    })
  })
})

describe('a container as configured', () => {
  it('whose image is not there is refused without a registry, where it may not be pulled', async () => {
    const one = db1(container('container#0', { image: 'lsu/none', image_pull_policy: 'never' }))
    expect((await one.act('start')).failure?.message).toMatch(/lsu\/none: image not known/)
    expect(names()).toEqual([])
  })

  it('whose image is nowhere: the pull fails with what podman said', async () => {
    const one = db1(container('container#0', { image: 'localhost:1/lsu/none' }))
    expect((await one.act('start')).failure?.message).toContain('podman pull localhost:1/lsu/none')
    expect(names()).toEqual([])
  })

  it('that is paused is held, goes on at a start, and can be stopped', async () => {
    const one = db1(container('container#0'))
    await one.act('start')
    podman('pause', 'db1.container.0')
    expect((await one.probe())['container#0']).toMatchObject({ status: 'warn', released: false })
    expect((await one.act('start')).failure).toBeNull()
    expect((await one.probe())['container#0']).toMatchObject({ status: 'up' })
    podman('pause', 'db1.container.0')
    expect((await one.act('stop')).failure).toBeNull()
    expect(names()).toEqual([])
  })

  it('with everything that it can have is as it is configured', async () => {
    const own = {
      hostname: 'db1',
      user: '999:998',
      cwd: '/tmp',
      entrypoint: ['sh', '-c'],
      command: ['while :; do sleep 1; done'],
      tty: true,
      interactive: true,
      privileged: true,
      pidns: 'host',
      ipcns: 'host',
      utsns: 'private',
      userns: 'host',
      environment: ['A=1'],
      run_args: ['--name=other', '-d', '--label=a=b'],
      read_only: true,
    }
    const one = db1(container('container#0', own))
    expect((await one.act('start')).failure).toBeNull()
    expect((await one.probe())['container#0']).toMatchObject({ status: 'up', messages: [] })
    expect(podman('exec', 'db1.container.0', 'id')).toMatch(/uid=999\b.* gid=998\b/)
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
        "image is localhost/lsu/shell:latest, configured is lsu/shell:other",
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
    podman('tag', IMAGE, 'lsu/shell:kept')
    podman('tag', OTHER_IMAGE, IMAGE)
    const seen = (await one.probe())['container#0']
    podman('tag', 'lsu/shell:kept', IMAGE)
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
