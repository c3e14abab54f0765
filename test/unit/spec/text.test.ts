import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseText, toYaml } from '../../../src/spec/text.js'
import { TEXT_LIMIT } from '../../../src/spec/text/limit.js'

const read = (text: string) => parseText({ text, source: '-' })

function plain(text: string) {
  const parsed = read(text)
  if (!parsed.ok) throw new Error(parsed.error.message)
  return parsed.value.sections.map(({ name, entries }) => [
    name,
    entries.map(({ key, value }) => [key, value]),
  ])
}

test('the same configuration in YAML, JSON and INI reads the same', () => {
  const expected = [
    ['DEFAULT', [['nodes', 'node1 node2'], ['priority@node2', '7']]],
    ['fs#1', [['type', 'tmpfs'], ['mnt', '/srv/{svcname}'], ['perm', '0750'], ['optional', 'true']]],
  ] // prettier-ignore
  const yaml = `DEFAULT:
  nodes: node1 node2
  priority@node2: 7
fs#1: # a comment
  type: tmpfs
  mnt: /srv/{svcname}
  perm: 0750
  optional: true
`
  const json = `{
\t"DEFAULT": {"nodes": "node1 node2", "priority@node2": 7},
\t"fs#1": {"type": "tmpfs", "mnt": "/srv/{svcname}", "perm": "0750", "optional": true}
}`
  const ini = `# a comment
[DEFAULT]
nodes = node1 node2
priority@node2=7

[fs#1]
type = tmpfs ; another
mnt  =  /srv/{svcname}
; and one more
perm = 0750
optional = true
`
  expect([yaml, json, ini].map(plain)).toEqual([expected, expected, expected])
})

test('an INI value goes on in lines that begin with white space', () => {
  expect(plain('[fs#1]\npvs = /dev/a\n  /dev/b\n\t/dev/c\ntype = flag\n')).toEqual([
    ['fs#1', [['pvs', '/dev/a\n/dev/b\n/dev/c'], ['type', 'flag']]],
  ]) // prettier-ignore
})

test('a JSON export says what it is in a section that is no part of the configuration', () => {
  expect(plain('{"metadata": {"name": "db1", "kind": "svc"}, "fs#1": {"type": "flag"}}')).toEqual([
    ['fs#1', [['type', 'flag']]],
  ])
})

test('positions are those of the key and of the value', () => {
  for (const [text, at, valueAt] of [
    ['a:\n  key:   value\n', [2, 3], [2, 10]],
    ['{\n  "a": {"key":  "value"}\n}', [2, 9], [2, 17]],
    ['[a]\n\nkey  =  value\n', [3, 1], [3, 9]],
  ] as const) {
    const parsed = read(text)
    const entry = parsed.ok ? parsed.value.sections[0]?.entries[0] : undefined
    expect([entry?.at.line, entry?.at.column, entry?.valueAt.line, entry?.valueAt.column], text).toEqual([
      ...at,
      ...valueAt,
    ])
  }
})

