import type { RegisterEntry } from '../../core/register.js'
import { configVersion } from '../../spec/service.js'
import type { HistoryEntry, Store } from '../ports.js'

export type ConfigEntry = Extract<RegisterEntry, { kind: 'config' | 'cluster' }>

/** A version has come into force on this node: it is in the history from now on. */
export function addToHistory(store: Store, entry: ConfigEntry): void {
  store.addHistory(historyOf(entry), asHistory(entry))
}

/** As a daemon begins: the one before may have died with a version in force that it had not come to write there, or the node has just been let in with one. */
export function completeHistory(store: Store, entry: ConfigEntry): void {
  const [newest] = store.history(historyOf(entry))
  const { version, wallMs, node } = asHistory(entry)
  if (newest?.version === version && newest.wallMs === wallMs && newest.node === node) return
  addToHistory(store, entry)
}

/** Of the store. */
export const historyOf = ({ kind, name }: Pick<ConfigEntry, 'kind' | 'name'>): string => `${kind}/${name}`

export function asHistory({ value, stamp }: ConfigEntry): HistoryEntry {
  const { text, author } = value
  const { wallMs, node } = stamp
  return { version: text === null ? 'deleted' : configVersion(text), wallMs, author, node, text }
}
