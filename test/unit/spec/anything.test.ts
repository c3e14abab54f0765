import * as fc from 'fast-check'
import { test } from 'vitest'
import { must } from '../../../src/core/invariant.js'
import { parseCluster } from '../../../src/spec/cluster.js'
import { compute } from '../../../src/spec/expression.js'
import { parseService } from '../../../src/spec/service.js'
import { changeService } from '../../../src/spec/service/change.js'
import { serviceText } from './setting.js'

// Pieces that mean something, so that random texts get past the first line.
const crumb = fc.constantFrom(
  'fs#1', 'DEFAULT', 'env', 'type', 'flag', 'tmpfs', 'mnt', '/srv', '{', '}', '{env.a}', '{svcname}', '$(', ')', '1', '+', ': ', ':\n  ', '\n', '  ', '"', "'", '[', ']', '=', '@node1', '#', '*', '&', '- ', ',', '\\', '\t', 'é', '\u{1f600}',
) // prettier-ignore
const text = fc.oneof(fc.array(crumb, { maxLength: 40 }).map((crumbs) => crumbs.join('')), fc.string({ unit: 'binary', maxLength: 200 })) // prettier-ignore

const RUNS = { numRuns: 400 }

test('law: any text is either a service or a failure with words', () => {
  fc.assert(
    fc.property(text, (drawn) => {
      const parsed = parseService(serviceText(drawn))
      must(parsed.ok || parsed.error.message.length > 0, 'a refusal has a sentence')
    }),
    RUNS,
  )
})

test('law: any value is taken or refused, never thrown at', () => {
  fc.assert(
    fc.property(text, (drawn) => {
      const changed = changeService({
        ...serviceText('fs#1:\n  type: flag\n'),
        set: [`env.a=${drawn}`, drawn],
        unset: [drawn],
      })
      must(changed.ok || changed.error.message.length > 0, 'a refusal has a sentence')
    }),
    RUNS,
  )
})

test('law: any text is either a cluster or a failure with words', () => {
  fc.assert(
    fc.property(text, (drawn) => {
      const parsed = parseCluster({ text: drawn, source: '-' })
      must(parsed.ok || parsed.error.message.length > 0, 'a refusal has a sentence')
    }),
    RUNS,
  )
})

test('law: any expression is computed or refused', () => {
  fc.assert(fc.property(fc.oneof(text, fc.array(fc.constantFrom('1', '2', '(', ')', '+', '-', '**', 'not', 'in', ',', 'a', '%', '//'), { maxLength: 30 }).map((words) => words.join(' '))), (drawn) => typeof compute(drawn).ok === 'boolean'), RUNS)
}) // prettier-ignore
