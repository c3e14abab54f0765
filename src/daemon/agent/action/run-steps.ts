import { ok, type Failure, type Result } from '../../../core/result.js'
import { Look } from '../../../resources/look.js'
import type { Act, DoStep, DriverPorts, Step } from '../../../resources/driver.js'
import type { Clock } from '../../ports.js'
import { runCommand, timeUp, whyNot, type CommandFrame } from './run-command.js'

/** A step that was told to end has this long to do so; its commands have been killed by then. */
const LEAVE_MS = 6_000

/** A command at its time limit ends, and says so, before the step around it is ended. */
const COMMANDS_FIRST_MS = 500

/** A question of a step that names no limit of its own. */
const ASK_MS = 30_000

/** Where steps run: a command frame whose signal and deadline bound all of them together. */
export interface StepsFrame extends CommandFrame {
  readonly io: DriverPorts
  readonly limitMs: number
}

/**
 * Runs a resource's steps one after the other, until one fails. Each ends with the frame's deadline or signal; a `do` step that does not
 * is left behind.
 */
export async function runSteps(steps: readonly Step[], frame: StepsFrame): Promise<Result<void>> {
  for (const step of steps) {
    const ran = step.kind === 'command' ? await commandStep(step, frame) : await doStep(step, frame)
    if (!ran.ok) return ran
  }
  return ok(undefined)
}

async function commandStep(
  step: Extract<Step, { kind: 'command' }>,
  frame: StepsFrame,
): Promise<Result<void>> {
  const ran = await runCommand(step, frame)
  if (ran.ok || (step.tolerate === true && tolerable(ran.error, frame))) return ok(undefined)
  return ran
}

/**
 * An ended action goes no further, and of a command that was left behind nobody knows what it still does. One that took all the time
 * that there was is what operators have to hear of.
 */
function tolerable(failure: Failure, { clock, deadlineMs }: StepsFrame): boolean {
  if (failure.code === 'EXEC_TIMEOUT') return clock.nowMs() < deadlineMs
  return failure.code !== 'ABORTED' && failure.code !== 'EXEC_STUCK'
}

async function doStep(step: DoStep, frame: StepsFrame): Promise<Result<void>> {
  const denied = whyNot(frame)
  if (denied !== null) return { ok: false, error: denied }
  if (step.toldByCommands !== true) frame.log('info', step.text)
  const own = new AbortController()
  const signal = AbortSignal.any([frame.signal, own.signal])
  const ran = step.run(actOf({ ...frame, signal })).catch((error: unknown) => unexpected(step, error))
  const overtime = frame.clock.at(frame.deadlineMs + COMMANDS_FIRST_MS, () => own.abort())
  const left = leaving(signal, frame.clock)
  const ended = await Promise.race([ran, left.behind])
  overtime()
  left.cancel()
  if (ended === 'left') return stuck(step)
  return ended.ok || !own.signal.aborted ? ended : late(ended.error, frame.limitMs)
}

function stuck(step: DoStep): Result<void> {
  const message = `'${step.text}' went on after it was told to end, and was left behind`
  return { ok: false, error: { code: 'EXEC_STUCK', message } }
}

/** What a step says that was ended because its time was over: its own words, if they already say so. */
function late(failure: Failure, limitMs: number): Result<void> {
  return failure.code === 'EXEC_TIMEOUT' || failure.code === 'EXEC_STUCK'
    ? { ok: false, error: failure }
    : timeUp(limitMs)
}

function unexpected(step: DoStep, error: unknown): Result<void> {
  const text = error instanceof Error ? error.message : String(error)
  return { ok: false, error: { code: 'INTERNAL', message: `'${step.text}' broke off: ${text}` } }
}

/** Tells some time after the signal that nothing more is waited for. */
function leaving(
  signal: AbortSignal,
  clock: Clock,
): { readonly behind: Promise<'left'>; readonly cancel: () => void } {
  let cancelTimer = (): void => undefined
  let begin = (): void => undefined
  const behind = new Promise<'left'>((resolve) => {
    begin = () => {
      cancelTimer = clock.at(clock.nowMs() + LEAVE_MS, () => resolve('left'))
    }
    if (signal.aborted) begin()
    else signal.addEventListener('abort', begin, { once: true })
  })
  const cancel = (): void => {
    signal.removeEventListener('abort', begin)
    cancelTimer()
  }
  return { behind, cancel }
}

function actOf(frame: StepsFrame): Act {
  const { io, signal, deadlineMs, clock, log } = frame
  return {
    io,
    signal,
    deadlineMs,
    log,
    command: (argv, options) => runCommand({ kind: 'command', argv, ...options }, frame),
    ask: (argv, options) => {
      const leftMs = Math.max(deadlineMs - clock.nowMs(), 1)
      return io.exec.run(argv, {
        timeoutMs: Math.min(options?.timeoutMs ?? ASK_MS, leftMs),
        signal,
        env: frame.env,
        ...(options?.changes === true ? { changes: true } : {}),
      })
    },
    look: () => new Look(io),
    sleep: (ms) => sleep(ms, signal, clock),
  }
}

/** Ends early when the signal comes. */
function sleep(ms: number, signal: AbortSignal, clock: Clock): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      cancel()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.at(clock.nowMs() + ms, done)
    signal.addEventListener('abort', done, { once: true })
  })
}
