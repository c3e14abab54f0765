import type { HistoryEntry, Store } from '../../src/daemon/ports.js'
import { StoreFailure } from '../../src/daemon/store-failure.js'

export interface MemoryStore extends Store {
  /** A disk that is full: nothing more is written. */
  refuses: boolean
}

/** What is put is there, also for the next daemon on the same machine. */
export function memoryStore(): MemoryStore {
  const values = new Map<string, string>()
  const history = new Map<string, HistoryEntry[]>()
  const put = (key: string, value: string | null): void => {
    if (store.refuses) throw new StoreFailure({ code: 'UNAVAILABLE', message: 'the disk is full' }, false)
    if (value === null) values.delete(key)
    else values.set(key, value)
  }
  const store: MemoryStore = {
    refuses: false,
    get: (key) => values.get(key) ?? null,
    put: (key, value) => put(key, value),
    putAll: (entries) => {
      for (const { key, value } of entries) put(key, value)
    },
    list: (prefix) =>
      [...values.entries()]
        .filter(([key]) => key.startsWith(prefix))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => ({ key, value })),
    appendLog: () => undefined,
    queryLog: () => [],
    trimLog: () => undefined,
    history: (name) => history.get(name) ?? [],
    addHistory: (name, entry) => void history.set(name, [entry, ...(history.get(name) ?? [])]),
    close: () => undefined,
  }
  return store
}
