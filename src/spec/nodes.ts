/** Nodes that words stand for, in the order of the words: names, and shell patterns with `*`, `?` and `[…]`. */
export function nodesOf(words: readonly string[], clusterNodes: readonly string[]): NodeWords {
  const nodes = new Set<string>()
  const unknown: string[] = []
  for (const word of words) {
    const matching = clusterNodes.filter(matcher(word))
    for (const node of matching) nodes.add(node)
    if (matching.length === 0) unknown.push(word)
  }
  return { nodes: [...nodes], unknown }
}

export interface NodeWords {
  readonly nodes: readonly string[]
  /** Words that no node of the cluster answers to. */
  readonly unknown: readonly string[]
}

function matcher(word: string): (node: string) => boolean {
  if (!/[*?[]/.test(word)) return (node) => node === word
  const source = word
    .replaceAll(/[.+^${}()|\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
    .replaceAll('[!', '[^')
  try {
    const pattern = new RegExp(`^${source}$`)
    return (node) => pattern.test(node)
  } catch {
    return () => false
  }
}
