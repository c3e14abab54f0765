import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Runs a command of this machine for a test; throws where it fails. */
export const run = (...argv: readonly string[]): string =>
  execFileSync(argv[0] ?? '', argv.slice(1), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

/** A loop device on a sparse file of that many MiB. */
export async function loopDevice(
  file: string,
  mib: number,
): Promise<{ readonly device: string; readonly undo: () => Promise<void> }> {
  run('truncate', '-s', `${mib}m`, file)
  const device = run('losetup', '--find', '--show', file).trim()
  return {
    device,
    undo: async () => {
      run('losetup', '--detach', device)
    },
  }
}

/** Is there such a command here? */
export const has = (command: string): boolean =>
  ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'].some((directory) =>
    existsSync(`${directory}/${command}`),
  )
