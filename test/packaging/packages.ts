import { execa } from 'execa'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** The package, built from what was built, as that version; its path. */
export async function built(out: string, version: string): Promise<string> {
  const words = ['packaging/build.ts', '--out', out, '--version', version]
  const { stdout } = await execa('node_modules/.bin/tsx', words, { cwd: root })
  return stdout.trim().split('\n').at(-1) ?? ''
}

/** The same package as a later version whose default settings were changed by its makers. */
export async function renewed(deb: string, folder: string, version: string): Promise<string> {
  await execa('dpkg-deb', ['-R', deb, folder])
  const control = join(folder, 'DEBIAN/control')
  await writeFile(control, (await readFile(control, 'utf8')).replace(/^Version: .*$/m, `Version: ${version}`))
  await writeFile(join(folder, 'etc/default/longshore'), '# of a later version\n')
  return packed(folder, `${folder}.deb`)
}

/** Stands for Debian's nodejs, of the version that runs here: the program itself is mounted into the machine. */
export async function nodejs(folder: string): Promise<string> {
  await mkdir(join(folder, 'DEBIAN'), { recursive: true })
  const control = `Package: nodejs
Version: ${process.versions.node}
Architecture: all
Maintainer: the tests <tests@longshore.invalid>
Description: stands for nodejs, which is mounted
`
  await writeFile(join(folder, 'DEBIAN/control'), control)
  return packed(folder, `${folder}.deb`)
}

async function packed(folder: string, file: string): Promise<string> {
  await execa('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z1', '--build', folder, file])
  return file
}
