import type { Machine } from './machine.js'
import { MachineClock } from './machine-clock.js'
import { memoryStore } from './memory-store.js'
import { selfFenceOf, type ClusterOptions } from './options.js'
import { Protection } from './protection.js'
import type { VirtualClock } from './virtual-clock.js'
import type { Protector, Watcher } from './watcher.js'

export interface MachinePorts {
  readonly name: string
  readonly world: VirtualClock
  readonly options: ClusterOptions
  readonly hangs: (service: string) => boolean
  readonly reset: () => void
  /** Its daemon sees what has changed. */
  readonly look: (machine: Machine) => void
  readonly watchers: readonly Watcher[]
}

/** With quorum it has a guard, and mostly a watchdog. */
export function newMachine(o: MachinePorts): Machine {
  const { name, options } = o
  const machine: Machine = {
    name,
    store: memoryStore(() => o.world.nowMs()),
    clock: new MachineClock(o.world),
    // Its first boot gives its clock a rate of its own.
    powered: options.drift !== true,
    member: options.joiners?.includes(name) !== true,
    leaving: false,
    resumedMs: Number.NEGATIVE_INFINITY,
    bootCount: 1,
    active: new Set(),
    half: new Set(),
    warns: new Set(),
    daemon: null,
    protection: null,
  }
  if (options.quorum === true && options.unguarded !== true) machine.protection = protectionOf(machine, o)
  return machine
}

function protectionOf(
  machine: Machine,
  { name, options, hangs, reset, look, watchers }: MachinePorts,
): Protection {
  const selfFence = selfFenceOf(options)
  const tell = (what: Protector, why: string): void =>
    watchers.forEach((watcher) => watcher.protected?.(name, what, why))
  return new Protection({
    machine,
    // A guard that resets nothing goes on trying.
    selfFence: options.unreset === true && selfFence === 'reboot' ? 'stop' : selfFence,
    fedForMs: options.fedForMs ?? null,
    hangs,
    reset: (why) => {
      tell(selfFence === 'reboot' ? 'reset' : 'watchdog', why)
      reset()
    },
    stopped: (service) => {
      tell('guard', `stops ${service}`)
      look(machine)
    },
    violated: (what) => watchers.forEach((watcher) => watcher.violated?.(what)),
  })
}
