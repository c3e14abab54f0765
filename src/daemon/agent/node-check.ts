import type { ClusterConfig } from '../../core/cluster.js'
import type { CheckAnswer, ToolCheck } from '../api/contract.js'
import type { Files } from '../ports.js'
import type { Tool } from '../../resources/driver.js'
import type { Node } from './action/view.js'

const versionLimitMs = 5000

/** Are the tools and kernel features on this node that drivers need, and what the cluster wants to protect itself with? */
export async function nodeCheck(node: Node, cluster: ClusterConfig): Promise<CheckAnswer> {
  const needed = new Map<string, { readonly tool: Tool; readonly by: string[] }>()
  const features: { name: string; present: boolean; sentence: string }[] = []
  for (const driver of node.registry.drivers) {
    for (const tool of driver.tools) {
      const entry = needed.get(tool.command) ?? { tool, by: [] }
      entry.by.push(`${driver.group}.${driver.type}`)
      needed.set(tool.command, entry)
    }
    for (const { name, probe, sentence } of driver.features ?? []) {
      if (!features.some((known) => known.name === name))
        features.push({ name, present: await probe(node.io), sentence })
    }
  }
  const entries = [...needed.values()].toSorted((a, b) => (a.tool.command < b.tool.command ? -1 : 1))
  const tools = await Promise.all(entries.map(({ tool, by }) => toolCheck(node, tool, by)))
  const own = [...(await watchdog(node, cluster)), ...(await fencingAgents(node, cluster))]
  return { node: node.name, tools, features: [...features, ...own] }
}

type Feature = CheckAnswer['features'][number]

async function watchdog({ io }: Node, cluster: ClusterConfig): Promise<readonly Feature[]> {
  if (!cluster.quorum || cluster.selfFence !== 'watchdog') return []
  const { device } = cluster.watchdog
  const sentence = await missingWatchdog(io.files, device)
  return [{ name: `watchdog ${device}`, present: sentence === null, sentence: sentence ?? '' }]
}

/** What to do where the device does not exist; null where it does. */
export async function missingWatchdog(files: Files, device: string): Promise<string | null> {
  if ((await files.stat(device)) !== null) return null
  return `${device} does not exist: load the module of this machine's watchdog (softdog where there is no hardware), or set node.watchdog_dev`
}

/** The programs that power the other nodes off. They are not asked for a version: without an action some power a node off. */
async function fencingAgents(node: Node, { nodes, fencing }: ClusterConfig): Promise<readonly Feature[]> {
  // A witness powers nobody off.
  if (!nodes.some(({ name }) => name === node.name)) return []
  const others = Object.keys(fencing).filter((name) => name !== node.name)
  const agents = [...new Set(others.flatMap((name) => fencing[name]?.agent ?? []))].toSorted()
  return Promise.all(
    agents.map(async (agent) => ({
      name: `fencing agent ${agent}`,
      present: (agent.includes('/') ? await program(node, agent) : await find(node, agent)) !== null,
      sentence: `${agent} is not on this node: install the package fence-agents`,
    })),
  )
}

async function toolCheck(node: Node, tool: Tool, neededBy: readonly string[]): Promise<ToolCheck> {
  const path = await find(node, tool.command)
  const version = path === null ? null : await versionOf(node, path)
  return { command: tool.command, package: tool.package, neededBy, path, version }
}

async function find(node: Node, command: string): Promise<string | null> {
  for (const directory of ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']) {
    const path = await program(node, `${directory}/${command}`)
    if (path !== null) return path
  }
  return null
}

async function program(node: Node, path: string): Promise<string | null> {
  const stat = await node.io.files.stat(path)
  return stat?.kind === 'file' && (stat.mode & 0o111) !== 0 ? path : null
}

/** What the tool says of itself: the first line with a digit, of `--version` or `-V`. */
async function versionOf(node: Node, path: string): Promise<string | null> {
  for (const option of ['--version', '-V']) {
    const result = await node.io.exec.run([path, option], { timeoutMs: versionLimitMs })
    if (result.outcome !== 'exited' || result.exit !== 0) continue
    const line = `${result.stdout}\n${result.stderr}`.split('\n').find((text) => /\d/.test(text))
    if (line !== undefined) return line.trim()
  }
  return null
}
