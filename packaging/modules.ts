import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'

/** An npm package as it is installed: its folder below the source, and those of its files that running needs. */
export interface Installed {
  readonly name: string
  readonly path: string
  readonly version: string
  readonly license: string
  readonly files: readonly string[]
}

/** Installs other packages' native modules, and is no more needed afterwards. */
const installers = new Set(['prebuild-install'])

/** Code and what it reads, and licences. Sources of native modules, types, maps and pages about it are not. */
const ends = new Set(['.js', '.cjs', '.mjs', '.json', '.node'])
const licence = /^(licen[cs]e|copying|notice)/i
const leftOut =
  /^(test|tests|__tests__|example|examples|bench|benchmark|benchmarks|docs?|deps|coverage|\.github)$/i

/** What runs needs, from what package.json asks for on, each once, in order. */
export function installedPackages(source: string): readonly Installed[] {
  const found = new Map<string, Installed>()
  const follow = (from: string, names: readonly string[]): void => {
    for (const name of names) {
      if (installers.has(name) || name.startsWith('@types/')) continue
      const path = resolved(source, from, name)
      if (found.has(path)) continue
      const manifest = read(join(source, path))
      const files = filesIn(join(source, path), '').toSorted()
      const { version, license = 'unknown' } = manifest
      found.set(path, { name, path, version, license, files })
      follow(path, Object.keys(manifest.dependencies ?? {}))
    }
  }
  follow('', Object.keys(read(source).dependencies ?? {}))
  return [...found.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

interface Manifest {
  readonly version: string
  readonly license?: string
  readonly dependencies?: Readonly<Record<string, string>>
}

const read = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest

/** Where Node finds a package for one that is installed at `from`: below it, or below one that it is in itself. */
function resolved(source: string, from: string, name: string): string {
  const nested = from.split('/node_modules/')
  for (let depth = nested.length; depth >= 0; depth--) {
    const path = join(nested.slice(0, depth).join('/node_modules/'), 'node_modules', name)
    if (existsSync(join(source, path))) return path
  }
  throw new Error(`${name} is not installed: run make setup`)
}

function filesIn(folder: string, below: string): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = join(below, entry.name)
    if (entry.isDirectory()) return isLeftOut(below, entry.name) ? [] : filesIn(folder, path)
    return ends.has(extname(entry.name)) || licence.test(entry.name) ? [path] : []
  })
}

/** Deeper down a folder called doc may well be code. */
const isLeftOut = (below: string, name: string): boolean =>
  below === '' && (name === 'node_modules' || leftOut.test(name))
