import type { ClusterConfig } from '../../core/cluster.js'
import type { CheckAnswer, ToolCheck } from '../api/contract.js'
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
  return { node: node.name, tools, features: [...features, ...(await watchdog(node, cluster))] }
}

async function watchdog(node: Node, cluster: ClusterConfig): Promise<CheckAnswer['features']> {
  if (!cluster.quorum || cluster.selfFence !== 'watchdog') return []
  const { device } = cluster.watchdog
  const sentence = `${device} does not exist: load the module of this machine's watchdog (softdog where there is no hardware), or set node.watchdog_dev`
  return [{ name: `watchdog ${device}`, present: (await node.io.files.stat(device)) !== null, sentence }]
}

async function toolCheck(node: Node, tool: Tool, neededBy: readonly string[]): Promise<ToolCheck> {
  const path = await find(node, tool.command)
  const version = path === null ? null : await versionOf(node, path)
  return { command: tool.command, package: tool.package, neededBy, path, version }
}

async function find(node: Node, command: string): Promise<string | null> {
  for (const directory of ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']) {
    const path = `${directory}/${command}`
    const stat = await node.io.files.stat(path)
    if (stat?.kind === 'file' && (stat.mode & 0o111) !== 0) return path
  }
  return null
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
