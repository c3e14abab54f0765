import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'

// What `make vm-test` asks of a machine before it builds anything.

const folder = mkdtempSync(join(tmpdir(), 'vm-test-'))
const built = join(folder, 'built')
afterEach(() => rmSync(built, { force: true }))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Commands of a machine, each as a line of shell. What would be built is written down, and fails. */
function machine(commands: Readonly<Record<string, string>>): string {
  const all = {
    id: 'echo 0',
    uname: 'echo x86_64',
    'dpkg-query': 'echo installed',
    'qemu-system-x86_64': ':',
    make: `echo "$*" >${built}; exit 3`,
    ...commands,
  }
  for (const [name, line] of Object.entries(all)) {
    const path = join(folder, name)
    writeFileSync(path, `#!/bin/sh\n${line}\n`)
    chmodSync(path, 0o755)
  }
  return folder
}

function ran(
  commands: Readonly<Record<string, string>>,
  required: boolean,
): readonly [number | null, string] {
  const env = {
    PATH: `${machine(commands)}:${process.env['PATH']}`,
    ...(required ? { VM_REQUIRED: '1' } : {}),
  }
  const { status, stdout, stderr } = spawnSync('bash', ['test/vm/test.sh'], { encoding: 'utf8', env })
  return [status, stdout + stderr]
}

const noQemu = { 'dpkg-query': 'exit 1', 'apt-get': 'exit 100' }

test.each([
  ['nobody but root may', { id: 'echo 1000' }, 'run it as root'],
  ['the processor is another one', { uname: 'echo aarch64' }, 'the machines are x86_64'],
  ['QEMU cannot be installed', noQemu, 'QEMU is not here and cannot be installed'],
])(
  'where %s, nothing is built: that is a skip, or an error where it is required',
  (_, commands, sentence) => {
    const [skipped, why] = ran(commands, false)
    expect([skipped, why.trim().split('\n')]).toEqual([0, [expect.stringContaining(`skipped: `)]])
    expect(why).toContain(sentence)
    const [refused, words] = ran(commands, true)
    expect([refused, words.trim().split('\n')]).toEqual([1, [expect.stringContaining(sentence)]])
    expect(existsSync(built)).toBe(false)
  },
)

test('where all is there the package is built next, and a build that fails is no skip', () => {
  expect(ran({}, false)[0]).toBe(3)
  expect(readFileSync(built, 'utf8')).toContain('deb')
})
