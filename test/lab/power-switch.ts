// A fencing agent as those of the fence-agents project: what to do comes on its standard input. The power switch behind it is who runs the lab: it
// sees the wish, crashes the node and says that it did.
import type { LabNode } from './index.js'

export const AGENT = '/usr/local/sbin/fence_lab'

export const agent = `#!/bin/sh
read -r action
case $action in
action=off) echo off > /run/wish; n=0; while [ ! -e /run/is-off ] && [ $n -lt 200 ]; do sleep 0.05; n=$((n+1)); done; [ -e /run/is-off ];;
action=status) if [ -e /run/is-off ]; then exit 2; else exit 0; fi;;
esac
`

/** Puts a program in the agent's place on a node, with nobody off and nothing wished for. */
export async function installAgent(node: LabNode, text: string): Promise<void> {
  const write = `rm -f /run/wish /run/is-off; cat >${AGENT}; chmod +x ${AGENT}`
  await node.run(['sh', '-c', write], { input: text })
}

/** What the power switch says from now on: the other node is off. */
export const saysOff = (node: LabNode): Promise<string> => node.run(['touch', '/run/is-off'])
