import type { Ailment } from './work.js'

/** What is wrong with a service on a machine, by `service@node`, and until when a stop there hung. */
export class Ailments extends Map<string, Ailment> {
  private readonly ended = new Map<string, number>()

  constructor(private readonly nowMs: () => number) {
    super()
  }

  /** When it last hung, which may be now; negative infinity where it never did. */
  hungMs(at: string): number {
    return this.get(at) === 'stop' ? this.nowMs() : (this.ended.get(at) ?? Number.NEGATIVE_INFINITY)
  }

  override set(at: string, ailment: Ailment): this {
    this.note(at)
    return super.set(at, ailment)
  }

  override delete(at: string): boolean {
    this.note(at)
    return super.delete(at)
  }

  override clear(): void {
    for (const at of this.keys()) this.note(at)
    super.clear()
  }

  private note(at: string): void {
    if (this.get(at) === 'stop') this.ended.set(at, this.nowMs())
  }
}
