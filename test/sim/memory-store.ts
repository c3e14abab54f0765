import type { HistoryEntry, Store } from '../../src/daemon/ports.js'

/** What is put is there, also for the next daemon on the same machine. */
export function memoryStore(): Store {
  const values = new Map<string, string>()
  const history = new Map<string, HistoryEntry[]>()
  const put = (key: string, value: string | null): void => {
    if (value === null) values.delete(key)
    else values.set(key, value)
  }
  return {
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
}
