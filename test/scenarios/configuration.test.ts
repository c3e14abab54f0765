// A service's configuration in an operator's hands: changed by keyword and in the editor, checked, compared, brought back.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HistoryEntry } from '../../src/daemon/ports.js'
import { openCluster, type Cluster } from './cluster.js'

let cluster: Cluster
beforeAll(async () => {
  cluster = await openCluster({ name: 'config', containers: false })
  await cluster.done(1, 'om web create --config=-', { input: FIRST })
})
afterAll(() => cluster.end())

const FIRST = `DEFAULT:
  nodes: "*"
fs#1:
  type: flag # a comment that stays
`

const config = (node: number) => cluster.done(node, 'om web print config')
const history = async (node: number) =>
  JSON.parse(await cluster.done(node, 'om web history --format json')) as readonly HistoryEntry[]

describe('a configuration', () => {
  test('is the same on every node, as it was written', async () => {
    expect(await config(1)).toBe(FIRST)
    await expect.poll(() => config(2)).toBe(FIRST)
  })

  test('is changed by keyword, comments kept', async () => {
    await cluster.done(2, 'om web set --kw orchestrate=start --kw fs#1.restart=2')
    const wanted = FIRST.replace('"*"\n', '"*"\n  orchestrate: start\n') + '  restart: 2\n'
    expect(await config(2)).toBe(wanted)
    await expect.poll(() => config(1)).toBe(wanted)
    expect(await cluster.done(1, 'om web get --kw fs#1.restart')).toBe('2\n')
  })

  test('differs from node to node where a keyword is scoped', async () => {
    await cluster.done(1, 'om web set --kw fs#1.restart@node2=5')
    const evaluated = 'om web get --kw fs#1.restart --eval'
    expect(await cluster.done(1, evaluated)).toBe('2\n')
    await expect.poll(() => cluster.done(2, evaluated)).toBe('5\n')
    expect(await cluster.done(1, `${evaluated} --impersonate node2`)).toBe('5\n')
    await cluster.done(1, 'om web unset --kw fs#1.restart@node2')
  })

  test('loses a keyword to unset', async () => {
    await cluster.done(1, 'om web unset --kw fs#1.restart')
    expect(await config(1)).toBe(FIRST.replace('"*"\n', '"*"\n  orchestrate: start\n'))
    expect(await cluster.refused(1, 'om web get --kw fs#1.restart')).toBe(
      'fs#1.restart is not set; its default is 0',
    )
  })

  test.each([
    ['an unknown keyword', 'set --kw fs#1.restrat=2', 'has no keyword "restrat"; did you mean restart?'],
    ['a value of another type', 'set --kw fs#1.restart=often', 'must be a whole number, not "often"'],
    ['a scope where none is', 'set --kw nodes@node2=node2', 'it cannot carry @node2'],
  ])('is not changed by %s', async (_, words, sentence) => {
    const [before, versions] = [await config(1), await history(1)]
    expect(await cluster.refused(1, `om web ${words}`)).toContain(sentence)
    expect([await config(1), await history(1)]).toEqual([before, versions])
  })

  test('is edited in the editor of the operator', async () => {
    await cluster.done(1, `printf '#!/bin/sh\\nsed -i s/stays/changed/ "$1"\\n' >/root/ed; chmod +x /root/ed`)
    await cluster.done(1, 'EDITOR=/root/ed om web edit config')
    expect(await config(1)).toContain('# a comment that changed')
  })

  test('is validated before it counts, with the file, line and column', async () => {
    await cluster.done(1, `printf 'DEFAULT:\\n  nodes: "*"\\nfs#1:\\n  type: flagg\\n' >/root/bad.yaml`)
    const before = await config(1)
    const sentence = /^\/root\/bad\.yaml:4:9: fs#1\.type must be one of .*; did you mean flag\?$/
    expect(await cluster.refused(1, 'om web validate config --config=/root/bad.yaml')).toMatch(sentence)
    expect(await cluster.refused(1, 'om web edit config --config=/root/bad.yaml')).toMatch(sentence)
    expect(await cluster.refused(1, 'om other create --config=/root/bad.yaml')).toMatch(sentence)
    expect(await config(1)).toBe(before)
    expect(await cluster.done(1, 'om web validate config')).toBe('the configuration of web is valid\n')
  })

  test('keeps every version that was accepted, on every node', async () => {
    const versions = await history(1)
    expect(versions.map(({ author, node }) => `${author} ${node}`)).toEqual([
      'user node1',
      'user node1',
      'user node1',
      'user node1',
      'user node2',
      'user node1',
    ])
    expect(versions.at(-1)?.text).toBe(FIRST)
    const ids = versions.map(({ version }) => version)
    await expect.poll(async () => (await history(2)).map(({ version }) => version)).toEqual(ids)
    const table = await cluster.done(2, 'om web history')
    expect(
      table
        .split('\n')
        .slice(1, -1)
        .map((line) => line.split(' ')[0]),
    ).toEqual(ids)
  })

  test('shows what changed, and comes back', async () => {
    const first = (await history(1)).at(-1)?.version ?? ''
    const changed = await cluster.done(1, `om web diff ${first}`)
    expect(changed).toMatch(/^\+ +orchestrate: start$/m)
    expect(changed).toMatch(/^- +type: flag # a comment that stays$/m)
    await cluster.done(2, `om web restore ${first.slice(0, 8)}`)
    expect(await config(2)).toBe(FIRST)
    await expect.poll(() => config(1)).toBe(FIRST)
    expect(await history(2)).toHaveLength(7)
  })

  test('of the cluster is changed, checked and kept in the same way', async () => {
    await cluster.done(1, 'om cluster set --kw heartbeat.timeout=6s')
    await expect.poll(() => cluster.done(2, 'om cluster get --kw heartbeat.timeout')).toBe('6s\n')
    expect(await cluster.refused(2, 'om cluster set --kw heartbeat.tiemout=5s')).toContain(
      'did you mean timeout?',
    )
    expect(await cluster.done(2, 'om cluster validate config')).toContain('valid')
    expect(await cluster.done(2, 'om cluster history')).toContain('node1')
  })
})
