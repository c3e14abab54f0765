import { fileURLToPath } from 'node:url'

// Where this program's own files are. Beside this file, or beside the one that the build makes of all of the command line: both are as deep.

/** `package.json` of the package that this program is part of. */
export const packageFile = fileURLToPath(new URL('../../package.json', import.meta.url))

/** What the build wrote down about its native module; nothing is there where this program runs from its sources. */
export const nativeFile = new URL('../native.json', import.meta.url)

/** How the daemon is started: its program and arguments. What was compiled is executed itself: its first line says how Node runs it. */
export function daemonCommand(): readonly [string, readonly string[]] {
  if (!import.meta.url.endsWith('.ts'))
    return [fileURLToPath(new URL('../daemon/main.js', import.meta.url)), []]
  return [
    process.execPath,
    [...process.execArgv, fileURLToPath(new URL('../daemon/main.ts', import.meta.url))],
  ]
}
