import type { Context } from 'hono'
import { z } from 'zod'
import { fail, ok, type Failure, type Result } from '../../core/result.js'
import { httpStatus, type ErrorAnswer, type MessageAnswer } from './contract.js'

/** Larger bodies than this are refused: a configuration is at most 256 KiB, and JSON may double it. */
const bodyLimitBytes = 1024 * 1024

/** A result as an HTTP answer. */
export function answer<T extends object>(c: Context, result: Result<T>): Response {
  return result.ok ? c.json(result.value) : refused(c, result.error)
}

/** The answer to a request that is not carried out, with the status of its code. */
export function refused(c: Context, error: Failure): Response {
  const body: ErrorAnswer = { error }
  return c.json(body, httpStatus(error.code))
}

/** A sentence as an answer. */
export function messageOf(result: Result<string>): Result<MessageAnswer> {
  return result.ok ? ok({ message: result.value }) : result
}

/** The request's body, parsed at the door. */
export async function bodyOf<T>(c: Context, schema: z.ZodType<T>): Promise<Result<T>> {
  const text = await c.req.text()
  if (text.length > bodyLimitBytes)
    return fail('INVALID', `the request is larger than ${bodyLimitBytes} bytes`)
  try {
    const parsed = schema.safeParse(text === '' ? {} : JSON.parse(text))
    return parsed.success
      ? ok(parsed.data)
      : fail('INVALID', `the request does not fit: ${z.prettifyError(parsed.error)}`)
  } catch {
    return fail('INVALID', 'the request is no JSON')
  }
}
