import type { Action, Command, CommandArgument, CommandOption, Scope } from '../command.js'
import { configurationCommands } from './configuration.js'
import { LOGS, WAIT, YES } from './options.js'

const NODE_ARGUMENT: readonly CommandArgument[] = [{ flags: '[node]', help: 'default: this node' }]
const NODE: CommandOption = { flags: '--node <node>', help: 'which node (default: this one)' }
const TIME: CommandOption = { flags: '--time <duration>', help: 'give up after this long' }
const ADDRESS: CommandOption = {
  flags: '--address <addresses>',
  help: 'of this node, a heartbeat path each',
  repeat: 'commas',
}
const SECTIONS: CommandOption = {
  flags: '--sections <sections>',
  help: 'daemon, nodes, services',
  repeat: 'commas',
}

/** `om node …`, `om cluster …`, `om daemon …`, and what stands alone. */
export const otherCommands: readonly Command[] = [
  one(
    'node',
    'freeze',
    'keep the orchestrator away from a node',
    [NODE],
    async () => (await import('../actions/node.js')).nodeFreeze,
    NODE_ARGUMENT,
  ),
  one(
    'node',
    'thaw',
    'let the orchestrator act on a node again',
    [NODE],
    async () => (await import('../actions/node.js')).nodeThaw,
    NODE_ARGUMENT,
  ),
  one(
    'node',
    'drain',
    'freeze a node and move its services away',
    [NODE, ...WAIT],
    async () => (await import('../actions/drain.js')).nodeDrain,
    NODE_ARGUMENT,
  ),
  one(
    'node',
    'confirm-off',
    'say that a dead node is powered off: its services may start elsewhere, a change of votes waits for it no more',
    [NODE, YES],
    async () => (await import('../actions/node.js')).nodeConfirmOff,
    NODE_ARGUMENT,
  ),
  one(
    'node',
    'fence',
    'power a node off, by the program that stonith#NODE of the cluster names',
    [NODE, YES],
    async () => (await import('../actions/node.js')).nodeFence,
    NODE_ARGUMENT,
  ),
  one(
    'node',
    'print status',
    'state, load and instances of a node',
    [NODE],
    async () => (await import('../actions/node.js')).printNodeStatus,
    NODE_ARGUMENT,
  ),
  one(
    'node',
    'logs',
    'what happened on a node',
    LOGS,
    async () => (await import('../actions/logs.js')).nodeLogs,
  ),
  one(
    'node',
    'events',
    'everything that happens, as JSON, a line an event',
    [],
    async () => (await import('../actions/events.js')).nodeEvents,
  ),
  one(
    'node',
    'check',
    'are the tools and features that the drivers need there; 1 where one is missing',
    [NODE],
    async () => (await import('../actions/check.js')).nodeCheck,
    NODE_ARGUMENT,
  ),
  one(
    'cluster',
    'init',
    'make a cluster with this node as its first',
    [ADDRESS],
    async () => (await import('../actions/cluster.js')).init,
    [{ flags: '[name]', help: 'of the cluster (default: default)' }],
  ),
  one(
    'cluster',
    'token',
    'a token with which one node may join',
    [],
    async () => (await import('../actions/cluster.js')).token,
  ),
  one(
    'cluster',
    'join',
    'make this node a member',
    [ADDRESS, TIME],
    async () => (await import('../actions/cluster.js')).join,
    [{ flags: '<token>', help: "from 'om cluster token' on a member" }],
  ),
  one(
    'cluster',
    'leave',
    'end the membership of this node',
    [TIME],
    async () => (await import('../actions/cluster.js')).leave,
  ),
  one(
    'cluster',
    'status',
    'nodes and heartbeat paths',
    [],
    async () => (await import('../actions/mon.js')).clusterStatus,
  ),
  one(
    'cluster',
    'check',
    'how far this cluster is protected, and what is amiss; 1 where something is',
    [],
    async () => (await import('../actions/check.js')).clusterCheck,
  ),
  ...configurationCommands('cluster'),
  one(
    'daemon',
    'start',
    'start omd on this node',
    [{ flags: '--foreground', help: 'stay in front, as a service manager wants it' }, TIME],
    async () => (await import('../actions/daemon.js')).start,
  ),
  one(
    'daemon',
    'stop',
    'stop omd; services stay as they are',
    [TIME],
    async () => (await import('../actions/daemon.js')).stop,
  ),
  one(
    'daemon',
    'restart',
    'stop and start omd; services stay as they are',
    [TIME],
    async () => (await import('../actions/daemon.js')).restart,
  ),
  one('daemon', 'status', 'is omd running', [], async () => (await import('../actions/daemon.js')).status),
  one(
    'daemon',
    'shutdown',
    "move this node's services away, then stop omd",
    [TIME],
    async () => (await import('../actions/daemon.js')).shutdown,
  ),
  one(
    'alone',
    'mon',
    'the cluster at a glance (svcmon)',
    [
      { flags: '-w, --watch', help: 'repaint whenever something changes' },
      { flags: '-s, --service <selector>', help: 'only these services' },
      SECTIONS,
    ],
    async () => (await import('../actions/mon.js')).mon,
  ),
  one(
    'alone',
    'help',
    'commands, a command, or a configuration keyword (fs.mnt)',
    [],
    async () => (await import('../actions/help.js')).help,
    [{ flags: '[topic...]', help: 'what about' }],
  ),
]

function one(
  scope: Scope,
  words: string,
  help: string,
  options: readonly CommandOption[],
  load: () => Promise<Action>,
  positional: readonly CommandArgument[] = [],
): Command {
  return { scope, words, help, options, load, arguments: positional }
}
