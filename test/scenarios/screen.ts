// What a screen or a log says, without what differs from run to run.

const VARYING: readonly (readonly [RegExp, string])[] = [
  [/^\d\d:\d\d:\d\d,\d{3}/gm, 'HH:MM:SS,mmm'],
  [/\b[0-9a-f]{64}\b/g, '<container id>'],
  [/\/netns\/[0-9a-f]{12}\b/g, '/netns/<id>'],
  [/\bph\d+eth0\b/g, 'ph<pid>eth0'],
  [/ netns \d+ /g, ' netns <pid> '],
  [/\/dev\/loop\d+/g, '/dev/loop<n>'],
  [/\(\d+(\.\d+)? m?s\)/g, '(<time>)'],
]

export function steady(text: string): string {
  return VARYING.reduce((all, [pattern, word]) => all.replaceAll(pattern, word), text)
}

/** A log, node by node: between two nodes the order of lines that do not wait for each other may differ from run to run. */
export function byNode(lines: readonly string[]): string {
  const nodes = [...new Set(lines.map(nodeOf))].toSorted()
  return nodes.flatMap((node) => lines.filter((line) => nodeOf(line) === node)).join('\n')
}

const nodeOf = (line: string): string => /^\S+ ([^.\s]+)/.exec(line)?.[1] ?? ''
