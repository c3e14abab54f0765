import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Daemon, Recorder, type } from './daemon.js'
import { NOW } from './sample.js'

// Reading, editing and restoring a configuration.

let daemon: Daemon
afterEach(() => daemon.stop())

const text = 'DEFAULT:\n  nodes: "{clusternodes}"\n  orchestrate: ha\nfs#1:\n  type: flag\n'
beforeEach(async () => {
  daemon = await Daemon.start()
  daemon.script = ({ method, path, body }) => {
    if (method === 'GET' && path.endsWith('/config')) return { body: { name: 'db1', version: 'v1', text } }
    if (path.endsWith('/config') && JSON.stringify(body).includes('wrong'))
      return {
        status: 400,
        body: { error: { code: 'INVALID', message: 'db1.yaml:2:3: wrong is unknown' } },
      }
    return null
  }
})

test.each([
  ['om db1 print config', text, 0],
  ['om db1 get --kw orchestrate', 'ha\n', 0],
  ['om db1 get --kw fs#1.type --kw nodes', 'flag\n{clusternodes}\n', 0],
  ['om db1 get --kw nodes --eval', 'node1 node2\n', 0],
  ['om db1 get --kw comment', '', 1],
] as const)('%s', async (line, stdout, code) => {
  const terminal = new Recorder(daemon.root)
  expect(await type(terminal, line)).toBe(code)
  expect(terminal.stdout).toBe(stdout)
})

const anEditedFile: unknown = expect.stringMatching(/^\/.*\/db1\.yaml$/)

test('as JSON', async () => {
  const terminal = new Recorder(daemon.root)
  await type(terminal, 'om db1 print config --format json')
  expect(JSON.parse(terminal.stdout)).toEqual({
    DEFAULT: { nodes: '{clusternodes}', orchestrate: 'ha' },
    'fs#1': { type: 'flag' },
  })
})

const edited = (editor: string, answers: readonly string[] = []): Recorder =>
  new Recorder(daemon.root, answers.length > 0, answers.length > 0, answers, '', { EDITOR: editor })

test('an edit carries the version that it began with', async () => {
  const terminal = edited('sed -i s/ha/no/')
  expect(await type(terminal, 'om db1 edit config')).toBe(0)
  expect(daemon.asked.at(-1)?.body).toEqual({
    text: text.replace('ha', 'no'),
    source: anEditedFile,
    base: 'v1',
  })
})

test('an edit that changes nothing asks for nothing', async () => {
  const terminal = edited('true')
  expect(await type(terminal, 'om db1 edit config')).toBe(0)
  expect(terminal.stdout).toBe('db1 is unchanged\n')
  expect(daemon.asked.filter(({ method }) => method === 'POST')).toEqual([])
})

test('a refused edit is kept in a file, and can be brought in from there', async () => {
  const terminal = edited('sed -i s/ha/wrong/')
  expect(await type(terminal, 'om db1 edit config')).toBe(1)
  const kept =
    /^db1\.yaml:2:3: wrong is unknown\nyour text is kept in (\S+); mend it, then: om db1 edit config --config (\S+) --base v1\n$/.exec(
      terminal.stderr,
    )
  const file = kept?.[1] ?? ''
  expect(kept?.[2]).toBe(file)
  expect(readFileSync(file, 'utf8')).toBe(text.replace('ha', 'wrong'))
  writeFileSync(file, 'mended')
  expect(await type(new Recorder(daemon.root), `om db1 edit config --config ${file} --base v1`)).toBe(0)
  expect(daemon.asked.at(-1)?.body).toEqual({ text: 'mended', source: anEditedFile, base: 'v1' })
  rmSync(join(file, '..'), { recursive: true })
})

test('somebody who is there may mend it at once', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'lsu-cli-'))
  const editor = join(directory, 'editor')
  writeFileSync(
    editor,
    '#!/bin/sh\ngrep -q wrong "$1" && sed -i s/wrong/no/ "$1" || sed -i s/ha/wrong/ "$1"\n',
    { mode: 0o755 },
  )
  const terminal = edited(editor, ['y'])
  expect(await type(terminal, 'om db1 edit config')).toBe(0)
  expect(daemon.asked.at(-1)?.body).toEqual({
    text: text.replace('ha', 'no'),
    source: anEditedFile,
    base: 'v1',
  })
  rmSync(directory, { recursive: true })
})

test('an editor that fails changes nothing', async () => {
  const terminal = edited('false')
  expect(await type(terminal, 'om db1 edit config')).toBe(1)
  expect(terminal.stderr).toBe('the editor (false) ended with exit code 1: nothing was changed\n')
  expect(daemon.asked.filter(({ method }) => method === 'POST')).toEqual([])
})

test('history, and the last change', async () => {
  const entry = { wallMs: NOW, author: 'user', node: 'node1' }
  const versions = [
    { ...entry, version: 'cc', text: 'a\nb\nX\nd\ne\nf\ng\nh\n' },
    { ...entry, version: 'bb', text: 'a\nb\nc\nd\ne\nf\ng\nh\n' },
    { ...entry, version: 'aa', text: null },
  ]
  daemon.script = () => ({ body: { entries: versions } })
  const diff = new Recorder(daemon.root)
  expect(await type(diff, 'om db1 diff')).toBe(0)
  expect(diff.stdout).toBe('  a\n  b\n- c\n+ X\n  d\n  e\n  f\n...\n')
  const all = new Recorder(daemon.root)
  await type(all, 'om db1 history')
  expect(all.stdout).toMatch(/^VERSION {2}TIME +AUTHOR +NODE\ncc {7}2026-03-01 \S+ {2}user {12}node1\n/)
  const gone = new Recorder(daemon.root)
  expect(await type(gone, 'om db1 restore aa')).toBe(1)
  expect(gone.stderr).toBe('version aa is a deletion: there is no text to restore\n')
})
