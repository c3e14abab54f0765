import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  parseContainerIds,
  parseContainers,
  parseImageId,
} from '../../../src/resources/container/docker/inspect.js'
import type { Container } from '../../../src/resources/container/engine/container.js'

const recorded = (name: string): string =>
  readFileSync(new URL(`../../drivers/recorded/${name}`, import.meta.url), 'utf8')

const ids = /[0-9a-f]{12,64}/g

/** `name state` and what is not as docker makes it by itself. */
function summary(container: Container): string {
  const { name, state, exitCode, startedAtWallMs, namespaces, config, labels, sandboxKey } = container
  const { hostname, user, entrypoint, ...flags } = config
  const words = [
    name,
    state,
    labels['longshore.rid'] ?? '',
    `exit ${exitCode}`,
    startedAtWallMs === null ? 'never ran' : 'ran',
    `net ${namespaces.net}`,
    sandboxKey === '' ? 'no netns' : 'netns',
    hostname,
    user,
    ...entrypoint,
    ...Object.entries(flags).flatMap(([flag, set]) => (set ? [flag] : [])),
  ]
  return words.join(' ').replace(ids, 'ID')
}

describe('what docker inspect answers', () => {
  it('becomes containers', () => {
    const containers = parseContainers(recorded('docker-20.10.24-inspect.jsonl'))
    expect(containers.ok && containers.value.map(summary)).toMatchInlineSnapshot(`
      [
        "lsu-record.0 running container#0 exit 0 ran net none netns db1 ",
        "lsu-record.1 running container#1 exit 0 ran net container:ID no netns db1 999:999",
        "lsu-record.2 exited container#2 exit 3 ran net none netns ID ",
        "lsu-record.3 created container#3 exit 0 never ran net default no netns ID  /bin/sh tty privileged readOnly",
      ]
    `)
  })

  it('no containers, no lines', () => {
    expect(parseContainers('')).toEqual({ ok: true, value: [] })
    expect(parseContainers('\n')).toEqual({ ok: true, value: [] })
  })

  it.each([
    ['cut off', '{"Id":"1","Na', 'docker inspect did not answer in JSON'],
    ['an error page', '<html>', 'docker inspect did not answer in JSON'],
    ['something else', '{"Id":1}', 'docker inspect answered with something unexpected'],
    [
      'a state from the future',
      recordedWith('"Status":"running"', '"Status":"dreaming"'),
      'docker inspect answered with something unexpected',
    ],
  ])('%s is a failure, not a guess', (_, text, message) => {
    const parsed = parseContainers(text)
    expect(parsed.ok ? null : [parsed.error.code, parsed.error.message]).toEqual(['EXEC_FAILED', message])
  })
})

function recordedWith(old: string, other: string): string {
  return recorded('docker-20.10.24-inspect.jsonl').replace(old, other)
}

it('the list of the engine becomes ids, and a complaint of it a failure', () => {
  expect(parseContainerIds('[{"Id":"a1","Names":["/x"]},{"Id":"b2"}]\n')).toEqual({
    ok: true,
    value: ['a1', 'b2'],
  })
  expect(parseContainerIds('[]')).toEqual({ ok: true, value: [] })
  expect(parseContainerIds('{"message":"no"}').ok).toBe(false)
})

it('an image becomes its id', () => {
  expect(parseImageId(recorded('docker-20.10.24-image.jsonl'))).toEqual({
    ok: true,
    value: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
  })
})
