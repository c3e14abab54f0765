import { describe, expect, test } from 'vitest'
import { on, problemsOf, valueOnNode } from './setting.js'

const ENV = `DEFAULT:
  nodes: node2 node1
fs#data.1:
  type: tmpfs
  mnt: /srv/{svcname}
env:
  a: one two three
  b@node2: special
  b@nodes: member
  b: plain
  c: "{env.a}"
  MiXed: Hello wORLD
  n: 3
`

test.each([
  ['{svcname} {name} {path} {svcpath}', 'db1 db1 db1 db1'],
  ['{nodename}', 'node1'],
  ['{clustername} {clusternodes}', 'paris node1 node2 node3'],
  ['{rid} {rindex}', 'fs#1 1'],
  ['{.nodes}', 'node2 node1'],
  ['{nodes}', 'node2 node1'],
  ['{DEFAULT.nodes}', 'node2 node1'],
  ['{env.c}', 'one two three'],
  ['{#env.a} {#.nodes} {#clusternodes}', '3 2 3'],
  ['{env.a[0]}-{env.a[2]}', 'one-three'],
  ['{upper:svcname} {lower:env.MiXed} {swapcase:env.MiXed}', 'DB1 hello world hELLO World'],
  ['{capitalize:env.MiXed} {title:env.MiXed}', 'Hello world Hello World'],
  ['{upper:env.a[1]}', 'TWO'],
  ['{fs#data.1.mnt}/x', '/srv/db1/x'],
  ['{fs#data.1.stat_timeout}', '5s'],
  ['{.orchestrate}', 'no'],
  ['$(2 * {#clusternodes})', '6'],
  ['$({env.n} ** 2)m', '9m'],
  ['$("{nodename}" in (node1, node2))', 'true'],
  ['$$(date)', '$(date)'],
  ['$(unclosed', '$(unclosed'],
])('%s is %s', (text, expected) => {
  expect(valueOnNode('node1', text, ENV)).toBe(expected)
})

test.each([
  '{1...8}',
  '{a,b}',
  '{}',
  '{print $1}',
  '${HOME}',
  '{{.State}}',
  '{{svcname}}',
  '{"a": 1}',
  'a{',
  '}b',
  '$HOME',
  '{{{x}}}',
])('%s stays as it is', (text) => {
  expect(valueOnNode('node1', text, ENV)).toBe(text)
})

test('a backslash keeps a brace', () => {
  expect(valueOnNode('node1', String.raw`\{svcname} \{print $1} a\{2\}`, ENV)).toBe(
    String.raw`{svcname} \{print $1} a\{2\}`,
  )
})

test.each([
  ['{svcnam}', String.raw`{svcnam} refers to nothing here; did you mean svcname? Text that is no reference is written \{svcnam}`],
  ['{zzzzzzzz}', String.raw`{zzzzzzzz} refers to nothing here; known: name, svcname, path, svcpath, nodename, short_nodename, clustername, clusternodes, rid, rindex; text that is no reference is written \{zzzzzzzz}`],
  ['{env.q}', '{env.q}: env has no q; did you mean a?'],
  ['{fs#data.1.mtn}', '{fs#data.1.mtn}: fs#data.1 has no mtn; did you mean mnt?'],
  ['{fs#dada.1.mnt}', '{fs#dada.1.mnt}: there is no section fs#dada.1; did you mean fs#data.1?'],
  ['{fs#data.1.mnt_opt}', '{fs#data.1.mnt_opt} is not set on node2'],
  ['{env.a[3]}', '{env.a[3]}: there are 3 words, counted from 0'],
  ['$(1 +)', '$(1 +) cannot be computed: something is missing at its end. A literal $( is written $$('],
])('%s is refused', (text, what) => {
  expect(problemsOf(`fs#1:\n  type: flag\n  comment: '${text}'\n${ENV}`)[0]).toBe(`3:12: ${what}`)
}) // prettier-ignore

test('a loop is told once, at its first value in alphabetical order', () => {
  const text =
    'fs#1:\n  type: tmpfs\n  mnt: /srv/{env.c}\nenv:\n  b: x{env.c}\n  c: "{env.a}"\n  a: "{env.b}"\n'
  expect(problemsOf(text)).toEqual(['7:6: reference loop: env.a → env.b → env.c → env.a'])
})

test('a value that refers to itself is a loop', () => {
  expect(problemsOf('fs#1:\n  type: tmpfs\n  mnt: "{fs#1.mnt}/x"\n')).toEqual([
    '3:8: reference loop: fs#1.mnt → fs#1.mnt',
  ])
})

test('values that double at each step end at a limit', () => {
  const steps = Array.from({ length: 40 }, (_, i) => `  v${i + 1}: "{env.v${i}}{env.v${i}}"\n`).join('')
  expect(problemsOf(`fs#1:\n  type: flag\nenv:\n  v0: aaaaaaaa\n${steps}`)[0]).toContain(
    'grows beyond 65536 characters',
  )
})

describe('scoping', () => {
  test.each([
    ['node2', 'special'],
    ['node1', 'member'],
  ])('on %s the value is %s', (node, expected) => {
    expect(on(node, ENV).env['b']).toBe(expected)
    expect(valueOnNode(node, '{env.b}', ENV)).toBe(expected)
  })

  test('a resource inherits from DEFAULT what may be inherited, with the scopes there', () => {
    const text =
      'DEFAULT:\n  restart: 1\n  restart@node2: 2\n  stat_timeout: 9s\nfs#1:\n  type: flag\nfs#2:\n  type: tmpfs\n  mnt: /x\n  restart: 5\n'
    const seen = ['node1', 'node2'].map((node) => on(node, text).resources.map(({ restart }) => restart))
    expect(seen).toEqual([
      [1, 5, 0],
      [2, 5, 0],
    ])
    expect(on('node1', text).resources[1]?.keywords['stat_timeout']).toBe(9000)
  })

  test('standby is a boolean or the nodes where it holds', () => {
    const standby = (value: string) =>
      ['node1', 'node2'].map(
        (node) => on(node, `fs#1:\n  type: flag\n  standby: "${value}"\n`).resources[0]?.standby,
      )
    expect(standby('true')).toEqual([true, true])
    expect(standby('no')).toEqual([false, false])
    expect(standby('node2 node3')).toEqual([false, true])
    expect(standby('*1')).toEqual([true, false])
    expect(problemsOf('fs#1:\n  type: flag\n  standby: node9\n')).toEqual([
      '3:12: fs#1.standby must be true, false or nodes of this cluster, not node9',
    ])
  })
})
