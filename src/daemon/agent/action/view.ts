import type { ResourceProbe } from '../../../core/event.js'
import { fail, type Result } from '../../../core/result.js'
import type { Resource, Service } from '../../../core/service.js'
import type { Status } from '../../../core/status.js'
import { formatDuration } from '../../../core/units.js'
import type { AnyDriver, Context, DriverPorts } from '../../../resources/driver.js'
import type { Look } from '../../../resources/look.js'
import type { Cancel, Clock } from '../../ports.js'
import type { Registry } from '../../../resources/registry.js'
import type { Kernel } from './kernel.js'

/** This node, as drivers need to know it. */
export interface Node {
  readonly name: string
  readonly io: DriverPorts
  readonly runDir: string
  readonly varDir: string
  readonly registry: Registry
  readonly kernel: Kernel
}

/** What one look at a resource gave: for its driver, and for everybody else. */
export interface View {
  readonly seen: Result<unknown>
  readonly probe: ResourceProbe
}

export const contextOf = (
  node: Node,
  service: Service,
  resource: Resource,
  generation: number | null,
): Context => ({
  service,
  resource,
  node: node.name,
  io: node.io,
  runDir: node.runDir,
  varDir: node.varDir,
  generation,
})

/**
 * Looks at one resource. A look that fails, or is not done in time, leaves the resource `undef`, with the reason. `before`: what was seen of it before
 * steps of its own, and nothing else, were carried out.
 */
export async function view(
  driver: AnyDriver,
  ctx: Context,
  look: Look,
  limits: Limits,
  before?: View,
): Promise<View> {
  const looking =
    driver.again !== undefined && before?.seen.ok === true
      ? driver.again(ctx, before.seen.value, look)
      : driver.look(ctx, look)
  const seen = await inTime(looking, ctx, limits)
  return seen.ok
    ? viewOf(driver, ctx, seen.value)
    : { seen, probe: unseen(driver.label(ctx), seen.error.message) }
}

/** Time limits of looks that begin together: one timer for each length, however many looks there are. */
export class Limits {
  private readonly timers: Cancel[] = []
  private readonly passed = new Map<number, Promise<null>>()

  constructor(private readonly clock: Clock) {}

  /** Null once that many milliseconds have passed since it was first asked for. */
  after(ms: number): Promise<null> {
    const known = this.passed.get(ms)
    if (known !== undefined) return known
    const passed = new Promise<null>((resolve) => {
      this.timers.push(this.clock.at(this.clock.nowMs() + ms, () => resolve(null)))
    })
    this.passed.set(ms, passed)
    return passed
  }

  end(): void {
    for (const cancel of this.timers) cancel()
  }
}

/** A resource that could not be looked at: it counts as held. */
export const unseen = (label: string, why: string): ResourceProbe => ({
  status: 'undef',
  label,
  messages: [{ level: 'error', text: why }],
  provisioned: null,
  released: false,
})

/** What is published of a look: of a resource with the tag `nostatus` no status. */
export const shownOf = (resource: Resource, probe: ResourceProbe): ResourceProbe =>
  resource.tags.includes('nostatus') ? { ...probe, status: 'n/a', messages: [] } : probe

/** A disabled resource is nobody's concern, and holds nothing. */
export const ignored = (label: string): ResourceProbe => ({
  status: 'n/a',
  label,
  messages: [],
  provisioned: null,
  released: true,
})

async function inTime(
  looking: Promise<Result<unknown>>,
  ctx: Context,
  limits: Limits,
): Promise<Result<unknown>> {
  const limitMs = ctx.resource.timeouts.status
  try {
    const seen = await Promise.race([looking, limits.after(limitMs)])
    return seen ?? fail('EXEC_TIMEOUT', `its status is not known within ${formatDuration(limitMs)}`)
  } catch (error) {
    return fail(
      'INTERNAL',
      `looking at it broke off: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

function viewOf(driver: AnyDriver, ctx: Context, seen: unknown): View {
  const report = driver.status(ctx, seen)
  const held = report.status === 'up' || report.status === 'warn'
  // What no action ever touches is not this agent's to hold.
  const untouched = ctx.resource.tags.includes('noaction')
  const probe: ResourceProbe = {
    status: ctx.resource.standby ? standby(report.status) : report.status,
    label: driver.label(ctx),
    messages: report.messages,
    provisioned: driver.provisioned?.(ctx, seen) ?? null,
    released: untouched || (driver.released?.(ctx, seen) ?? !held),
  }
  return { seen: { ok: true, value: seen }, probe }
}

function standby(status: Status): Status {
  switch (status) {
    case 'up':
      return 'stdby up'
    case 'down':
      return 'stdby down'
    case 'warn':
    case 'stdby up':
    case 'stdby down':
    case 'n/a':
    case 'undef':
      return status
  }
}
