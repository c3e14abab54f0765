// Builds the Debian package from what `make build` made: `tsx packaging/build.ts [--out FOLDER] [--version VERSION]`.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { layOut } from './contents.js'
import { controlText } from './control.js'
import { commit, packageVersion } from './version.js'

const { values } = parseArgs({
  options: { out: { type: 'string', default: 'dist-deb' }, version: { type: 'string' } },
})
process.umask(0o022)
const { seconds } = commit()
const version = values.version ?? packageVersion()
const work = mkdtempSync(join(tmpdir(), 'longshore-deb-'))
try {
  process.stdout.write(`${build(version, resolve(values.out))}\n`)
} finally {
  rmSync(work, { recursive: true, force: true })
}

/** The path of the package. The same bytes for the same commit: dates are the commit's, files come in order, packing is done by one thread. */
function build(of: string, out: string): string {
  const root = join(work, 'root')
  layOut(root, { version: of, seconds })
  const arch = run('dpkg', '--print-architecture').trim()
  mkdirSync(join(root, 'DEBIAN'))
  const control = controlText({ root, work, version: of, arch, kib: kibOf(root) })
  writeFileSync(join(root, 'DEBIAN/control'), control)
  writeFileSync(join(root, 'DEBIAN/conffiles'), '/etc/default/longshore\n')
  writeFileSync(join(root, 'DEBIAN/md5sums'), sums(root))
  for (const script of ['postinst', 'prerm', 'postrm']) {
    run('cp', join(import.meta.dirname, 'debian', script), join(root, 'DEBIAN', script))
    chmodSync(join(root, 'DEBIAN', script), 0o755)
  }
  mkdirSync(out, { recursive: true })
  const file = join(out, `longshore_${of}_${arch}.deb`)
  run('dpkg-deb', '--root-owner-group', '--threads-max=1', '-Zxz', '--build', root, file)
  return file
}

function run(command: string, ...words: readonly string[]): string {
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(seconds), LC_ALL: 'C' }
  return execFileSync(command, words, { encoding: 'utf8', env })
}

/** Every file but the control files and those of the administrator, in order. */
function filesIn(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name).slice(root.length + 1)] : []))
    .toSorted()
}

function sums(root: string): string {
  const files = filesIn(root).filter((path) => !path.startsWith('DEBIAN/') && !path.startsWith('etc/'))
  return execFileSync('md5sum', files, { cwd: root, encoding: 'utf8' })
}

/** As dpkg-gencontrol(1) counts: each file in whole KiB, and one for anything else. */
function kibOf(root: string): number {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true })
  return entries.reduce(
    (sum, entry) =>
      sum + (entry.isFile() ? Math.ceil(statSync(join(entry.parentPath, entry.name)).size / 1024) : 1),
    0,
  )
}
