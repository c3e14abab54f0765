import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalText } from '../../../src/spec/edit.js'
import { changeService, takeService } from '../../../src/spec/service/change.js'
import { getKeyword } from '../../../src/spec/service/get.js'
import { configOf, serviceText } from './setting.js'

const TEXT = `# Our database.
DEFAULT:
  nodes: node1 node2 # not node3
fs#1:
  type: tmpfs
  # Where it goes.
  mnt: /srv/{svcname}
  mnt_opt: "noatime"

# The address.
ip#0:
  name: 192.0.2.1
  dev: eth0
  dev@node2: "{env.intf}"
env:
  intf: bond0
`

const change = (set: readonly string[], unset: readonly string[] = []) =>
  changeService({ ...serviceText(TEXT), set, unset })

/** Lines that are there and were not, and lines that were there and are not. */
function difference(set: readonly string[], unset: readonly string[] = []): readonly string[] {
  const changed = change(set, unset)
  if (!changed.ok) return [changed.error.message]
  const before = TEXT.split('\n')
  const after = changed.value.text.split('\n')
  const gone = before.filter((line) => !after.includes(line)).map((line) => `- ${line.trim()}`)
  return [...gone, ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line.trim()}`)]
}

describe('set and unset', () => {
  test.each([
    [['orchestrate=ha'], [], ['+ orchestrate: ha']],
    [['fs#1.mnt_opt=ro'], [], ['- mnt_opt: "noatime"', '+ mnt_opt: ro']],
    [['fs#1.mnt_opt+=ro'], [], ['- mnt_opt: "noatime"', '+ mnt_opt: noatime ro']],
    [['fs#1.tags|=a', 'fs#1.tags|=a', 'fs#1.tags+=b', 'fs#1.tags[0]=c'], [], ['+ tags: c a b']],
    [['nodes-=node2'], [], ['- nodes: node1 node2 # not node3', '+ nodes: node1 # not node3']],
    [['fs#1.mnt_opt-=noatime'], [], ['- mnt_opt: "noatime"']],
    [['ip#0.ipname=192.0.2.2'], [], ['- name: 192.0.2.1', '+ name: 192.0.2.2']],
    [['ip#0.ipdev@node2=eth9'], [], ['- dev@node2: "{env.intf}"', '+ dev@node2: eth9']],
    [['fs.optional=true'], [], ['+ optional: true']],
    [['app#1.start=/bin/x a=b+=c'], [], ['+ app#1:', '+ start: /bin/x a=b+=c']],
    [['env.intf={svcname}'], [], ['- intf: bond0', '+ intf: "{svcname}"']],
    [[], ['fs#1.mnt_opt'], ['- mnt_opt: "noatime"']],
    [[], ['ip#0.ipdev@node2'], ['- dev@node2: "{env.intf}"']],
    [[], ['fs#1'], ['- fs#1:', '- type: tmpfs', '- # Where it goes.', '- mnt: /srv/{svcname}', '- mnt_opt: "noatime"']],
  ])('set %j unset %j', (set, unset, lines) => {
    expect(difference(set, unset)).toEqual(lines)
  }) // prettier-ignore

  test.each([
    [['orchestrate'], [], '"orchestrate" sets nothing: write KEYWORD=VALUE, such as orchestrate=ha'],
    [['.x=1'], [], '".x" is no keyword: write it as KEYWORD, SECTION.KEYWORD or SECTION.KEYWORD@NODE'],
    [['a b=1'], [], '"a b" is no keyword: write it as KEYWORD, SECTION.KEYWORD or SECTION.KEYWORD@NODE'],
    [['orchestrate=hq'], [], 'DEFAULT.orchestrate must be no, start or ha, not "hq"; did you mean ha?'],
    [['fs#1.mnt='], [], 'fs#1 needs mnt, such as mnt: /srv/{svcname}/data'],
    [['orchestrat=ha'], [], 'DEFAULT has no keyword "orchestrat"; did you mean orchestrate?'],
    [['disk.optional=true'], [], 'there is no resource of group disk to set optional of: name a new one, such as disk#1.optional'],
    [[], ['fs#1.size'], 'fs#1.size is not set, so there is nothing to unset'],
    [[], ['fs#1.mnt'], 'fs#1 needs mnt, such as mnt: /srv/{svcname}/data'],
    [[], ['env.intf'], '{env.intf}: env has no intf'],
  ])('set %j unset %j is refused', (set, unset, message) => {
    expect(difference(set, unset)).toEqual([message])
  }) // prettier-ignore

  test('DEFAULT is made first where it is missing', () => {
    const changed = changeService({
      ...serviceText('fs#1:\n  type: flag\n'),
      set: ['orchestrate=ha'],
      unset: [],
    })
    expect(changed.ok && changed.value.text).toBe('DEFAULT:\n  orchestrate: ha\nfs#1:\n  type: flag\n')
  })

  test('law: what was set is what is got', () => {
    const value = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).map((text) => text.trim()).filter((text) => text !== '' && !/[\p{Cc}{$\\]/u.test(text))
    fc.assert(
      fc.property(value, (text) => {
        const changed = change([`env.intf=${text}`])
        if (!changed.ok) throw new Error(changed.error.message)
        expect(getKeyword({ config: changed.value, keyword: 'env.intf', as: null })).toEqual({ ok: true, value: text })
        expect(getKeyword({ config: changed.value, keyword: 'env.intf', as: 'node1' })).toEqual({ ok: true, value: text })
      }),
    )
  }) // prettier-ignore
})

describe('get', () => {
  test.each([
    ['fs#1.mnt', null, '/srv/{svcname}'],
    ['fs#1.mnt', 'node1', '/srv/db1'],
    ['ip#0.ipdev', 'node1', 'eth0'],
    ['ip#0.ipdev', 'node2', 'bond0'],
    ['ip#0.dev@node2', null, '{env.intf}'],
    ['orchestrate', 'node1', 'no'],
    ['DEFAULT.nodes', null, 'node1 node2'],
  ])('%s as %j', (keyword, as, value) => {
    expect(getKeyword({ config: configOf(TEXT), keyword, as })).toEqual({ ok: true, value })
  })

  test.each([
    ['orchestrate', null, 'orchestrate is not set; its default is no'],
    ['fs#1.size', 'node1', 'fs#1.size is not set'],
    ['fs#1.mtn', null, 'fs#1 has no keyword "mtn"; did you mean mnt?'],
    ['fs#2.mnt', null, 'db1 has no section fs#2; did you mean fs#1?'],
    ['env.x', null, 'env.x is not set'],
  ])('%s as %j is refused', (keyword, as, message) => {
    const answer = getKeyword({ config: configOf(TEXT), keyword, as })
    expect(answer.ok ? answer.value : answer.error.message).toBe(message)
  })
})

describe('what is kept', () => {
  test('YAML stays as it was written', () => {
    expect(canonicalText({ text: TEXT, source: 'x' })).toEqual({ ok: true, value: TEXT })
  })

  test('JSON and INI become YAML', () => {
    const yaml = 'DEFAULT:\n  nodes: "{clusternodes}"\nfs#1:\n  type: flag\n'
    expect(canonicalText({ text: '{"DEFAULT": {"nodes": "{clusternodes}"}, "fs#1": {"type": "flag"}}', source: 'x' })).toEqual({ ok: true, value: yaml })
    expect(canonicalText({ text: '[DEFAULT]\nnodes = {clusternodes}\n[fs#1]\ntype = flag\n', source: 'x' })).toEqual({ ok: true, value: yaml })
  }) // prettier-ignore

  test('--env overrides what the env section names, and nothing else', () => {
    const taken = takeService({ ...serviceText(TEXT), env: { intf: 'eth7' } })
    expect(taken.ok && taken.value.text).toBe(TEXT.replace('intf: bond0', 'intf: eth7'))
    const refused = takeService({ ...serviceText(TEXT), env: { intv: 'eth7' } })
    expect(refused.ok ? '' : refused.error.message).toBe(
      '--env intv: the configuration has no value of that name in its env section; did you mean intf?',
    )
  })

  test('problems of a JSON text are told at their place in the JSON', () => {
    const taken = takeService(serviceText('{\n  "fs#1": {\n    "type": "flg"\n  }\n}', { source: '-' }))
    expect(taken.ok ? '' : taken.error.message).toContain('standard input:3:13: fs#1.type must be one of')
  })
})
