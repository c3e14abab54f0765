import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { misfit, nativeBuild } from '../../src/native.js'

const twenty = { modules: '115', node: '20.20.2' }

test.each([
  ['the Node that it was built by', twenty, twenty],
  ['another release of the same major version', twenty, { modules: '115', node: '20.19.0' }],
  ['a program that runs from its sources', null, twenty],
])('%s fits', (_, built, running) => {
  expect(misfit(built, running)).toBeNull()
})

test('another ABI is one sentence with both versions and what to do', () => {
  expect(misfit(twenty, { modules: '127', node: '22.12.0' })).toBe(
    'this is Node 22.12.0 (ABI 127), and the native module here was built for Node 20.20.2 (ABI 115): ' +
      'install nodejs 20, or a longshore package built for Node 22; in a clone of the repository run make setup',
  )
})

test('what the build wrote down is read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lsu-native-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'native.json')
  expect(nativeBuild(pathToFileURL(file))).toBeNull()
  writeFileSync(file, JSON.stringify(twenty))
  expect(nativeBuild(pathToFileURL(file))).toEqual(twenty)
})
