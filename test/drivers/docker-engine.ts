import { cpSync, mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync } from 'node:fs'
import { spawn, type ChildProcess } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { engineSocket } from '../../src/daemon/adapters/engine-socket.js'
import type { DriverPorts } from '../../src/resources/driver.js'
import type { Resource, Value } from '../../src/core/service.js'
import { must } from '../../src/core/invariant.js'
import { resource } from './sample.js'

/** An engine of its own for one test file, with two images; nothing of it is reachable from the network. */
export interface DockerEngine {
  /** The ports with which this engine is asked. */
  readonly io: DriverPorts
  end(): Promise<void>
}

export const IMAGE = 'lsu/shell'

/** The same name as `IMAGE`, another image. */
export const OTHER_IMAGE = 'lsu/shell:other'

/** A container resource of that image, with the defaults of its keywords. */
export const container = (rid: string, keywords: Readonly<Record<string, Value>> = {}): Resource =>
  resource(rid, 'docker', {
    name: `db1.${rid.replace('#', '.')}`,
    image: IMAGE,
    image_pull_policy: 'once',
    detach: true,
    rm: true,
    netns: 'none',
    stop_timeout: 1_000,
    start_timeout: 5_000,
    pull_timeout: 10_000,
    ...keywords,
  })

const READY_TRIES = 150
const READY_POLL_MS = 100

/** The engine's socket is set as `DOCKER_HOST` of this process, which is how every docker command of the drivers finds it. */
export async function startDocker(io: DriverPorts): Promise<DockerEngine> {
  const root = mkdtempSync(join(tmpdir(), 'lsu-docker-'))
  const host = `unix://${root}/docker.sock`
  const engine = spawnEngine(root, host)
  process.env['DOCKER_HOST'] = host
  const end = (): Promise<void> => endDocker(io, engine, root)
  try {
    await ready(io)
    await importImages(io, root)
  } catch (error) {
    await end()
    throw error
  }
  return { io: { ...io, engine: engineSocket(host) }, end }
}

function spawnEngine(root: string, host: string): ChildProcess {
  const log = openSync(join(root, 'dockerd.log'), 'w')
  const places = ['--data-root', `${root}/data`, '--exec-root', `${root}/exec`, '--pidfile', `${root}/pid`]
  const quiet = ['--bridge=none', '--iptables=false', '--ip6tables=false']
  return spawn('dockerd', [...quiet, '-H', host, ...places], { stdio: ['ignore', log, log] })
}

async function ready(io: DriverPorts): Promise<void> {
  for (let tries = 0; tries < READY_TRIES; tries += 1) {
    if ((await io.exec.run(['docker', 'version', '--format', '{{json .}}'], { timeoutMs: 5_000 })).exit === 0)
      return
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS))
  }
  throw new Error('dockerd did not begin to answer')
}

async function importImages(io: DriverPorts, root: string): Promise<void> {
  const files = join(root, 'image')
  mkdirSync(join(files, 'bin'), { recursive: true })
  mkdirSync(join(files, 'tmp'))
  cpSync('/bin/busybox', join(files, 'bin/busybox'))
  for (const name of ['sh', 'sleep', 'cat', 'id', 'echo', 'touch'])
    symlinkSync('busybox', join(files, 'bin', name))
  const tar = join(root, 'image.tar')
  await run(io, ['tar', '-C', files, '-cf', tar, '.'])
  await run(io, [
    'docker',
    'import',
    '--change',
    'CMD ["sh","-c","trap \'exit 0\' TERM; while :; do sleep 1 & wait; done"]',
    tar,
    `${IMAGE}:latest`,
  ])
  await run(io, ['docker', 'import', tar, OTHER_IMAGE])
}

/** A command that must work. */
export async function run(io: DriverPorts, argv: readonly string[]): Promise<string> {
  const result = await io.exec.run(argv, { timeoutMs: 60_000 })
  must(result.exit === 0, `${argv.join(' ')}: ${result.outcome} ${result.exit} ${result.stderr}`)
  return result.stdout
}

async function endDocker(io: DriverPorts, engine: ChildProcess, root: string): Promise<void> {
  const left = await io.exec.run(['docker', 'ps', '-aq'], { timeoutMs: 10_000 })
  const ids = left.stdout.split('\n').filter((id) => id !== '')
  if (ids.length > 0) await io.exec.run(['docker', 'rm', '--force', ...ids], { timeoutMs: 60_000 })
  const ended = new Promise<void>((resolve) => void engine.once('exit', () => resolve()))
  if (engine.exitCode === null && engine.signalCode === null) {
    engine.kill('SIGTERM')
    await ended
  }
  delete process.env['DOCKER_HOST']
  rmSync(root, { recursive: true, force: true, maxRetries: 5 })
}