describe('what is refused, and in which words', () => {
  test.each([
    ['{"a": {"b": "1" "c": "2"}}', '1:17: expected a comma or a closing brace after "b" of a'],
    ['{"a": {"b": "1",, "c": "2"}}', '1:17: expected a name in double quotes in a'],
    ['{"a": {"b": "1"', '1:16: expected a comma or a closing brace after "b" of a: the text ends here'],
    ['{"a": 1}', '1:7: a must be an object of keywords'],
    ['{"a": {"b": ["x"]}}', '1:13: a.b must be one value: there are two levels, section then keyword'],
    ['{"a": {"b": tru}}', '1:16: a.b is neither a string nor a number: "tru" needs double quotes'],
    ['{"a": {"b": }}', '1:13: a.b has no value'],
    ['{"a": {"b": "x\ny"}}', '1:13: the string that begins here has no closing quote on its line'],
    ['{"a": {"b": "\\q"}}', '1:13: the string that begins here has an escape or a character that JSON does not know'],
    ['{"a": {}} {}', '1:11: nothing may follow the closing brace of the configuration'],
    ['{"a": {"b": "1", "b": "2"}}', '1:18: a.b is there twice: first at line 1'],
    ['{"a": {}, "a": {}}', '1:11: section a is there twice: first at line 1'],
    ['{"a": {"b": "x\\u0000"}}', '1:13: a.b holds a control character'],
    ['a:\n  b: 1\n c: 2\n', '3:1: the indentation does not fit the lines above'],
    ['a:\n\tb: 1\n', '2:1: indent with spaces: YAML takes no tabs there'],
    ['a:\n  b: {svcname}\n', '2:6: a.b must be one value: a value that begins with a brace needs quotes, and there are two levels, section then keyword'],
    ['a:\n  b: {svcname}/x\n', '2:15: this is not YAML: unexpected scalar at node end (a value that begins with a brace, a quote or @ needs quotes as a whole)'],
    ['a:\n  b: [x, y]\n', '2:6: a.b is a YAML list: write its words in one value, separated by spaces'],
    ['a:\n  b: *x\n', '2:6: a.b is a YAML alias: write the value itself, or a reference such as {env.name}'],
    ['a:\n  - b\n', '2:3: a must hold keywords, such as "type: flag", each on an indented line'],
    ['a: b\n', '1:4: a must hold keywords, such as "type: flag", each on an indented line'],
    ['hello', '1:1: a configuration is sections with keywords, such as "fs#1:" with "  type: flag" below it'],
    ['a:\n  b: 1\n---\na:\n  b: 2\n', '3:1: one configuration at a time: the text holds several YAML documents'],
    ['a:\n  b: 1\n  b: 2\n', '3:3: a.b is there twice: first at line 2'],
    ['a:\n  b: 1\na:\n  c: 2\n', '3:1: section a is there twice: first at line 1'],
    ['[a]\nb\n', '2:1: expected [section] or key = value, not "b"'],
    ['b = 1\n[a]\n', '1:1: b stands before the first section'],
    ['[a]\nb = 1\nb = 2\n', '3:1: a.b is there twice: first at line 2'],
    ['[a]\n[b]\n[a]\n', '3:1: section a is there twice: first at line 1'],
    ['a:\n  b: \u0001\n', '2:6: character 1 does not belong into a text: is this a configuration?'],
  ])('%j', (text, expected) => {
    const parsed = read(text)
    expect(parsed.ok ? 'accepted' : parsed.error.details?.[0]).toBe(`standard input:${expected}`)
  }) // prettier-ignore
})

test('brackets without end are one problem, where they became too many', () => {
  expect(read(`a:\n  b: ${'['.repeat(100_000)}`)).toMatchObject({
    error: { details: ['standard input:2:206: too many brackets within brackets: is this a configuration?'] },
  })
})

test('a megabyte of anything is refused by its size', () => {
  const parsed = read('x'.repeat(1_000_000))
  expect(parsed.ok ? '' : parsed.error.message).toBe(
    `standard input: the text has 1000000 characters; a configuration may have ${TEXT_LIMIT} at most`,
  )
})

const name = fc.stringMatching(/^[a-z][a-z0-9_#]{0,8}$/)
const value = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !/[^\P{Cc}\n\t]/u.test(text))
const sections = fc.uniqueArray(
  fc.record({
    name,
    entries: fc.uniqueArray(fc.record({ key: name, value }), {
      selector: (entry) => entry.key,
      maxLength: 6,
    }),
  }),
  { selector: (section) => section.name, minLength: 1, maxLength: 5 },
)

test('law: what is written as YAML reads back as the same', () => {
  fc.assert(
    fc.property(sections, (drawn) => {
      const at = { line: 1, column: 1 }
      const placed = drawn.map((section) => ({
        name: section.name,
        at,
        entries: section.entries.map((entry) => ({ ...entry, at, valueAt: at })),
      }))
      const expected = drawn.map((section) => [
        section.name,
        section.entries.map((entry) => [entry.key, entry.value]),
      ])
      expect(plain(toYaml({ format: 'yaml', sections: placed }))).toEqual(expected)
    }),
  )
})

test('law: JSON reads as JSON.parse does', () => {
  fc.assert(
    fc.property(sections, (drawn) => {
      const object = Object.fromEntries(
        drawn.map((section) => [
          section.name,
          Object.fromEntries(section.entries.map((entry) => [entry.key, entry.value])),
        ]),
      )
      expect(plain(JSON.stringify(object, null, 2)).length).toBe(drawn.length)
      expect(
        Object.fromEntries(
          plain(JSON.stringify(object)).map(([key, list]) => [key, Object.fromEntries(list as [])]),
        ),
      ).toEqual(object)
    }),
  )
})
