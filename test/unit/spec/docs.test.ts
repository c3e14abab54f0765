import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { driverSections } from '../../../src/resources/sections.js'
import { parseCluster } from '../../../src/spec/cluster.js'
import { schemaOf } from '../../../src/spec/schema.js'
import { parseService } from '../../../src/spec/service.js'

const root = join(import.meta.dirname, '../../..')
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'test/README.md',
  'test/lab/README.md',
  'test/stories/README.md',
].concat(
  readdirSync(join(root, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
)
const read = (page: string): string => readFileSync(join(root, page), 'utf8')

test.each(pages)('%s: what it links to is there', (page) => {
  const targets = [...read(page).matchAll(/\]\(([^)#:]+)\)/g)].map(([, target = '']) => target)
  const missing = targets.filter((target) => !existsSync(join(root, dirname(page), target)))
  expect(missing).toEqual([])
})

/** `src/resources/GROUP/TYPE/driver.ts` */
const placeholder = /\/(NAME|GROUP|TYPE)\b/

test.each(pages)('%s: files of the source that it names are there', (page) => {
  const named = [...read(page).matchAll(/`((?:src|test|bench|scripts|services\.d)\/[\w./-]+)`/g)]
  const missing = named
    .map(([, path = '']) => path)
    .filter((path) => !placeholder.test(path) && !existsSync(join(root, path)))
  expect(missing).toEqual([])
})

const yaml = [...read('docs/configuration.md').matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text)

test('the service in the page on configurations is valid', () => {
  const setting = { clusterNodes: ['node1', 'node2'], clusterName: 'paris', schema: schemaOf(driverSections) }
  const parsed = parseService({ name: 'db1', text: yaml[0] ?? '', source: 'docs', ...setting })
  expect(parsed.ok ? [] : parsed.error.details).toEqual([])
})

test('the hook in the page on configurations is valid', () => {
  const text = `cluster:\n  name: paris\n  id: x\n  nodes: node1\n${yaml[1] ?? ''}`
  const parsed = parseCluster({ text, source: 'docs' })
  expect(parsed.ok ? [] : parsed.error.details).toEqual([])
})
