import { clusterChapters, serviceChapters, typeWords, type Chapter } from './catalogue.js'
import type { Keyword } from './keyword.js'
import { MODIFIERS } from './pieces.js'
import type { Schema } from './schema.js'

/** The reference page of the configuration, as Markdown. */
export function referencePage(schema: Schema): string {
  return [
    '# Configuration reference',
    '',
    'This page is made from the keyword schema, and `om help KEYWORD` shows the same on a terminal.',
    '',
    grammar,
    '## Services: `services.d/NAME.yaml`',
    '',
    ...serviceChapters(schema).map(section),
    '## The cluster: `cluster.yaml`',
    '',
    ...clusterChapters().map(section),
  ].join('\n')
}

function section(chapter: Chapter): string {
  const head = [`### \`${chapter.written}\``, '', chapter.help, '']
  if (chapter.keywords.length === 0) return head.join('\n')
  const rows = chapter.keywords.map(row)
  return [...head, '| keyword | value | default | meaning |', '| --- | --- | --- | --- |', ...rows, ''].join(
    '\n',
  )
}

function row(keyword: Keyword): string {
  const aliases = (keyword.alias ?? []).map((alias) => `, \`${alias}\``).join('')
  const marks = [
    keyword.required === true ? 'Required.' : '',
    keyword.scopable === true ? 'Per node.' : '',
    keyword.inherited === true ? 'Inherited.' : '',
    keyword.example === undefined ? '' : `Example: \`${keyword.example}\``,
  ].filter((mark) => mark !== '')
  const fallback = keyword.default === undefined ? '' : `\`${keyword.default}\``
  const cells = [
    `\`${keyword.name}\`${aliases}`,
    typeWords(keyword),
    fallback,
    [keyword.help, ...marks].join(' '),
  ]
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`
}

const grammar = `## How values are written

A configuration has two levels: sections, and keywords in them. It is kept as YAML with its comments; \`om SERVICE deploy\` and \`create\`
take YAML, JSON and INI, told apart by what is written. Every value is one text, converted by the type of its keyword.

- **Per node.** \`keyword@NODE\` holds on that node, \`keyword@nodes\` on every member; both stand before \`keyword\` alone. Where a section
  lacks a keyword that is marked “inherited”, DEFAULT is looked at.
- **References.** \`{env.dev}\`, \`{fs#1.mnt}\` and \`{.nodes}\` (of DEFAULT) stand for the value of that keyword, default included;
  \`{keyword}\` for one of the same section, then of DEFAULT. Words with a meaning of their own: \`{svcname}\` and \`{name}\` (also
  \`{path}\`, \`{svcpath}\`), \`{nodename}\`, \`{short_nodename}\`, \`{clustername}\`, \`{clusternodes}\`, \`{rid}\`, \`{rindex}\` (what follows # in
  the section's name). \`{#x}\` counts the words of x, \`{x[1]}\` is its second word, and \`{upper:x}\` changes letters
  (${MODIFIERS.join(', ')}).
- **What is no reference.** Braces around anything but a name stay as they are, and so do \`{{x}}\` and \`\${X}\`. \`\\{x}\` is a literal
  \`{x}\`, \`$$(\` a literal \`$(\`.
- **Expressions.** \`$(2 * {#nodes})\` computes, after references were replaced: \`+ - * / // % ** & | ^\`, comparisons, \`in (a, b)\`,
  \`not\`, \`and\`, \`or\`. Bare words are strings.
- **boolean**: yes, true, y, t, on, 1; no, false, n, f, off, none, 0.
- **duration**: numbers with \`ms\`, \`s\`, \`m\`, \`h\`, \`d\`, \`w\` or \`y\`, joined as in \`1h30m\`; a bare number is seconds.
- **size**: bytes; \`KB\`, \`MB\`, \`GB\` … are powers of 1000, \`KiB\`, \`MiB\`, \`GiB\` … and the lone letters \`k\`, \`m\`, \`g\` … of 1024.
- **list**: words separated by white space or commas. **shell words**: words as a shell splits them, with quotes; no shell runs.
- **nodes**: names of nodes, or shell patterns for them.
`
