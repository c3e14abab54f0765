import type { HistoryEntry, Store } from '../../src/daemon/ports.js'
import { StoreFailure } from '../../src/daemon/store-failure.js'

export interface MemoryStore extends Store {
  /** A disk that is full: nothing more is written. */
  refuses: boolean
  /** It is again as it was then: a snapshot was restored, or the disk had lied about what it synced. */
  readonly rollBack: (toMs: number) => void
  /** When that entry was last written; null where it never was. */
  readonly writtenMs: (key: string) => number | null
  /** It was, at any time. */
  wasRolledBack: boolean
  /** It is not rolled back to before this moment. */
  readonly keep: () => void
}

interface Undo {
  readonly atMs: number
  readonly key?: string
  readonly undo: () => void
}

/** What is put is there, also for the next daemon on the same machine. */
export function memoryStore(nowMs: () => number = () => 0): MemoryStore {
  const values = new Map<string, string>()
  const history = new Map<string, HistoryEntry[]>()
  const undos: Undo[] = []
  const set = (key: string, value: string | null): void => {
    if (value === null) values.delete(key)
    else values.set(key, value)
  }
  const put = (key: string, value: string | null): void => {
    if (store.refuses) throw new StoreFailure({ code: 'UNAVAILABLE', message: 'the disk is full' }, false)
    const before = values.get(key) ?? null
    undos.push({ atMs: nowMs(), key, undo: () => set(key, before) })
    set(key, value)
  }
  const store: MemoryStore = {
    refuses: false,
    wasRolledBack: false,
    rollBack: (toMs) => {
      store.wasRolledBack = true
      for (let last = undos.at(-1); last !== undefined && last.atMs > toMs; last = undos.at(-1)) {
        last.undo()
        undos.pop()
      }
    },
    writtenMs: (key) => undos.findLast((one) => one.key === key)?.atMs ?? null,
    keep: () => void undos.splice(0),
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
    addHistory: (name, entry) => {
      const before = history.get(name) ?? []
      undos.push({ atMs: nowMs(), undo: () => void history.set(name, before) })
      history.set(name, [entry, ...before])
    },
    close: () => undefined,
  }
  return store
}
