import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import { systemClock } from '../../src/daemon/adapters/clock.js'
import { systemExec } from '../../src/daemon/adapters/exec.js'
import { systemFiles } from '../../src/daemon/adapters/files.js'
import { systemGuard } from '../../src/daemon/adapters/guard.js'
import type { Guard, GuardEvent, GuardTerms, Severing } from '../../src/daemon/ports.js'

// The real guard, compiled for the occasion. What resets the machine is a plain file here, always.

export const clock = systemClock()
export const exec = systemExec(clock)
const sources = join(import.meta.dirname, '../../guard')
const built = mkdtempSync(join(tmpdir(), 'lsu-guard-'))
export const program = join(built, 'longshore-guard')

/** Compiles the guard before the tests of a file. */
export function compileGuard(): void {
  beforeAll(async () => {
    // Files share this module, and each cleans up behind itself.
    mkdirSync(built, { recursive: true })
    const files = readdirSync(sources).filter((name) => name.endsWith('.c'))
    const options = ['-std=c11', '-O1', '-Wall', '-Wextra', '-Werror', '-o', program]
    const ran = await exec.run(['cc', ...options, ...files], { timeoutMs: 60_000, cwd: sources })
    expect(ran).toMatchObject({ exit: 0, stderr: '' })
  })
  afterAll(() => rmSync(built, { recursive: true }))
}

export interface Ground {
  readonly runDir: string
  readonly resetPath: string
  /** A daemon's guard adapter; each call is another daemon. `begins`: what it begins a guard with. */
  daemon(begins?: string): Promise<Guard>
  log(): string
  pid(): number | null
}

export function ground(): Ground {
  const runDir = mkdtempSync(join(tmpdir(), 'lsu-guard-'))
  const resetPath = join(runDir, 'reset')
  writeFileSync(resetPath, '')
  const log = (): string =>
    existsSync(`${runDir}/guard.log`) ? readFileSync(`${runDir}/guard.log`, 'utf8') : ''
  const daemons: Guard[] = []
  const pid = (): number | null => guardOf(runDir)
  onTestFinished(async () => {
    for (const guard of daemons) guard.dismiss()
    await until(() => pid() === null).catch(() => undefined)
    const left = pid()
    if (left !== null) process.kill(left, 'SIGKILL')
    rmSync(runDir, { recursive: true, force: true })
  })
  return {
    runDir,
    resetPath,
    log,
    pid,
    async daemon(begins = program) {
      const ports = { clock, exec, files: systemFiles(), runDir, resetPath }
      const guard = await systemGuard({ ...ports, program: begins })
      if (guard === null) throw new Error('there is no guard')
      daemons.push(guard)
      return guard
    },
  }
}

/** The guard of a directory, by its command line. */
function guardOf(runDir: string): number | null {
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    try {
      if (readFileSync(`/proc/${name}/cmdline`, 'utf8').startsWith(`${program}\0--dir\0${runDir}\0`))
        return Number(name)
    } catch {
      // It has ended meanwhile.
    }
  }
  return null
}

export async function until(ask: () => boolean, limitMs = 30_000): Promise<void> {
  const endMs = clock.nowMs() + limitMs
  while (!ask()) {
    if (clock.nowMs() > endMs) throw new Error(`not within ${limitMs} ms: ${String(ask)}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** How long a guard may take to answer, on a machine that is busy otherwise. */
export const heldMs = 20_000

export const terms: GuardTerms = { stopMaxMs: 1000, selfFence: 'stop', watchdog: null }

/** A process that the guard can find; `tough` ones leave another behind. */
export function victim(): { readonly how: Severing; readonly lives: () => boolean } {
  const entry = `LSU_GUARD=${randomUUID()}`
  const [name = '', value = ''] = entry.split('=')
  const child = spawn('sleep', ['60'], { env: { ...process.env, [name]: value }, stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  return { how: ['@kill', entry], lives: () => child.exitCode === null && child.signalCode === null }
}

export async function watching(
  on: Ground,
  more: Partial<GuardTerms> = {},
): Promise<{ guard: Guard; events: GuardEvent[] }> {
  const guard = await on.daemon()
  const events: GuardEvent[] = []
  guard.onEvent((event) => events.push(event))
  guard.watch({ ...terms, ...more })
  return { guard, events }
}
