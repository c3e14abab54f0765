import { expect, test } from 'vitest'
import { clusterChapters, serviceChapters } from '../../../src/spec/catalogue.js'
import { convert } from '../../../src/spec/convert.js'
import { keywordHelp } from '../../../src/spec/help.js'
import { jsonSchema } from '../../../src/spec/jsonschema.js'
import { referencePage } from '../../../src/spec/reference.js'
import { schema } from './setting.js'

const help = (name: string): string => {
  const answer = keywordHelp(schema, name)
  return answer.ok ? answer.value : answer.error.message
}

test('a keyword is explained once for all sections that share it', () => {
  expect(help('fs.mnt')).toBe(`mnt
  Mount point. Made at start where it is missing.

  sections     fs.xfs, fs.ext4, fs.btrfs, fs.tmpfs, fs.bind, fs.nfs
  type         text
  must be      an absolute path
  required     yes
  per node     yes, as mnt@NODE
  example      mnt: /srv/{svcname}/data
`)
  for (const name of ['mnt', 'fs#1.mnt', 'FS.mnt']) expect(help(name)).toBe(help('fs.mnt'))
  expect(help('fs.xfs.mnt')).toContain('sections     fs.xfs\n')
})

test('a keyword of every resource is found under any of them', () => {
  expect(help('disk.restart')).toBe(help('restart'))
  expect(help('app#1.restart')).toContain('inherited    yes, from DEFAULT')
})

test('an alias leads to its keyword', () => {
  expect(help('ip.dev')).toContain('also written dev\n')
})

test('a section lists its keywords', () => {
  expect(help('listener').trim()).toBe(`listener
  Where peers and clients reach a node.

  port  TCP port of peers and of the API.`)
})

test.each([
  ['fs.mtn', 'nothing is known of "fs.mtn"; did you mean mnt?'],
  ['restat', 'nothing is known of "restat"; did you mean restart?'],
  [
    'qqqqqq',
    "nothing is known of \"qqqqqq\": 'om help' lists the commands, 'om help fs' the keywords of a section",
  ],
])('%s is not known', (name, message) => {
  expect(help(name)).toBe(message)
})

const chapters = [...serviceChapters(schema), ...clusterChapters()]
const keywords = chapters.flatMap((chapter) =>
  chapter.keywords.map((keyword) => ({ where: `${chapter.name}.${keyword.name}`, keyword })),
)

test('every keyword is explained by a sentence', () => {
  expect(
    keywords.filter(({ keyword }) => !/^[A-Za-z].*[.?]$/.test(keyword.help)).map(({ where }) => where),
  ).toEqual([])
})

test('defaults, minima and examples are what their own keyword accepts', () => {
  const wrong = keywords.flatMap(({ where, keyword }) =>
    [keyword.default, keyword.minimum, keyword.example].flatMap((text) => {
      if (text === undefined || text.includes('{')) return []
      const converted = convert(keyword, text)
      return converted.ok ? [] : [`${where}: ${text} is not ${converted.expects}`]
    }),
  )
  expect(wrong).toEqual([])
})

test('a required keyword has no default, and no name is given twice in a section', () => {
  for (const chapter of chapters) {
    const names = chapter.keywords.flatMap((keyword) => [keyword.name, ...(keyword.alias ?? [])])
    expect(
      names.filter((name, index) => names.indexOf(name) !== index),
      chapter.name,
    ).toEqual([])
    expect(
      chapter.keywords.filter((keyword) => keyword.required && keyword.default !== undefined),
      chapter.name,
    ).toEqual([])
  }
})

test('docs/reference.md is current', async () => {
  await expect(referencePage(schema)).toMatchFileSnapshot('../../../docs/reference.md')
})

test('docs/service.schema.json is current', async () => {
  await expect(`${JSON.stringify(jsonSchema(schema), null, 1)}\n`).toMatchFileSnapshot(
    '../../../docs/service.schema.json',
  )
})
