import type { PeerLinkEvents, PeerPath } from '../ports.js'
import type { Connection } from './peers-connection.js'

export type Paths = ReturnType<typeof livePaths>

/** Paths that are up, each with its one connection. */
export function livePaths(events: PeerLinkEvents) {
  const live = new Map<string, { readonly path: PeerPath; readonly made: Connection }>()

  function down(made: Connection, why: string): boolean {
    const found = [...live.values()].find((each) => each.made === made)
    if (found === undefined) return false
    live.delete(found.path.id)
    events.onDown(found.path, why)
    return true
  }

  function up(path: PeerPath, made: Connection, protocol: number): void {
    // The peer dialled anew before this side saw the old connection end.
    live.get(path.id)?.made.end('it was connected anew')
    live.set(path.id, { path, made })
    events.onUp(path, protocol)
  }

  function text(id: string, message: string): void {
    const found = live.get(id)
    if (found !== undefined) events.onMessage(found.path, message)
  }

  return { up, down, text, find: (id: string) => live.get(id)?.made }
}

export type Complaints = ReturnType<typeof onceEach>

/** Says a thing once, until it changes or is forgotten. */
export function onceEach(say: (sentence: string) => void) {
  const said = new Map<string, string>()
  return {
    say: (key: string, sentence: string): void => {
      if (said.get(key) === sentence) return
      said.set(key, sentence)
      say(sentence)
    },
    forget: (key: string): void => void said.delete(key),
  }
}
