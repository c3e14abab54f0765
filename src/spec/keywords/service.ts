import type { Keyword, SectionSchema } from '../keyword.js'

const members: readonly Keyword[] = [
  {
    name: 'nodes',
    type: 'nodes',
    default: '{clusternodes}',
    help: 'Nodes that may run the service, best first for the placement policy nodes order. Shell patterns stand for the nodes they match.',
    example: 'node1 node2',
  },
  {
    name: 'topology',
    type: 'text',
    default: 'failover',
    candidates: ['failover'],
    help: 'failover: one instance at a time.',
  },
  {
    name: 'orchestrate',
    type: 'text',
    default: 'no',
    candidates: ['no', 'start', 'ha'],
    help: 'no: operators start it. start: the best node also starts it by itself. ha: another node takes over when it fails.',
  },
  {
    name: 'placement',
    type: 'text',
    default: 'nodes order',
    candidates: ['none', 'nodes order', 'load avg'],
    help: 'How the best node is found: the order of nodes, the lowest load, or not at all (nothing starts by itself).',
  },
  {
    name: 'priority',
    type: 'integer',
    default: '50',
    minimum: '0',
    help: 'Services with lower numbers are started first.',
  },
]

const relations: readonly Keyword[] = [
  {
    name: 'parents',
    type: 'list',
    help: 'Services that must be up before this one starts: name, or name@node for one instance.',
    example: 'db1 storage1@node2',
  },
  {
    name: 'children',
    type: 'list',
    help: 'Services that must be down before this one stops: name, or name@node for one instance.',
    example: 'web1',
  },
]

const failures: readonly Keyword[] = [
  {
    name: 'monitor_action',
    type: 'text',
    default: 'none',
    scopable: true,
    candidates: ['none', 'freezestop', 'switch', 'reboot', 'crash'],
    help: 'What happens when a resource with monitor=true stays down after its restarts.',
  },
  {
    name: 'pre_monitor_action',
    type: 'text',
    scopable: true,
    help: 'Command run before monitor_action.',
    example: '/usr/local/bin/collect-state',
  },
  {
    name: 'rollback',
    type: 'boolean',
    default: 'true',
    scopable: true,
    help: 'Stop what a failed start had started.',
  },
  {
    name: 'on_duplicate',
    type: 'text',
    default: 'stop oldest',
    candidates: ['stop oldest', 'stop newest', 'placement', 'freeze'],
    help: 'Which instance stops where two are found up: the older one, the newer one, the worse placed one, or neither.',
  },
]

const presence: readonly Keyword[] = [
  {
    name: 'disable',
    type: 'boolean',
    default: 'false',
    scopable: true,
    help: 'Leave the whole service alone.',
  },
  {
    name: 'show_disabled',
    type: 'boolean',
    default: 'true',
    scopable: true,
    help: 'Show disabled resources in the status.',
  },
  { name: 'comment', type: 'text', help: 'Words for the reader.' },
]

/** `DEFAULT`: the service itself. Keywords of resources that are inherited may stand there too. */
export const serviceSection: SectionSchema = {
  section: 'DEFAULT',
  help: 'The service itself. Inherited keywords of resources may be given here once for all of them.',
  keywords: [...members, ...relations, ...failures, ...presence],
}

export const subsetSection: SectionSchema = {
  section: 'subset',
  help: 'A named part of a group, as in subset#fs:data; resources name it with their subset keyword.',
  keywords: [
    {
      name: 'parallel',
      type: 'boolean',
      default: 'false',
      help: 'Start and stop its resources at the same time.',
    },
    { name: 'comment', type: 'text', help: 'Words for the reader.' },
  ],
}

export const envSection: SectionSchema = {
  section: 'env',
  help: 'Values of your own, for references such as {env.dev}. Their names are free.',
  keywords: [],
}
