import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ResourceProbe } from '../../src/core/event.js'
import { everything } from '../../src/core/selection.js'
import type { Resource, Service } from '../../src/core/service.js'
import { planSteps } from '../../src/daemon/agent/action/plan-steps.js'
import { probe } from '../../src/daemon/agent/action/probe.js'
import { phaseSteps } from '../../src/daemon/agent/action/phases.js'
import { runAction } from '../../src/daemon/agent/action/run-action.js'
import { runSteps } from '../../src/daemon/agent/action/run-steps.js'
import { contextOf } from '../../src/daemon/agent/action/view.js'
import type { InstanceAction } from '../../src/core/world.js'
import type { AnyDriver, DriverPorts, Step } from '../../src/resources/driver.js'
import { Look } from '../../src/resources/look.js'
import { systemPorts, testNode, type TestNode } from './node.js'
import { service } from './sample.js'

/** A resource that a driver is tried with. */
export interface Trial {
  readonly driver: AnyDriver
  /** Made in a directory of its own; `undo` is called at the end, whatever happened. */
  prepare(directory: string): Promise<{ readonly resource: Resource; readonly undo?: () => Promise<void> }>
  /** Label, with the directory as `DIR` and a loop device as `LOOP`. */
  readonly label: string
  /** Status when started; default `up`. */
  readonly up?: ResourceProbe['status']
  /** A stop leaves it as it is: nothing is held. */
  readonly stays?: boolean
  /** A tool whose absence the start tells of; absent: there is none. */
  readonly tool?: string
  /** Other drivers that the service's further resources need. */
  readonly others?: readonly AnyDriver[]
  /** What stands in for a machine that has what this one has not; default: this one. */
  readonly io?: DriverPorts
  /** Provisioning is tried before the first start. */
  readonly provisions?: boolean
}

/** What every driver must do, on the real thing. */
export function conforms(name: string, trial: Trial): void {
  describe(name, () => {
    const stage: Stage = {
      trial,
      node: testNode([trial.driver, ...(trial.others ?? [])], trial.io),
      of: service([]),
    }
    let undo = async (): Promise<void> => undefined
    beforeAll(async () => {
      const made = await trial.prepare(stage.node.directory)
      stage.of = service([made.resource])
      undo = made.undo ?? undo
    })
    afterAll(async () => {
      if (stage.of.resources.length > 0) await act('stop', stage.node, stage.of)
      await undo()
      stage.node.remove()
    })
    if (trial.provisions === true) provisions(stage)
    isDown(stage)
    if (trial.tool !== undefined) tellsOfMissingTool(stage, trial.tool)
    startsAndStops(stage)
    if (trial.provisions === true) unprovisions(stage)
  })
}

interface Stage {
  readonly trial: Trial
  readonly node: TestNode
  of: Service
}

const seen = ({ node, of }: Stage): Promise<ResourceProbe> => look(node, of)

function provisions(stage: Stage): void {
  test('is provisioned once, and not by a node that follows', async () => {
    const { node, of } = stage
    expect((await seen(stage)).provisioned).toBe(false)
    const shared = { ...stage, of: service(of.resources.map((one) => ({ ...one, shared: true }))) }
    expect(await texts(shared, 'provision', false)).toEqual([])
    expect(await act('provision', node, of)).toBeNull()
    expect((await seen(stage)).provisioned).toBe(true)
    expect(await texts(stage, 'provision')).toEqual([])
    expect(await act('stop', node, of)).toBeNull()
  })
}

function isDown(stage: Stage): void {
  test('is down and released, and says what it is', async () => {
    const first = await seen(stage)
    expect([first.status, first.released]).toEqual(['down', true])
    const label = first.label.replaceAll(stage.node.directory, 'DIR').replace(/\/dev\/loop\d+/, 'LOOP')
    expect(label).toBe(stage.trial.label)
  })

  test('a dry run of start and stop shows steps and changes nothing', async () => {
    for (const action of stage.trial.stays === true ? (['start'] as const) : (['start', 'stop'] as const)) {
      const { node, of } = stage
      const options = { node, service: of, action, selection: everything, leader: true, generation: 1 }
      const planned = planSteps(options)
      expect(planned.ok && planned.value.length).toBeGreaterThan(0)
    }
    expect((await seen(stage)).status).toBe('down')
  })
}

