import type { Command, CommandOption, Scope } from '../src/cli/command.js'
import { COMMON } from '../src/cli/commands/options.js'
import { usage } from '../src/cli/parse.js'
import { commands } from '../src/cli/table.js'
import { driverSections } from '../src/resources/sections.js'
import { clusterChapters, serviceChapters, typeWords, type Chapter } from '../src/spec/catalogue.js'
import type { Keyword } from '../src/spec/keyword.js'
import { schemaOf } from '../src/spec/schema.js'
import type { Edition } from './contents.js'
import { overviewPage, omdPage } from './manual-prose.js'
import { bold, definition, heading, page, paragraph, subheading, type Page } from './roff.js'

/** The manual: commands and keywords from the catalogue that the programs have, the rest as prose. */
export function manualPages(edition: Edition): readonly Page[] {
  const pages = [omPage(), svcmonPage(), configurationPage(), omdPage, overviewPage]
  const made = pages.map((each) => page(each, edition))
  const links = ['svcmgr', 'nodemgr'].map((name) => ({ name, section: 1, text: '.so man1/om.1\n' }))
  return [...made, ...links]
}

const scopes: readonly (readonly [Scope, string])[] = [
  ['service', 'Commands of services'],
  ['node', 'Commands of nodes'],
  ['cluster', 'Commands of the cluster'],
  ['daemon', 'Commands of the daemon'],
  ['alone', 'Other commands'],
]

function omPage() {
  return {
    name: 'om',
    section: 1,
    summary: 'command a Longshore cluster',
    body: [
      heading('SYNOPSIS'),
      paragraph('om SERVICE COMMAND [OPTION]...'),
      paragraph('om node|cluster|daemon COMMAND [OPTION]...'),
      paragraph('om mon|help [OPTION]...'),
      paragraph('svcmgr -s SERVICE COMMAND [OPTION]...'),
      paragraph('nodemgr COMMAND [OPTION]...'),
      heading('DESCRIPTION'),
      paragraph(
        'SERVICE is a name, a shell pattern, a,b (or), a+b (and), !a (not). A link to om that is named like a service acts on that service. The words of a command may be joined by an underscore: print_status.',
      ),
      heading('COMMANDS'),
      ...scopes.flatMap(([scope, title]) => [
        subheading(title),
        ...commands.filter((command) => command.scope === scope).map(commandText),
      ]),
      heading('OPTIONS OF EVERY COMMAND'),
      ...COMMON.map(optionText),
      definition('-h, --help', 'print help of the command'),
      heading('EXIT STATUS'),
      paragraph(
        '0: done, or already so. 1: refused, failed, or not over in time. 130: interrupted while waiting; the action goes on. Of status: 0 up, 1 down, 2 warn, 3 n/a, 5 undef, 6 stdby up, 7 stdby down; of several services the highest.',
      ),
      heading('ENVIRONMENT'),
      definition('LONGSHORE_ROOT', 'prefix of all paths'),
      definition('LONGSHORE_WITNESS', 'name of the cluster whose witness on this machine is commanded'),
      definition('NO_COLOR', 'no colours'),
      heading('FILES'),
      definition('/run/longshore/api.sock', 'where omd answers, for root'),
      heading('SEE ALSO'),
      paragraph('svcmon(1), longshore(5), longshore(7), omd(8)'),
    ],
  }
}

function commandText(command: Command): string {
  const positional = (command.arguments ?? []).map(({ flags }) => ` ${flags}`).join('')
  const rest = (command.arguments ?? []).map(({ flags, help }) => `${flags}: ${help}.`).join(' ')
  const options = command.options.map((option) => `\n${nested(optionText(option))}`).join('')
  return `${definition(`${usage(command)}${positional}`, `${command.help}. ${rest}`)}${options}`
}

const nested = (text: string): string => `.RS\n${text}\n.RE`
const optionText = ({ flags, help }: CommandOption): string => definition(flags, help)

function svcmonPage() {
  const mon = commands.filter(({ scope, words }) => scope === 'alone' && words === 'mon')
  return {
    name: 'svcmon',
    section: 1,
    summary: 'a Longshore cluster at a glance',
    body: [
      heading('SYNOPSIS'),
      paragraph('svcmon [OPTION]...'),
      heading('DESCRIPTION'),
      paragraph(
        'Prints the daemon of this node with its heartbeat paths, the nodes with their load, and the services: availability, and a column a node.',
      ),
      heading('OPTIONS'),
      ...mon.flatMap(({ options }) => [...options, ...COMMON].map(optionText)),
      heading('SEE ALSO'),
      paragraph('om(1), longshore(7)'),
    ],
  }
}

function configurationPage() {
  return {
    name: 'longshore',
    section: 5,
    summary: 'configuration of services and of the cluster',
    body: [
      heading('DESCRIPTION'),
      paragraph(
        '/etc/longshore/services.d/NAME.yaml and /etc/longshore/cluster.yaml have two levels: sections, and keywords in them. They are written by omd and may be edited by hand; om SERVICE set, om SERVICE edit config and om cluster set change them on every node. om help KEYWORD shows what is here on a terminal.',
      ),
      heading('SERVICES'),
      ...serviceChapters(schemaOf(driverSections)).map(chapterText),
      heading('THE CLUSTER'),
      ...clusterChapters().map(chapterText),
      heading('SEE ALSO'),
      paragraph(
        'om(1), longshore(7), /usr/share/doc/longshore/configuration.md, and /usr/share/doc/longshore/reference.md for how values are written',
      ),
    ],
  }
}

function chapterText({ written, help, keywords }: Chapter): string {
  return [subheading(written), paragraph(help), ...keywords.map(keywordText)].join('\n')
}

function keywordText(keyword: Keyword): string {
  const { name, help, required, scopable, inherited, example, alias } = keyword
  const facts = [
    required === true ? 'Required.' : '',
    keyword.default === undefined ? '' : `Default: ${keyword.default}.`,
    alias === undefined ? '' : `Also written ${alias.join(', ')}.`,
    scopable === true ? 'Per node.' : '',
    inherited === true ? 'Inherited.' : '',
    example === undefined ? '' : `Example: ${example}`,
  ]
  return definition(`${name} (${typeWords(keyword)})`, [help, ...facts].filter(Boolean).join(' '), bold)
}
