import { describe, expect, it } from 'vitest'
import { keepFollowing } from '../../src/daemon/agent/watch/keep-following.js'
import { STREAMS } from '../../src/daemon/agent/watch/streams.js'
import { NodeWatch } from '../../src/daemon/agent/watch/watch-node.js'
import type { Resource } from '../../src/core/service.js'
import type { World } from '../../src/core/world.js'
import type { Clock, Exec } from '../../src/daemon/ports.js'
import { builtinDrivers, registryOf } from '../../src/resources/registry.js'
import { resource, service } from '../drivers/sample.js'

/** A clock that stands still until it is told to go on, and children that end when the test says so. */
class Stage {
  private now = 0
  private timers: { atMs: number; callback: () => void }[] = []
  private line: (text: string) => void = () => undefined
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
      this.line = onLine
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

  says(text = 'something'): void {
    this.line(text)
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

describe('the node’s streams', () => {
  const worldOf = (...resources: readonly Resource[]): World =>
    ({ services: { db1: { service: service(resources) } } }) as unknown as World
  const nothing = worldOf()

  function watched(): { readonly watch: NodeWatch; readonly begun: string[] } {
    const { stage } = staged()
    const begun: string[] = []
    const follow: Exec['follow'] = (argv) => {
      begun.push(argv.slice(4).join(' '))
      return () => undefined
    }
    const exec = { ...stage.exec, follow } as Exec
    const watch = new NodeWatch(
      { exec, clock: stage.clock, onChange: () => undefined },
      registryOf(builtinDrivers),
    )
    return { watch, begun }
  }

  it('are followed once a service has a use for them, and no sooner', () => {
    const { watch, begun } = watched()
    watch.begin(nothing)
    expect(begun).toEqual([])
    const before = worldOf(resource('container#0', 'podman', {}))
    watch.turned(nothing, before)
    watch.turned(before, worldOf(resource('container#1', 'podman', {}), resource('fs#1', 'xfs', {})))
    expect(begun).toEqual([STREAMS.podman, STREAMS.mounts].map(({ argv }) => argv.join(' ')))
  })

  it('wake for containers of a service, where podman tells of all', () => {
    const stage = new Stage()
    const { clock } = stage
    const onChange = (): void => stage.tell('change')
    keepFollowing({ exec: { ...stage.exec } as Exec, clock, ...STREAMS.podman, onChange })
    stage.says('{"Name":"x","Status":"died","Attributes":{"other":"1"}}')
    stage.until(1_000)
    stage.says('{"Name":"y","Status":"died","Attributes":{"longshore.service":"db1"}}')
    expect(stage.told).toEqual(['0 begins', '1000 change'])
  })
})
