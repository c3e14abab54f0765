import { readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { isAlive, type Container } from '../../../src/resources/container/engine/container.js'
import { runCommand } from '../../../src/resources/container/engine/run-arguments.js'
import { assume, type Seen } from '../../../src/resources/container/engine/seen.js'
import { podmanContainer } from '../../../src/resources/container/podman/driver.js'
import { isImageName } from '../../../src/resources/container/podman/engine.js'
import { parseContainers, parseImageId } from '../../../src/resources/container/podman/inspect.js'
import type { Context } from '../../../src/resources/driver.js'
import { systemPorts } from '../../drivers/node.js'
import { resource, service } from '../../drivers/sample.js'

const recorded = (name: string): string =>
  readFileSync(new URL(`../../drivers/recorded/${name}.jsonl`, import.meta.url), 'utf8')

/** `name state` and what is not as podman makes it by itself. */
function summary(container: Container): string {
  const { name, state, exitCode, startedAtWallMs, namespaces, config, labels, sandboxKey } = container
  const { hostname: _, user, entrypoint, ...flags } = config
  const words = [
    name.replace('lsu-rec-', ''),
    state,
    labels['longshore.rid'] ?? 'no rid',
    `exit ${exitCode}`,
    startedAtWallMs === null ? 'never ran' : 'ran',
    ...Object.entries(namespaces).map(([kind, mode]) => `${kind}=${mode}`),
    sandboxKey === '' ? 'no sandbox' : 'sandbox',
    user,
    ...entrypoint,
    ...Object.entries(flags).flatMap(([flag, set]) => (set ? [flag] : [])),
  ]
  return words.join(' ').replace(/[0-9a-f]{64}/g, 'ID')
}

describe('what podman inspect answers', () => {
  it.each(['4.3.1', '5.4.2'])('of version %s becomes containers', (version) => {
    const containers = parseContainers(recorded(`podman-${version}-inspect`))
    expect(containers.ok && containers.value.map(summary)).toMatchSnapshot()
    expect(containers.ok && containers.value.every((one) => isAlive(one) === one.conmonPid > 0)).toBe(true)
    const image = parseImageId(recorded(`podman-${version}-image`))
    expect(image.ok && image.value).toMatch(/^[0-9a-f]{64}$/)
  })

  it('is none where it could not begin, and an odd one is a failure', () => {
    expect(parseContainers('')).toEqual({ ok: true, value: [] })
    expect(parseContainers('[]')).toEqual({ ok: true, value: [] })
    expect(parseContainers('[{"Id":1}]')).toMatchObject({ ok: false })
    expect(parseImageId('[]')).toEqual({ ok: true, value: null })
    expect(parseImageId('')).toMatchObject({ ok: false })
  })

  it.each<readonly [string, Readonly<Record<string, unknown>>, string, number]>([
    ['that ran is one that the node went down with', { Status: 'created' }, 'exited', 255],
    ['that never ran', { Status: 'created', StartedAt: '0001-01-01T00:00:00Z' }, 'created', 0],
    ['that is being stopped', { Status: 'stopping' }, 'running', 0],
    ['that ended and is not yet cleaned up', { Status: 'stopped', ExitCode: 3 }, 'exited', 3],
    ['whose conmon left no word', { Status: 'exited', ExitCode: -1, Error: 'conmon died' }, 'exited', 255],
    ['of which it knows nothing', { Status: 'unknown' }, 'dead', 0],
  ])('a container %s', (_, state, expected, exitCode) => {
    const [first] = JSON.parse(recorded('podman-4.3.1-inspect')) as readonly { readonly State: object }[]
    const parsed = parseContainers(JSON.stringify([{ ...first, State: { ...first?.State, ...state } }]))
    expect(parsed.ok && parsed.value[0]).toMatchObject({ state: expected, exitCode, error: '' })
  })
})

test.each([
  ['docker.io/library/postgres:16', 'postgres:16', true],
  ['localhost/lsu/shell:latest', 'lsu/shell', true],
  ['localhost/lsu/shell:latest', 'lsu/shell:latest', true],
  ['localhost:5000/lsu/shell:1', 'localhost:5000/lsu/shell:1', true],
  ['localhost:5000/shell:latest', 'localhost:5000/shell', true],
  ['quay.io/a/b@sha256:1', 'a/b@sha256:1', true],
  ['localhost/lsu/shell:other', 'lsu/shell', false],
  ['localhost/lsu/shell:latest', 'su/shell', false],
])('%s is what %s means: %s', (told, configured, is) => {
  expect(isImageName(told, configured)).toBe(is)
})

const own = resource('container#0', 'podman', {
  name: 'db1.container.0',
  image: 'busybox',
  detach: true,
  rm: true,
  netns: 'none',
})
const keeper = resource('container#1', 'podman', {
  name: 'db1.container.1',
  image: 'busybox',
  netns: 'container#0',
})
const passing = resource('container#2', 'podman', {
  name: 'db1.container.2',
  image: 'busybox',
  rm: true,
  netns: 'container#0',
})
const ctx: Context = {
  service: service([own, keeper, passing]),
  resource: own,
  node: 'node1',
  io: systemPorts(),
  generation: null,
  runDir: '/run',
  varDir: '/var',
}

function seenWith(
  state: Container['state'],
  sharers: readonly string[] = [],
  theirs: Container['state'] = 'running',
): Seen {
  const seen = assume(ctx, 'up')
  if (seen.container === null) throw new Error('assumed up')
  const { container } = seen
  const sharing = sharers.map((rid) => ({ ...container, state: theirs, labels: { 'longshore.rid': rid } }))
  return { ...seen, container: { ...container, id: 'ID', state }, sharers: sharing }
}

type Phase = 'start' | 'stop' | 'clear'

describe('podman is told', () => {
  const run = 'podman run --name=db1.container.0 …'
  it.each<readonly [string, Phase, Seen, readonly string[]]>([
    [
      'to go on before it stops',
      'stop',
      seenWith('paused'),
      ['podman unpause ID', 'podman stop -t 10 ID', 'wait for down status', 'podman rm db1.container.0'],
    ],
    [
      'to look for what it takes for running',
      'start',
      seenWith('unseen'),
      ['podman stop -t 0 db1.container.0', 'podman rm --force db1.container.0', run],
    ],
    [
      'to start again what others depend on',
      'start',
      seenWith('exited', ['container#1']),
      ['podman start db1.container.0'],
    ],
    [
      'to take along what a crash has left of others',
      'start',
      seenWith('exited', ['container#2'], 'exited'),
      ['podman rm --force --depend db1.container.0', run],
    ],
    [
      'to take along those whose namespace is gone for good',
      'start',
      seenWith('dead', ['container#1']),
      ['podman rm --force --depend db1.container.0', run],
    ],
    [
      'not to remove what one that is kept depends on',
      'stop',
      seenWith('running', ['container#1']),
      ['podman stop -t 10 ID', 'wait for down status'],
    ],
    ['nothing that would remove others ahead of their turn', 'clear', seenWith('dead', ['container#1']), []],
    [
      'to end what it set up and never began',
      'start',
      seenWith('initialized'),
      ['podman stop -t 10 ID', 'wait for down status', 'podman rm db1.container.0', run],
    ],
  ])('%s', (_, phase, seen, expected) => {
    const steps = podmanContainer[phase]?.(ctx, seen) ?? []
    const texts = steps.map((step) => (step.kind === 'do' ? step.text : step.argv.join(' ')))
    const whole = runCommand(ctx).join(' ')
    expect(texts.map((text) => (text === whole ? run : text))).toEqual(expected)
  })
})