function tellsOfMissingTool(stage: Stage, tool: string): void {
  test('a missing tool is a plain sentence', async () => {
    const without = { ...stage.node, io: lacking(tool, stage.node.io) }
    const why = await act('start', without, stage.of)
    expect(why).toContain(`${tool} is not on this node: install the package `)
    expect((await seen(stage)).status).toBe('down')
  })
}

function startsAndStops(stage: Stage): void {
  test('starts, and a second start has nothing to do', async () => {
    const { node, of } = stage
    expect(await act('start', node, of)).toBeNull()
    expect((await seen(stage)).status).toBe(stage.trial.up ?? 'up')
    expect(await texts(stage, 'start')).toEqual([])
    expect(await act('start', node, of)).toBeNull()
  })

  test('stops, is released, and a second stop has nothing to do', async () => {
    expect(await act('stop', stage.node, stage.of)).toBeNull()
    const last = await seen(stage)
    const left = stage.trial.stays === true ? (stage.trial.up ?? 'up') : 'down'
    expect([last.status, last.released]).toEqual([left, true])
    expect(await texts(stage, 'stop')).toEqual([])
  })

  test('is undone however far a start came', async () => {
    const whole = (await steps(stage, 'start')).length
    for (let done = 1; done <= whole; done++) {
      expect(await runOnly(stage, (await steps(stage, 'start')).slice(0, done))).toBeNull()
      expect(await act('stop', stage.node, stage.of)).toBeNull()
      expect((await seen(stage)).released).toBe(true)
    }
  })
}

function unprovisions(stage: Stage): void {
  test('is unprovisioned', async () => {
    expect(await act('unprovision', stage.node, stage.of)).toBeNull()
    expect((await seen(stage)).provisioned).not.toBe(true)
    expect(await texts(stage, 'unprovision')).toEqual([])
  })
}

/** What goes wrong in an action, as one sentence; null for nothing. */
export async function act(action: InstanceAction, node: TestNode, of: Service): Promise<string | null> {
  const { failure } = await runAction({
    node,
    service: of,
    action,
    selection: everything,
    origin: 'user',
    leader: true,
    generation: 3,
    signal: new AbortController().signal,
    mayContinue: () => null,
    on: { log: () => undefined, progress: () => undefined, changed: () => undefined },
  })
  return failure === null ? null : failure.message
}

/** A fresh look at the service's first resource. */
export async function look(node: TestNode, of: Service): Promise<ResourceProbe> {
  const [instance] = await probe([{ service: of, generation: 3 }], node)
  const seen = instance?.resources[of.resources[0]?.rid ?? '']
  if (seen === undefined) throw new Error('the service has no resource')
  return seen
}

type Phase = 'start' | 'stop' | 'provision' | 'unprovision'

/** The steps that a driver would take now. */
async function steps({ node, of, trial }: Stage, phase: Phase, leader = true): Promise<readonly Step[]> {
  const resource = of.resources[0]
  if (resource === undefined) throw new Error('the service has no resource')
  const { driver } = trial
  const ctx = contextOf(node, of, resource, 3)
  const found = await driver.look(ctx, new Look(node.io))
  if (!found.ok) throw new Error(found.error.message)
  return phaseSteps(driver, ctx, phase, found.value, leader)
}

async function texts(stage: Stage, phase: Phase, leader = true): Promise<readonly string[]> {
  const all = await steps(stage, phase, leader)
  return all.map((step) => (step.kind === 'command' ? step.argv.join(' ') : step.text))
}

async function runOnly({ node, of }: Stage, some: readonly Step[]): Promise<string | null> {
  const { io } = node
  const ran = await runSteps(some, {
    io,
    exec: io.exec,
    clock: io.clock,
    signal: new AbortController().signal,
    deadlineMs: io.clock.nowMs() + 60_000,
    limitMs: 60_000,
    mayContinue: () => null,
    env: { LONGSHORE_SERVICE: of.name },
    tools: [],
    log: () => undefined,
  })
  return ran.ok ? null : ran.error.message
}

/** This machine without one command. */
function lacking(command: string, io: DriverPorts = systemPorts()): DriverPorts {
  const missing = { outcome: 'missing', exit: -1, stdout: '', stderr: '', durationMs: 0 } as const
  const run: DriverPorts['exec']['run'] = async (argv, options) =>
    argv[0] === command ? { ...missing, argv } : io.exec.run(argv, options)
  return { ...io, exec: { ...io.exec, run } }
}
