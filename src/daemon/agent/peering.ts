import type { Event } from '../../core/event.js'
import type { Having } from '../../core/farewell.js'
import { parties } from '../../core/rules.js'
import { pledgeOf, voteOn } from '../../core/voting.js'
import { ownDocument } from '../../core/view.js'
import type { World } from '../../core/world.js'
import { exchange, newExchange, type Exchange, type ExchangeEvent, type News } from '../peers/exchange.js'
import {
  formatMessage,
  LONGEST_DOCUMENT_BYTES,
  parseMessage,
  type Ack,
  type Beat,
  type Message,
} from '../peers/wire.js'
import type { Cancel, Clock, PeerLinkEvents, PeerLinks, PeerPath, Pulse, PulseLinks } from '../ports.js'
import type { Agent, Follower } from './agent.js'
import type { Logbook } from './logbook.js'
import { PathBook, pulseId, type PathView } from './path-book.js'

/**
 * Beats, and brings documents and registers to peers and from them. What to send is decided by the pure `exchange`; this class has the
 * links and the beat's timer.
 */
export class Peering implements Follower, PeerLinkEvents {
  private state: Exchange = newExchange
  private links: PeerLinks | null = null
  private beat: Cancel | null = null
  private pulses: PulseLinks | null = null
  private readonly paths = new PathBook()

  constructor(
    private readonly o: { readonly agent: Agent; readonly clock: Clock; readonly logbook: Logbook },
  ) {}

  begin(links: PeerLinks, pulses: PulseLinks | null): void {
    this.links = links
    this.pulses = pulses
    this.tick()
  }

  stop(): void {
    this.beat?.()
    this.links?.close()
    this.links = null
    this.pulses?.close()
    this.pulses = null
  }

  /** Every path to a member, in the order of the cluster's configuration, then those to nodes that were taken out and are still waited for. */
  get pathViews(): readonly PathView[] {
    return this.paths.views(this.o.agent.world)
  }

  /** By peer with a path: what it has of every node's documents, by the newest of its beats. */
  get having(): Readonly<Record<string, Having>> {
    return Object.fromEntries(Object.entries(this.state.peers).map(([peer, { has }]) => [peer, has ?? {}]))
  }

  turned(before: World, after: World): void {
    if (before.cluster !== after.cluster) this.paths.keepOnly(after)
    if (before.documents === after.documents && before.registers === after.registers) return
    this.happen({ kind: 'changed' })
  }

  onUp(path: PeerPath, protocol: number): void {
    this.o.logbook.write({ level: 'debug', message: `path ${path.id} is up, by protocol ${protocol}` })
    this.paths.connected(path.id, protocol)
    this.happen({ kind: 'up', path: path.id, peer: path.peer })
  }

  onDown(path: PeerPath, why: string): void {
    this.o.logbook.write({ level: 'debug', message: `path ${path.id} is down: ${why}` })
    this.paths.connected(path.id, null)
    this.happen({ kind: 'down', path: path.id, peer: path.peer })
  }

  onMessage(path: PeerPath, text: string): void {
    const message = parseMessage(text)
    if (!message.ok) {
      this.o.logbook.write({
        level: 'warn',
        message: `${path.peer} sent what is no message on ${path.id}, which is closed: ${message.error.message}`,
      })
      this.links?.drop(path.id, 'it sent what is no message')
      return
    }
    if (message.value === null) return
    this.happen({ kind: 'message', path: path.id, peer: path.peer, message: message.value })
  }

  /** A sign of life on `path`, `hb#1`. One that was sent before the newest known counts for nothing: it may have been kept and sent again. */
  pulsed(path: string, pulse: Pulse): void {
    const { agent } = this.o
    const id = pulseId(path, pulse.node)
    const { world } = agent
    if (pulse.node === world.self || !(pulse.node in world.links)) return
    if (!this.paths.isNews(id, pulse, world.documents[pulse.node]?.incarnation ?? 0)) return
    this.paths.heard(id, this.now(), pulse)
    agent.put({ kind: 'pulse', peer: pulse.node, path })
  }

  private tick(): void {
    const { clock, agent } = this.o
    this.beat = clock.at(clock.nowMs() + agent.world.cluster.heartbeat.intervalMs, () => this.tick())
    this.happen({ kind: 'tick' })
    const { node, incarnation } = ownDocument(agent.saved)
    this.pulses?.beat({ node, incarnation, round: this.state.round })
  }

  private happen(event: ExchangeEvent): void {
    const { agent, clock } = this.o
    const world = agent.saved
    const turn = exchange(this.state, event, {
      self: world.self,
      nodes: parties(world).map(({ name }) => name),
      documents: world.documents,
      registers: world.registers,
      pledge: () => pledgeOf(world, clock.nowMs()),
      nowMs: clock.nowMs(),
      intervalMs: world.cluster.heartbeat.intervalMs,
    })
    this.state = turn.state
    let written = null as { readonly message: Message; readonly text: string } | null
    for (const { path, peer, message } of turn.send) {
      // A beat goes to everybody as it is.
      if (written?.message !== message) written = { message, text: formatMessage(message) }
      const sent = this.links?.send(path, written.text) ?? true
      // What is lost in repeating it is noticed by the peer's next beats.
      if (!sent && event.kind !== 'lost') this.happen({ kind: 'lost', path, peer })
    }
    for (const news of turn.news) this.hear(news)
  }

  private now(): { readonly nowMs: number; readonly intervalMs: number } {
    const { agent, clock } = this.o
    return { nowMs: clock.nowMs(), intervalMs: agent.world.cluster.heartbeat.intervalMs }
  }

  private hear(news: News): void {
    switch (news.kind) {
      case 'beat':
        this.paths.heard(news.path, this.now(), {
          incarnation: news.beat.pledge?.incarnation ?? 0,
          round: news.beat.round,
        })
        return this.answerBeat(news.peer, news.path, news.beat)
      case 'ack':
        this.paths.answered(news.path, news.latencyMs)
        return this.takeAck(news.peer, news.ack)
      case 'too long':
        return this.o.logbook.write({ level: 'warn', message: tooLong(news) })
      case 'in step':
      case 'document':
      case 'registers': {
        const event: Event = news
        this.o.agent.put(event)
        return
      }
    }
  }

  /** Counted first, and saved: what is answered rests on it. */
  private answerBeat(peer: string, path: string, beat: Beat): void {
    const { agent } = this.o
    const { seq, sentMs, pledge } = beat
    agent.put({ kind: 'beat', peer, path, pledge: pledge === undefined ? null : { ...pledge, seq } })
    const vote = pledge === undefined ? undefined : voteOn(agent.saved, peer, pledge.incarnation, seq)
    this.links?.send(path, formatMessage({ kind: 'ack', seq, sentMs, ...(vote && { vote }) }))
  }

  private takeAck(voter: string, { sentMs, vote }: Ack): void {
    if (vote === undefined) return
    this.o.agent.put({ kind: 'acknowledged', voter, sentMs, ...vote })
  }
}

const tooLong = ({ peer, author, bytes }: Extract<News, { kind: 'too long' }>): string =>
  `the document of ${author} that ${peer} sent has ${bytes} bytes and is not taken, ${LONGEST_DOCUMENT_BYTES} are the most: ` +
  `${author} gets no answer to its starts from here until it is shorter; see which version of the agent runs on ${author}`
