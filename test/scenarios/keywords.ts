// Services that leave a trace of what is done to them, for scenarios about keywords.
import { expect } from 'vitest'
import { openCluster, type Cluster } from './cluster.js'
import { until } from './failure.js'

export type Section = Readonly<Record<string, string>>

export interface Playground extends Cluster {
  /** Deploys a service; with words of its own where it is not to be up in the end. */
  deploy(name: string, configuration: Readonly<Record<string, Section>>): Promise<void>
  create(name: string, configuration: Readonly<Record<string, Section>>): Promise<void>
  purge(...names: readonly string[]): Promise<void>
  /** What programs and triggers on a node have written since the last time this was asked. */
  trace(node: number): Promise<readonly string[]>
  /** Makes a program's action fail on a node, and work again. */
  breaks(node: number, program: string, action: 'start' | 'stop'): Promise<void>
  mends(node: number, program: string, action: 'start' | 'stop'): Promise<void>
  /** A program ends by itself. */
  dies(node: number, program: string): Promise<void>
  /** Status of each resource of an instance, by rid; that of the implicit sync apart. */
  resources(service: string, node: number): Promise<Readonly<Record<string, string>>>
  /** Waits until availability or, where it is not idle, monitor state of the instances are these. */
  settles(service: string, states: readonly string[]): Promise<void>
  /** Waits until the service's log has it. */
  logs(service: string, what: string | RegExp): Promise<void>
}

/** Up while a file is there; each start and stop leaves a line. */
const PROGRAM = `#!/bin/sh
flag=/run/program-$1
[ "$2" = check ] && { test -e $flag; exit; }
[ -e /var/tmp/broken-$1-$2 ] && { echo "$1 will not $2" >&2; exit 3; }
echo "$1 $2" >>/var/tmp/trace
case $2 in start) touch $flag ;; stop) rm -f $flag ;; esac
`

const NOTE = `#!/bin/sh
echo "$*" >>/var/tmp/trace
`

/** Succeeds only where the other one is there at the same time. */
const MEET = `#!/bin/sh
touch /run/meet-$1
for i in $(seq 30); do [ -e /run/meet-$2 ] && exit; sleep 0.1; done
echo "$2 did not come" >&2; exit 1
`

export const program = (name: string, more: Section = {}): Section => ({
  type: 'forking',
  start: `program ${name} start`,
  stop: `program ${name} stop`,
  check: `program ${name} check`,
  ...more,
})

export const flag = (more: Section = {}): Section => ({ type: 'flag', ...more })

/** Two nodes with the programs on them, that look at everything each second. */
export async function openPlayground(name: string): Promise<Playground> {
  const c = await openCluster({ name, nodes: 2, containers: false })
  for (const node of c.lab.nodes) {
    for (const [file, text] of [
      ['program', PROGRAM],
      ['note', NOTE],
      ['meet', MEET],
    ] as const)
      await node.run(['sh', '-c', `cat >/usr/local/bin/${file}; chmod 755 /usr/local/bin/${file}`], {
        input: text,
      })
  }
  const quick = ['node.status_interval=1s', 'heartbeat.interval=250ms', 'heartbeat.timeout=2500ms']
  await c.done(1, `om cluster set ${quick.map((kw) => `--kw ${kw}`).join(' ')}`)
  return { ...c, ...acts(c), ...looks(c) }
}

function acts(c: Cluster): Pick<Playground, 'deploy' | 'create' | 'purge' | 'breaks' | 'mends' | 'dies'> {
  const make =
    (how: string) =>
    async (name: string, configuration: Readonly<Record<string, Section>>): Promise<void> =>
      void (await c.done(1, `om ${name} ${how}`, { input: JSON.stringify(configuration) }))
  return {
    deploy: make('deploy --config=- --wait'),
    create: make('create --config=-'),
    purge: async (...names) => {
      for (const name of names) await c.done(1, `om ${name} purge --yes --wait`)
    },
    breaks: async (node, name, action) =>
      void (await c.done(node, `touch /var/tmp/broken-${name}-${action}`)),
    mends: async (node, name, action) => void (await c.done(node, `rm /var/tmp/broken-${name}-${action}`)),
    dies: async (node, name) => void (await c.done(node, `rm /run/program-${name}`)),
  }
}

function looks(c: Cluster): Pick<Playground, 'trace' | 'resources' | 'settles' | 'logs'> {
  return {
    trace: async (node) => {
      const text = await c.done(node, 'touch /var/tmp/trace; cat /var/tmp/trace; : >/var/tmp/trace')
      return text.split('\n').filter((line) => line !== '')
    },
    resources: async (service, node) => {
      const { instances } = await c.status(service, node)
      const own = instances.find((instance) => instance.node === `node${node}`)?.instance
      const known = Object.entries(own?.resources ?? {}).filter(([rid]) => rid !== 'sync#i0')
      return Object.fromEntries(known.map(([rid, { status }]) => [rid, status]))
    },
    settles: (service, states) =>
      until(`${service} is ${states.join(', ')}`, async () => {
        const { instances } = await c.status(service)
        const seen = instances.map(({ instance }) =>
          instance === null ? 'unknown' : instance.monitor === 'idle' ? instance.avail : instance.monitor,
        )
        if (seen.join() !== states.join()) throw new Error(`it is ${seen.join(', ')}`)
        return true
      }),
    logs: (service, what) =>
      until(`the log of ${service} has ${String(what)}`, async () => {
        const text = (await c.log(service)).join('\n')
        if (typeof what === 'string') expect(text).toContain(what)
        else expect(text).toMatch(what)
        return true
      }),
  }
}
