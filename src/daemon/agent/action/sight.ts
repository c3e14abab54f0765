import type { Look } from '../../../resources/look.js'
import type { Dated } from './foresight.js'
import type { View } from './view.js'

/**
 * What an action has seen since it last changed anything. The look that follows a resource's steps serves the resource that comes next,
 * too: nothing happens between the two, so the next one is looked at beside it and not after it.
 */
export class Sight {
  /** The resources that are acted upon next, one after the other, as far as they are looked at ahead. */
  next: readonly string[] = []
  /** The look that the action began with, and its monotonic milliseconds: it serves what is looked at beside the first command. */
  opening: Dated | null = null
  private newest: Look | null = null
  private readonly ahead = new Map<string, Promise<View>>()

  /** The look that was made last, as long as it holds. */
  get look(): Look | null {
    return this.newest
  }

  renew(look: Look): void {
    this.forget()
    this.newest = look
  }

  lookAhead(rid: string, view: Promise<View>): void {
    this.ahead.set(rid, view)
  }

  /** What was seen of a resource ahead of its turn; undefined where it was not looked at, or something has changed since. */
  seenAhead(rid: string): Promise<View> | undefined {
    return this.ahead.get(rid)
  }

  /** Something is about to change, or may have changed: nothing that was seen holds any more. */
  forget(): void {
    this.newest = null
    this.ahead.clear()
  }
}
