import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { changelogText, copyrightText } from './about.js'
import { completionText, completed } from './completion.js'
import { manualPages } from './manual.js'
import { installedPackages } from './modules.js'

const source = join(import.meta.dirname, '..')
const lib = 'usr/lib/longshore'
const docs = 'usr/share/doc/longshore'

export interface Edition {
  readonly version: string
  /** Date of the commit, in seconds of the epoch. */
  readonly seconds: number
}

/** Everything that the package installs, below `root`. */
export function layOut(root: string, edition: Edition): void {
  program(root)
  modules(root)
  system(root)
  documentation(root, edition)
}

/** What was compiled: the native module and the guard. */
export function binaries(root: string): readonly string[] {
  return [
    join(root, lib, 'dist/guard/longshore-guard'),
    join(root, lib, 'node_modules/better-sqlite3/build/Release/better_sqlite3.node'),
  ].filter((path) => existsSync(path))
}

/** The daemon and the commands, each one file with the few parts that it loads later; started by Debian's Node, whatever else PATH holds. */
function program(root: string): void {
  if (!existsSync(join(source, 'dist/guard/longshore-guard')))
    throw new Error('the guard was not compiled: install the package gcc, then run make deb again')
  const parts = ['bin', 'daemon/main.js', 'daemon/parts', 'guard', 'native.json']
  for (const part of parts) copy(root, join('dist', part), join(lib, 'dist', part))
  const { name, version, license, type, dependencies } = JSON.parse(
    readFileSync(join(source, 'package.json'), 'utf8'),
  ) as Readonly<Record<string, unknown>>
  const manifest = { name, version, license, private: true, type, dependencies }
  write(root, join(lib, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  const links = [
    ...['om', 'svcmon', 'svcmgr', 'nodemgr'].map((each) => [`usr/bin/${each}`, `bin/${each}.cjs`] as const),
    ['usr/sbin/omd', 'daemon/main.js'] as const,
  ]
  for (const [link, target] of links) {
    const path = join(root, lib, 'dist', target)
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replace(/^#!\/usr\/bin\/env( -S)? node/, startOf), { mode: 0o755 })
    chmodSync(path, 0o755)
    mkdirSync(dirname(join(root, link)), { recursive: true })
    symlinkSync(`../lib/longshore/dist/${target}`, join(root, link))
  }
}

const startOf = (_: string, split: string | undefined): string =>
  split === undefined ? '#!/usr/bin/node' : '#!/usr/bin/env -S /usr/bin/node'

function modules(root: string): void {
  for (const { path, files } of installedPackages(source))
    for (const file of files) copy(root, join(path, file), join(lib, path, file))
  for (const file of binaries(root))
    execFileSync('strip', ['--strip-unneeded', '--remove-section=.comment', '--remove-section=.note', file])
}

/** Units, what an administrator sets, completion. */
function system(root: string): void {
  for (const unit of ['longshore.service', 'longshore-witness@.service', 'longshore-shutdown.service'])
    copy(root, `packaging/debian/${unit}`, `lib/systemd/system/${unit}`)
  copy(root, 'packaging/debian/longshore.default', 'etc/default/longshore')
  copy(root, 'packaging/debian/node-shutdown', join(lib, 'node-shutdown'), 0o755)
  mkdirSync(join(root, 'etc/longshore'))
  const folder = 'usr/share/bash-completion/completions'
  write(root, join(folder, 'om'), completionText())
  for (const name of completed) if (name !== 'om') symlinkSync('om', join(root, folder, name))
}

function documentation(root: string, edition: Edition): void {
  for (const { name, section, text } of manualPages(edition))
    compressed(root, `usr/share/man/man${section}/${name}.${section}.gz`, text)
  write(root, join(docs, 'copyright'), copyrightText(source))
  compressed(root, join(docs, 'changelog.gz'), changelogText(edition))
  compressed(root, join(docs, 'NEWS.gz'), readFileSync(join(source, 'CHANGELOG.md'), 'utf8'))
  for (const page of readdirSync(join(source, 'docs')).filter((file) => file.endsWith('.md'))) {
    const text = readFileSync(join(source, 'docs', page), 'utf8')
    write(root, join(docs, page), text.replaceAll('](../services.d', '](examples'))
  }
  for (const part of ['decisions', 'service.schema.json']) copy(root, join('docs', part), join(docs, part))
  copy(root, 'services.d', join(docs, 'examples'))
}

/** Without what only a debugger reads. */
function copy(root: string, from: string, to: string, mode?: number): void {
  const target = join(root, to)
  mkdirSync(dirname(target), { recursive: true })
  cpSync(join(source, from), target, { recursive: true, filter: (path) => !path.endsWith('.map') })
  if (mode !== undefined) chmodSync(target, mode)
}

function write(root: string, path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
}

const compressed = (root: string, path: string, text: string): void =>
  write(root, path, gzipSync(text, { level: 9 }))
