#!/usr/bin/env -S node --expose-gc --max-semi-space-size=2 --single-threaded
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { builtinDrivers, registryOf } from '../resources/registry.js'
import { driverSections } from '../resources/sections.js'
import { misfit, nativeBuild } from '../native.js'
import { schemaOf } from '../spec/schema.js'
import { systemClock } from './adapters/clock.js'
import { engineSocket } from './adapters/engine-socket.js'
import { systemFailure } from './adapters/errno.js'
import { systemExec } from './adapters/exec.js'
import { endLeftovers, execRecord } from './adapters/exec-record.js'
import { systemFiles } from './adapters/files.js'
import { systemGuard, type GuardPorts } from './adapters/guard.js'
import { serveUnix } from './adapters/http-unix.js'
import { winstonLog } from './adapters/log-winston.js'
import { systemLoopDelay } from './adapters/loop-delay.js'
import { returnMemory } from './adapters/memory-v8.js'
import { systemdNotify } from './adapters/notify-systemd.js'
import { takePrecedence } from './adapters/priority.js'
import { systemRng } from './adapters/rng.js'
import { portFree } from './adapters/port-free.js'
import { systemSys } from './adapters/sys-proc.js'
import { Omd } from './omd.js'
import type { Clock, Guard, Notify, Rng } from './ports.js'
import { pulseLines } from './pulse-lines.js'
import { tlsDoors } from './tls-door.js'

// What V8 does on threads of its own costs an idle daemon a tenth of its time of a processor and some megabytes: `--single-threaded`.

// The composition root: builds the adapters, starts the daemon. Nothing else builds an adapter.

/** A stop that does not come to its end is ended after this long: longer than the farewell with any profile. */
const stopLimitMs = 30_000

async function main(): Promise<void> {
  const unfit = misfit(nativeBuild(new URL('../native.json', import.meta.url)), process.versions)
  if (unfit !== null) throw new Error(unfit)
  // Not before it is known that it can be loaded.
  const { openStore } = await import('./adapters/store-sqlite.js')
  takePrecedence()
  const witness = witnessOf(process.argv.slice(2))
  const { etcDir, varDir, runDir } = directoriesOf(witness)
  const clock = systemClock()
  const rng = systemRng()
  const commands = `${runDir}/commands`
  // Refused where a daemon runs already: its commands are no leftovers.
  const store = openStore(varDir)
  for (const words of endLeftovers(commands))
    process.stderr.write(`omd: ended what the daemon before this one had left running: ${words}\n`)
  const exec = systemExec(clock, execRecord(commands, clock))
  const files = systemFiles()
  const level = process.env['LONGSHORE_LOG_LEVEL'] === 'debug' ? 'debug' : 'info'
  const log = winstonLog({ format: process.env['LONGSHORE_LOG_FORMAT'] === 'json' ? 'json' : 'plain', level })
  const sys = await systemSys(files, rng, varDir)
  if (!sys.ok) throw new Error(sys.error.message)
  const complain = (sentence: string): void => void process.stderr.write(`omd: ${sentence}\n`)
  const notify = systemdNotify({ exec, clock, env: process.env, pid: process.pid, complain })
  const guard = witness === null ? await guardOf({ clock, exec, files, runDir }) : null
  const common = {
    clock,
    rng,
    exec,
    files,
    store,
    log,
    sys: sys.value,
    notify,
    etcDir,
    varDir,
    runDir,
  }
  const omd = new Omd(
    {
      ...common,
      registry: registryOf(builtinDrivers),
      schema: schemaOf(driverSections),
      engine: engineSocket(process.env['DOCKER_HOST']),
      ...surroundings({ clock, rng }),
      guard: guard ?? undefined,
      witness: witness !== null,
    },
    () => process.exit(0),
  )
  const began = await omd.begin()
  if (!began.ok) throw new Error(began.error.message)
  const unix = await serveUnix(`${runDir}/api.sock`, (request, caller) => omd.api.fetch(request, { caller }))
  if (!unix.ok) throw new Error(unix.error.message)
  serveUntilSignal(omd, notify)
  returnMemory(clock)
}

/** Made where they are missing. A witness has its own below those of a node, so that one machine can vote in several clusters. */
function directoriesOf(witness: string | null) {
  const root = process.env['LONGSHORE_ROOT'] ?? ''
  const below = witness === null ? '' : `/witness/${witness}`
  const [etcDir, varDir, runDir] = [
    `${root}/etc/longshore${below}`,
    `${root}/var/lib/longshore${below}`,
    `${root}/run/longshore${below}`,
  ]
  for (const directory of [`${etcDir}/services.d`, varDir, runDir]) makeDirectory(directory)
  return { etcDir, varDir, runDir }
}

function serveUntilSignal(omd: Omd, notify: Notify): void {
  notify.ready()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      const told = notify.stopping()
      setTimeout(() => process.exit(1), stopLimitMs).unref()
      void Promise.all([omd.close(), told]).then(() => process.exit(0))
    })
  }
}

/** What reaches beyond this process, which version it is, and how late. */
function surroundings(ports: { readonly clock: Clock; readonly rng: Rng }) {
  return {
    version: versionOfPackage(),
    openTls: tlsDoors(ports),
    openPulses: pulseLines(ports),
    portFree,
    loopDelay: systemLoopDelay(),
  }
}

/** `LONGSHORE_RESET_FILE` stands for what resets the machine, where the node is only part of one. */
function guardOf(o: Omit<GuardPorts, 'program' | 'resetPath'>): Promise<Guard | null> {
  const program = fileURLToPath(new URL('../guard/longshore-guard', import.meta.url))
  const resetPath = process.env['LONGSHORE_RESET_FILE'] ?? '/proc/sysrq-trigger'
  return systemGuard({ ...o, program, resetPath })
}

/** `--witness NAME`: the daemon votes in one cluster and runs nothing; it keeps its files below that name. */
function witnessOf(words: readonly string[]): string | null {
  if (words.length === 0) return null
  const [option, name = ''] = words
  if (option === '--witness' && words.length === 2 && /^[a-z0-9][a-z0-9.-]{0,62}$/.test(name)) return name
  throw new Error('it takes no arguments, or --witness NAME, with the name of the cluster that it votes in')
}

/** Node's own recursive variant answers ENOENT on a read-only filesystem. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return
  makeDirectory(dirname(path))
  try {
    mkdirSync(path, { mode: 0o755 })
  } catch (error) {
    const { message } = systemFailure(`the directory ${path} cannot be made`, error)
    throw new Error(message, { cause: error })
  }
}

function versionOfPackage(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { readonly version: string }).version
}

main().catch((error: unknown) => {
  process.stderr.write(`omd: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
