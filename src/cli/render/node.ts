import type { InstanceStatus, NodeStatus } from '../../daemon/api/contract.js'
import type { Paint } from './paint.js'
import { statusStyle } from './print-status.js'
import { memory, nodeState } from './svcmon-nodes.js'
import { tree } from './tree.js'

/** The tree of `om node print status`: the node, and its instances. */
export function nodeLines(
  node: NodeStatus,
  instances: readonly { readonly service: string; readonly instance: InstanceStatus }[],
  nowWallMs: number,
  paint: Paint,
): readonly string[] {
  const load =
    node.load === null || !node.reachable
      ? []
      : [`load ${node.load.load15m.toFixed(1)}`, `mem ${memory(node.load)}`]
  const facts = [nodeState(node, nowWallMs, paint), ...load, ...(node.version === null ? [] : [node.version])]
  const children = instances.map(({ service, instance }) => {
    const avail = instance.reachable ? (instance.instance?.avail ?? 'undef') : 'undef'
    const marks = [
      ...(instance.frozen ? [paint('frozen', 'frozen')] : []),
      ...(instance.instance === null ? [] : [instance.instance.monitor]),
    ]
    return { name: service, columns: [paint(statusStyle(avail), avail), marks.join(', ')] }
  })
  return tree(
    {
      name: paint('title', node.name),
      columns: ['', facts.join(', ')],
      children: [{ name: 'instances', columns: [], children }],
    },
    { columnWidths: [10], nameWidth: 14, terminalColumns: null },
  )
}
