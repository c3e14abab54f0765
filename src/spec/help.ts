import { fail, ok, type Failure, type Result } from '../core/result.js'
import { clusterChapters, serviceChapters, typeWords, type Chapter } from './catalogue.js'
import type { Keyword } from './keyword.js'
import type { Schema } from './schema.js'
import { suggestion } from './suggestion.js'

/**
 * What `om help NAME` prints. NAME is a keyword (`mnt`), a keyword of some section (`fs.mnt`, `fs.xfs.mnt`, `fs#1.mnt`), or a section
 * (`fs`, `fs.xfs`, `heartbeat`), whose keywords are then listed.
 */
export function keywordHelp(schema: Schema, name: string): Result<string, Failure> {
  const chapters = [...serviceChapters(schema), ...clusterChapters()]
  const asked = name.replace(/#[^.]*/, '').toLowerCase()
  const sections = chapters.filter((chapter) => isOf(chapter, asked))
  if (sections.length > 0) return ok(sections.map(contents).join('\n'))
  const dot = asked.lastIndexOf('.')
  const wanted = asked.slice(dot + 1)
  const inside =
    dot < 0
      ? chapters
      : chapters.filter((chapter) => isOf(chapter, asked.slice(0, dot)) || lends(chapter, asked))
  const texts = articles(inside, wanted)
  if (texts.length > 0) return ok(texts.join('\n'))
  const hint = suggestion(wanted, namesIn(dot < 0 ? chapters : inside))
  return fail(
    'UNKNOWN',
    `nothing is known of ${JSON.stringify(name)}${hint === '' ? ": 'om help' lists the commands, 'om help fs' the keywords of a section" : hint}`,
  )
}

// `fs` means every file system.
function isOf(chapter: Chapter, section: string): boolean {
  const own = chapter.name.replace('#', '').toLowerCase()
  return own === section || own.startsWith(`${section}.`)
}

// `fs.restart`: a keyword of every resource, asked of a group or a driver.
function lends(chapter: Chapter, asked: string): boolean {
  return chapter.name === 'resource' && /^(ip|disk|fs|container|app)\./.test(asked)
}

// One article for all sections that share a keyword.
function articles(chapters: readonly Chapter[], name: string): string[] {
  const found = new Map<Keyword, Chapter[]>()
  for (const chapter of chapters) {
    const keyword = chapter.keywords.find((each) => each.name === name || each.alias?.includes(name))
    if (keyword !== undefined) found.set(keyword, [...(found.get(keyword) ?? []), chapter])
  }
  return [...found].map(([keyword, sections]) => article(keyword, sections))
}

function article(keyword: Keyword, sections: readonly Chapter[]): string {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['sections', sections.map(({ name }) => name.replace(/#$/, '#NAME')).join(', ')],
    ['also written', keyword.alias?.join(', ')],
    ['type', typeWords(keyword)],
    ['must be', keyword.pattern?.expects],
    ['required', keyword.required === true ? 'yes' : undefined],
    ['default', keyword.default],
    ['per node', keyword.scopable === true ? `yes, as ${keyword.name}@NODE` : undefined],
    ['inherited', keyword.inherited === true ? 'yes, from DEFAULT' : undefined],
    ['example', keyword.example === undefined ? undefined : `${keyword.name}: ${keyword.example}`],
  ]
  const lines = facts.flatMap(([label, text]) => (text === undefined ? [] : [`  ${label.padEnd(13)}${text}`]))
  return [keyword.name, `  ${keyword.help}`, '', ...lines, ''].join('\n')
}

function contents(chapter: Chapter): string {
  const width = Math.max(0, ...chapter.keywords.map(({ name }) => name.length))
  const lines = chapter.keywords.map(
    ({ name, help, required }) => `  ${name.padEnd(width)}  ${required === true ? 'Required. ' : ''}${help}`,
  )
  return [chapter.written, `  ${chapter.help}`, '', ...lines, ''].join('\n')
}

function namesIn(chapters: readonly Chapter[]): string[] {
  const keywords = chapters.flatMap((chapter) => chapter.keywords.map((keyword) => keyword.name))
  return [...new Set([...keywords, ...chapters.map((chapter) => chapter.name)])]
}
