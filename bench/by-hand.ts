// The same relocation by hand: a shell script with the commands that the agent runs, in the same order.
import { execa } from 'execa'
import type { NodePlan } from '../src/daemon/api/contract.js'
import { initOf } from '../test/lab/exec.js'
import { placeOf } from '../test/lab/place.js'
import type { Measured } from './services.js'
import type { Stage } from './stage.js'
import { COMMAND, type Told } from './switch-log.js'

/** A relocation, as the agent's dry run tells it, in shell. */
export interface Commands {
  /** Before anything stops: the container that holds the namespace, and the interface in it. */
  readonly prepare: string
  readonly stop: string
  readonly start: string
}

/** Lines of a plan that are no commands: the agent's own looks and waits. A script trusts exit codes instead. */
const NOT_TYPED = /^(wait for|checking) /

/** What the agent calls the container that the address goes to, where it cannot know more yet. */
const HOLDER = 'container#0'

/** The commands for `copy`, a service like `of`, from what the agent says that it would do with `of`. */
export async function commandsFor(stage: Stage, of: Measured, copy: Measured): Promise<Commands> {
  const { nodes } = await stage.plan(of.name, 'switch')
  const typed = (action: string): string =>
    planOf(nodes, action)
      .steps.flatMap(({ text }) => (NOT_TYPED.test(text) ? [] : [shell(text, of, copy)]))
      .join('\n')
  return { prepare: typed('prepare'), stop: typed('stop'), start: typed('start') }
}

const LVM = /^(vgchange|lvchange) /

/**
 * Without the commands of LVM that the agent's switch did without: a dry run cannot know that nothing is left to be activated or deactivated, and that
 * no other node's tag is left. `told` is a switch of `of` from one node to another.
 */
export function asRun(commands: Commands, told: Told, of: Measured, copy: Measured, way: Way): Commands {
  const ran = (node: string): ReadonlySet<string> =>
    new Set(
      told.lines.flatMap(({ who, text }) =>
        LVM.test(text) && who.startsWith(`${node}.`) ? [withoutNumber(shell(text, of, copy))] : [],
      ),
    )
  const only = (script: string, known: ReadonlySet<string>): string =>
    script
      .split('\n')
      .filter((line) => !LVM.test(line) || known.has(withoutNumber(line)))
      .join('\n')
  return {
    prepare: commands.prepare,
    stop: only(commands.stop, ran(way.from)),
    start: only(commands.start, ran(way.to)),
  }
}

/** Names of nodes. */
export interface Way {
  readonly from: string
  readonly to: string
}

/** Each start has its own, and a dry run knows none. */
const withoutNumber = (line: string): string =>
  line.replaceAll(/ --(?:add|del)tag byhand\.generation=\d+/g, '')

function planOf(nodes: readonly NodePlan[], action: string): NodePlan {
  const found = nodes.find((plan) => plan.action === action)
  if (found === undefined) throw new Error(`the dry run of a switch has no ${action}`)
  return found
}

function shell(text: string, of: Measured, copy: Measured): string {
  // a program that the service did not need before would need thought
  if (!COMMAND.test(text)) throw new Error(`no command that the script knows: ${text}`)
  const line = text
    .replaceAll("'", '"')
    .replaceAll(`<netns of ${HOLDER}>`, '$netns')
    .replaceAll(`<pid of ${HOLDER}>`, '${pid}')
    .replaceAll(of.disk, copy.disk)
    .replaceAll(of.address, copy.address)
    .replaceAll(new RegExp(`\\b${of.name}\\b`, 'g'), copy.name)
    // known to the engine, unknown to the agent
    .replaceAll('longshore.', 'byhand.')
  // neither the agent nor the script waits for the second and third announcement
  return line.includes(' arping -U ') ? `${line} &` : line
}

/** What both halves need to know of the container, asked before anything stops: `pid=227 netns=/var/run/docker/netns/d600f4f6f7da`. */
export const ASK = (name: string): string =>
  `docker inspect --format 'pid={{.State.Pid}} netns={{.NetworkSettings.SandboxKey}}' ${name}.container.0`

export interface ByHand {
  /** From nothing to up on a node. */
  first(on: number): Promise<void>
  relocate(from: number, to: number): Promise<void>
  stop(on: number): Promise<void>
}

export function byHand(stage: Stage, copy: Measured, commands: Commands): ByHand {
  const prepared = async (on: number): Promise<string> => {
    const [holder, ...inside] = commands.prepare.split('\n')
    await runIn(stage, on, `set -e\nmkdir -p /srv/${copy.name}\n${holder}`)
    await runIn(stage, on, `set -e\n${await settings(stage, on, copy)}\n${inside.join('\n')}`)
    return settings(stage, on, copy)
  }
  return {
    first: async (on) => {
      await stage.node(on).run(['mkfs.xfs', '-q', copy.disk])
      const known = await prepared(on)
      const mount = `mount -t xfs ${copy.disk} /srv/${copy.name}`
      const make = `mkdir -p /srv/${copy.name}/web /srv/${copy.name}/postgresql`
      const owned = `chown 999:999 /srv/${copy.name}/postgresql`
      await runIn(stage, on, `set -e\n${mount}\n${make}\n${owned}\numount /srv/${copy.name}`)
      await runIn(stage, on, `set -e\n${known}\n${commands.start}`)
    },
    relocate: async (from, to) => {
      const [source, destination] = await Promise.all([settings(stage, from, copy), prepared(to)])
      const halves = [
        await entering(stage, from, `set -e\n${source}\n${commands.stop}`),
        await entering(stage, to, `set -e\n${destination}\n${commands.start}`),
      ]
      await script(halves.join(' && '))
    },
    stop: async (on) => {
      await runIn(stage, on, `set -e\n${await settings(stage, on, copy)}\n${commands.stop}`)
    },
  }
}

const settings = async (stage: Stage, on: number, copy: Measured): Promise<string> =>
  (await stage.node(on).run(['sh', '-c', ASK(copy.name)])).trim()

const runIn = async (stage: Stage, on: number, text: string): Promise<void> =>
  script(await entering(stage, on, text))

/** One process into the node's namespaces, and the shell there: as little as a script can do with. */
async function entering(stage: Stage, on: number, text: string): Promise<string> {
  const init = await initOf(placeOf(stage.lab.name), on)
  if (init === undefined) throw new Error(`node${on} is down`)
  const enter = `nsenter --target ${init.pid} --mount --uts --ipc --net --pid --cgroup --`
  return `${enter} sh -c '${text.replaceAll("'", `'\\''`)}'`
}

async function script(text: string): Promise<void> {
  const ran = await execa('sh', ['-c', text], {
    reject: false,
    all: true,
    stdin: 'ignore',
    // the announcements go on behind it
    buffer: true,
    cwd: '/',
    extendEnv: false,
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
  })
  if (ran.exitCode !== 0) throw new Error(`the script by hand failed: ${ran.all}\n${text}`)
}
