import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

/** The repository's own rules: what no linter knows, and what a linter can be told to overlook. */

const root = join(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const left = new Set(['node_modules', 'dist', 'dist.new', 'dist.old', 'coverage', '.git'])

function filesIn(folder: string, ...ends: readonly string[]): readonly string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true, recursive: false })
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return left.has(entry.name) ? [] : filesIn(path, ...ends)
    return entry.isFile() && (ends.length === 0 || ends.includes(extname(entry.name))) ? [path] : []
  })
}

const ours = relative(root, import.meta.filename)
const code = filesIn('.', '.ts', '.mjs', '.sh').filter((path) => path !== ours)
const source = code.filter((path) => path.startsWith('src/'))
const texts = [...code, ...filesIn('.', '.md', '.yaml', '.json', '.c')].filter(
  (path) => path !== 'package-lock.json',
)

/** Lines that match, as `file:line: text`. */
function matches(files: readonly string[], pattern: RegExp): readonly string[] {
  return files.flatMap((path) =>
    read(path)
      .split('\n')
      .flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [])),
  )
}

describe('no file has', () => {
  test.each([
    ['work that is left for later', texts, /\b(TODO|FIXME|XXX|HACK)\b/],
    [
      'a test that is left out, or that leaves out the others',
      code,
      /\b(test|it|describe|suite)(\.\w+)*\.(skip|only|todo|fails)\b/,
    ],
    ['a rule switched off', code, /(eslint|oxlint)-disable|@ts-(ignore|expect-error|nocheck)/],
    ['a type given up', code, /\bas any\b/],
    ["a path of somebody's machine", texts, /(^|[\s'"`(=:])\/(work|home|Users|mnt\/c)\/\w/],
    ['the address of a package registry', texts, /registry\.(npmjs|yarnpkg)|verdaccio|artifactory/i],
  ] as const)('%s', (_, files, pattern) => {
    expect(files.length).toBeGreaterThan(0)
    expect(matches(files, pattern)).toEqual([])
  })

  test('more than 300 lines, in src', () => {
    expect(source.filter((path) => read(path).trimEnd().split('\n').length > 300)).toEqual([])
  })

  test('a function, constant or class that is offered to other files and used by none', () => {
    // Thrown to be seen as a name, and a check of the compiler's.
    const meant = new Set(['BrokenInvariant', 'schemasMatch'])
    const users = code.map((path) => ({ path, words: new Set(read(path).match(/\w+/g) ?? []) }))
    const unused = source.flatMap((path) =>
      [...read(path).matchAll(/^export (?:async function|function|const|class) (\w+)/gm)]
        .map(([, name = '']) => name)
        .filter((name) => !meant.has(name))
        .filter((name) => !users.some((user) => user.path !== path && user.words.has(name)))
        .map((name) => `${path}: ${name}`),
    )
    expect(unused).toEqual([])
  })

  test('a name that says nothing', () => {
    const words = /^(utils?|helpers?|managers?|misc|common|data)(\.|$)/
    expect(source.filter((path) => path.split('/').some((part) => words.test(part)))).toEqual([])
  })
})

interface Package {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

describe('dependencies', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Package
  const names = Object.keys({ ...dependencies, ...devDependencies })

  test('are pinned exactly', () => {
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, v]) => !/^\d+\.\d+\.\d+$/.test(v),
    )
    expect(loose).toEqual([])
  })

  test('each has its sentence, and no sentence is about another', () => {
    const lines = read('docs/decisions/0001-dependencies.md').matchAll(/^- `([^`]+)`: .{40,}\.$/gm)
    expect([...lines].map(([, name]) => name).sort()).toEqual(names.sort())
  })

  test('the lockfile names no registry', () => {
    expect(matches(['package-lock.json'], /"resolved"/)).toEqual([])
  })

  // Whoever wants one of these asks the adapter.
  test.each([
    ['node:child_process', /^src\/(daemon\/adapters\/exec|cli\/actions\/(daemon|edit))\.ts$/],
    ['ws', /^src\/daemon\/adapters\/peers-\w+\.ts$/],
    ['better-sqlite3', /^src\/daemon\/adapters\/store-\w+\.ts$/],
    ['winston', /^src\/daemon\/adapters\/log-winston\.ts$/],
    ['@hono/node-server', /^src\/daemon\/adapters\/https?(-\w+)?\.ts$/],
    ['hono', /^src\/daemon\/api\//],
    ['commander', /^src\/cli\/parse\.ts$/],
    ['yaml', /^src\/(spec|cli)\//],
  ])('%s is imported in its own place alone', (name, place) => {
    const importing = source.filter((path) =>
      importsOf(path).some((from) => from === name || from.startsWith(`${name}/`)),
    )
    expect(importing.length).toBeGreaterThan(0)
    expect(importing.filter((path) => !place.test(path))).toEqual([])
  })

  test('what is imported is declared, and what is needed at run time is no development tool', () => {
    const imported = new Set(
      source
        .flatMap(importsOf)
        .filter((from) => !from.startsWith('.') && !from.startsWith('node:'))
        .map((from) =>
          from
            .split('/')
            .slice(0, from.startsWith('@') ? 2 : 1)
            .join('/'),
        ),
    )
    expect([...imported].sort()).toEqual(Object.keys(dependencies).sort())
  })
})

function importsOf(path: string): readonly string[] {
  const statements = read(path).matchAll(
    /^(?:import|export)\b[^'"]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm,
  )
  return [...statements].map(([, from, bare, lazy]) => from ?? bare ?? lazy ?? '')
}

test('the core imports nothing outside of itself', () => {
  const outside = source
    .filter((path) => path.startsWith('src/core/'))
    .flatMap((path) => importsOf(path).map((from) => [path, join(path, '..', from)] as const))
    .filter(([, target]) => !target.startsWith('src/core/'))
  expect(outside).toEqual([])
})

describe('decisions', () => {
  const files = readdirSync(join(root, 'docs/decisions'))

  test('are numbered from 1, each number once', () => {
    const numbers = files.map((file) => Number(/^(\d{4})-[a-z0-9-]+\.md$/.exec(file)?.[1]))
    expect(numbers.sort((a, b) => a - b)).toEqual(files.map((_, i) => i + 1))
  })

  test.each(files)('%s has its number in its title', (file) => {
    const number = Number(file.slice(0, 4))
    expect(read(`docs/decisions/${file}`)).toMatch(new RegExp(`^# 0*${number}[.:] \\S`))
  })
})

test('every example is read by a test', () => {
  const tests = filesIn('test', '.ts').map(read)
  const whole = tests.some((text) => /readdirSync\(\w+\)/.test(text) && text.includes('services.d'))
  const named = (file: string): boolean => tests.some((text) => text.includes(file))
  expect(readdirSync(join(root, 'services.d')).filter((file) => !whole && !named(file))).toEqual([])
})

test('every case has its sentence and its expectation', () => {
  const folders = readdirSync(join(root, 'test/cases'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  )
  expect(folders.length).toBeGreaterThan(60)
  const bare = folders.filter(({ name }) => {
    const folder = join('test/cases', name)
    return (
      !existsSync(join(root, folder, 'intents.yaml')) || !/^why: \S/.test(read(join(folder, 'world.yaml')))
    )
  })
  expect(bare.map(({ name }) => name)).toEqual([])
})
