import { nearest } from '../core/nearest.js'

/** `; did you mean x?`, the names that there are where they are few, or nothing. Completes "… is unknown". */
export function suggestion(name: string, candidates: readonly string[]): string {
  const near = nearest(name, candidates)
  if (near !== null) return `; did you mean ${near}?`
  if (candidates.length === 0 || candidates.length > 12) return ''
  return `; known: ${candidates.join(', ')}`
}
