import type { z } from 'zod'
import { fail, ok, type Result } from '../../core/result.js'

/** One JSON document a line, as `--format '{{json .}}'` and `ip -j -batch` print them; each is checked against the schema. */
export function parseJsonLines<T>(text: string, schema: z.ZodType<T>, what: string): Result<readonly T[]> {
  const values: T[] = []
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    const value = parseJson(line, schema, what)
    if (!value.ok) return value
    values.push(value.value)
  }
  return ok(values)
}

/** A tool's answer in JSON; a failure names the tool and what was odd about its answer. */
export function parseJson<T>(text: string, schema: z.ZodType<T>, what: string): Result<T> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return fail('EXEC_FAILED', `${what} did not answer in JSON`, [shortened(text)])
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return ok(parsed.data)
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  return fail('EXEC_FAILED', `${what} answered with something unexpected`, issues.slice(0, SHOWN_ISSUES))
}

const SHOWN_ISSUES = 5
const SHOWN_CHARACTERS = 300

function shortened(text: string): string {
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)} …`
}
