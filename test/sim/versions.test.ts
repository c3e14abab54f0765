import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { Alone } from './checkers/alone.js'
import { Exclusive } from './checkers/exclusive.js'
import { notLive } from './checkers/live.js'
import { Cluster, type Watcher } from './cluster.js'
import type { Mutation } from './mutation.js'
import { majorityStories } from './majority-stories.js'
import { rulesStories } from './rules-stories.js'
import { runSoak } from './soak-run.js'
import { flagService } from './service.js'
import { three } from './story.js'
import { gained, later, older } from './versions.js'

type Case = readonly [node: string, fields: readonly string[]]

/** Agents from before quorum have no part in it. */
const quorums = ['pledge', 'vote', 'evictions']
const others = Object.keys(gained).filter((field) => !quorums.includes(field))

/** Those that are in documents, and that a reader does not fill in. */
const told = ['rules', 'known', 'words']

/** None of them on any node, and each of them missing on the node that takes over. */
const cases = (fields: readonly string[]): readonly Case[] => [
  ...three.map((node): Case => [node, fields]),
  ...fields.map((field): Case => ['node2', [field]]),
]

/** Longer than a boot hold, and than it takes to start what a crash has ended. */
const settleMs = 10_000

/** Three nodes of which the first runs the service. */
class Story {
  readonly cluster: Cluster
  private readonly checker: Watcher & { readonly violations: readonly string[] }
  private readonly starts: string[] = []

  constructor(quorum: boolean, mutation: Mutation) {
    const services = [flagService('db1', three, { orchestrate: 'ha' })]
    this.cluster = new Cluster({ nodes: three, services, quorum, rejoinGraceMs: 4000, ...mutation })
    this.checker = quorum ? new Alone(this.cluster) : new Exclusive(this.cluster)
    const activated = (_: string, machine: string): void => void this.starts.push(machine)
    this.cluster.watchers.push(this.checker, { activated })
    this.cluster.begin()
    this.cluster.clock.pass(2000)
    this.cluster.ask('node1', 'db1', 'provision')
    this.pass(8000)
    this.expectStarts('node1')
  }

  /** Nothing is to happen to the service. */
  restart(name: string): void {
    const before = this.cluster.up('db1')
    this.takeStarts()
    this.upgrade(name)
    expect(this.takeStarts()).toEqual([])
    expect(this.cluster.up('db1')).toEqual(before)
  }

  /** Its daemon is stopped and started, as the package does. */
  upgrade(name: string): void {
    this.cluster.stopDaemon(name)
    this.pass(1500)
    expect(this.cluster.machine(name).daemon).toBeNull()
    this.cluster.startDaemon(name)
    this.pass(settleMs)
  }

  crash(name: string): void {
    this.takeStarts()
    this.cluster.crash(name)
    this.pass(settleMs)
  }

  boot(name: string): void {
    this.cluster.startDaemon(name)
    this.pass(settleMs)
  }

  /** Where it was started since the last look, and is up. */
  expectStarts(...nodes: readonly string[]): void {
    expect(this.takeStarts()).toEqual(nodes)
    expect(this.cluster.up('db1')).toEqual(nodes)
  }

  /** What another node has never heard of this one. */
  untoldBy(name: string): readonly string[] {
    const reader = three.find((other) => other !== name) ?? ''
    const document = this.cluster.world(reader).documents[name]
    return told.filter((field) => {
      const without = { kind: 'document', document: structuredClone(document) }
      gained[field]?.(without)
      return isDeepStrictEqual(without.document, document)
    })
  }

  expectWell(): void {
    expect(notLive(this.cluster)).toEqual([])
    const complaints = this.cluster.log.filter(({ message }) => message.includes('what is no message'))
    expect(complaints).toEqual([])
  }

  pass(ms: number): void {
    this.cluster.clock.pass(ms)
    expect(this.checker.violations).toEqual([])
  }

  private takeStarts(): readonly string[] {
    return this.starts.splice(0)
  }
}

/** What is older stays so over its own restart. */
function restartAll(story: Story): void {
  for (const name of three) story.restart(name)
}

describe.each([
  { quorum: false, fields: Object.keys(gained) },
  { quorum: true, fields: others },
])('quorum $quorum', ({ quorum, fields }) => {
  test.each(cases(fields))(
    'an older agent on %s leaves out %s: restarts and upgrades move nothing, a crash moves it once',
    (node, names) => {
      // What is crashed starts once more.
      const story = new Story(quorum, older(node, names, node === 'node1' ? 3 : 2))
      restartAll(story)
      story.crash('node1')
      story.expectStarts('node2')
      story.boot('node1')
      expect(story.untoldBy(node)).toEqual(
        told.filter((field) => names.includes(field) || (field === 'known' && names.includes('rules'))),
      )
      story.restart(node)
      expect(story.untoldBy(node)).toEqual([])
      story.expectWell()
    },
  )
})

test.each([...quorums.map((field) => [field]), Object.keys(gained)].map((names) => [names]))(
  'an older agent leaves out %s, with quorum: restarts move nothing, and after a crash it is up once that agent is a new one',
  (names) => {
    const story = new Story(true, older('node3', names, 2))
    restartAll(story)
    story.crash('node1')
    story.upgrade('node3')
    story.boot('node1')
    story.expectWell()
  },
)

describe('an agent on node2 that says nothing of its rules: votes and times change beside it', () => {
  test.each(Object.entries({ ...rulesStories, ...majorityStories }))('%s', (_, soak) => {
    const mutation = older('node2', ['round', 'rules', 'known'])
    expect(runSoak(soak, { mutation }).violations).toEqual([])
  })
})

describe.each([false, true])('a later agent says more than is known here, quorum %s', (quorum) => {
  test.each(three)('on %s: restarts move nothing, a crash moves it once', (node) => {
    const story = new Story(quorum, later(node))
    restartAll(story)
    story.crash('node1')
    story.expectStarts('node2')
    story.boot('node1')
    story.expectWell()
  })

  test('what it says reaches another later one through an agent that does not know it', () => {
    const story = new Story(quorum, later('node1'))
    const { cluster } = story
    cluster.network.cut('node1', 'node2')
    cluster.ask('node1', 'db1', 'freeze')
    story.pass(settleMs)
    story.restart('node3')
    const document = cluster.world('node2').documents['node1']
    expect(document?.generation).toBe(cluster.world('node1').documents['node1']?.generation)
    expect(document).toMatchObject({ colour: { of: 'red' }, load: { colour: { of: 'red' } } })
    expect(document?.instances['db1']).toMatchObject({ colour: { of: 'red' } })
    expect(cluster.world('node2').registers['freeze/db1']).toMatchObject({ colour: { of: 'red' } })
  })

  test('what it says in messages of a kind that is not known here is passed over', () => {
    const story = new Story(quorum, {})
    const [path] = story.cluster.machine('node2').daemon?.paths ?? []
    for (let i = 0; i < 20; i += 1) {
      const text = JSON.stringify({ kind: 'gossip', of: 'node3', heard: i })
      if (path !== undefined) story.cluster.machine('node2').daemon?.peering.onMessage(path, text)
      story.pass(500)
    }
    story.expectWell()
    expect(story.cluster.up('db1')).toEqual(['node1'])
  })
})
