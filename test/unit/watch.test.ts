import { describe, expect, it } from 'vitest'
import { keepFollowing } from '../../src/daemon/agent/watch/keep-following.js'
import type { Clock, Exec } from '../../src/daemon/ports.js'

/** A clock that stands still until it is told to go on, and children that end when the test says so. */
class Stage {
  private now = 0
  private timers: { atMs: number; callback: () => void }[] = []
  private line: () => void = () => undefined
  private end: () => void = () => undefined
  private running = false
  private broken = false
  readonly told: string[] = []

  readonly clock: Clock = {
    nowMs: () => this.now,
    wallMs: () => this.now,
    at: (atMs, callback) => {
      const timer = { atMs, callback }
      this.timers.push(timer)
      return () => void (this.timers = this.timers.filter((other) => other !== timer))
    },
  }

  readonly exec: Pick<Exec, 'follow'> = {
    follow: (argv, onLine, onEnd) => {
      this.tell('begins')
      this.running = true
      this.line = () => onLine('something')
      this.end = () => onEnd({ argv, outcome: 'exited', exit: 1, stdout: '', stderr: '', durationMs: 0 })
      return () => this.tell('is ended')
    },
  }

  /** Until then, whatever is due happens in order. */
  until(atMs: number): void {
    for (;;) {
      const due = this.timers.filter((timer) => timer.atMs <= atMs).sort((a, b) => a.atMs - b.atMs)[0]
      if (due === undefined) break
      this.timers = this.timers.filter((timer) => timer !== due)
      this.now = due.atMs
      due.callback()
      if (this.broken && this.running) this.ends()
    }
    this.now = atMs
  }

  says(): void {
    this.line()
  }

  ends(): void {
    this.running = false
    this.end()
  }

  /** This child and all later ones. */
  breaksAtOnce(): void {
    this.broken = true
    this.ends()
  }

  tell(what: string): void {
    this.told.push(`${this.now} ${what}`)
  }
}

function staged(): { readonly stage: Stage; readonly cancel: () => void } {
  const stage = new Stage()
  const { clock } = stage
  const exec = { ...stage.exec } as Exec
  const cancel = keepFollowing({
    exec,
    clock,
    argv: ['docker', 'events'],
    onChange: () => stage.tell('change'),
  })
  return { stage, cancel }
}

describe('an event stream', () => {
  it('tells of each line, and of nothing else', () => {
    const { stage } = staged()
    stage.says()
    stage.until(5_000)
    stage.says()
    expect(stage.told).toEqual(['0 begins', '0 change', '5000 change'])
  })

  it('that never works is tried ever more slowly, and tells nothing', () => {
    const { stage } = staged()
    stage.breaksAtOnce()
    stage.until(200_000)
    const begins = [0, 1, 3, 7, 15, 31, 63, 123, 183].map((seconds) => `${seconds * 1000} begins`)
    expect(stage.told).toEqual(begins)
  })

  it('that broke tells so, and tells again once it is back for good', () => {
    const { stage } = staged()
    stage.until(10_000)
    stage.ends()
    stage.until(11_500)
    stage.ends()
    stage.until(30_000)
    expect(stage.told).toEqual(['0 begins', '10000 change', '11000 begins', '13500 begins', '15500 change'])
  })

  it('that comes up late, as that of an engine started after the agent, is a change', () => {
    const { stage } = staged()
    stage.ends()
    stage.until(60_000)
    expect(stage.told).toEqual(['0 begins', '1000 begins', '3000 change'])
  })

  it('is over once cancelled', () => {
    const { stage, cancel } = staged()
    cancel()
    stage.says()
    stage.ends()
    stage.until(600_000)
    expect(stage.told).toEqual(['0 begins', '0 is ended'])
  })
})
