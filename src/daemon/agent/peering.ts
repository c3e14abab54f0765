import { votersOf, votingNodes } from '../../core/cluster.js'
import type { Event } from '../../core/event.js'
import { pledgeOf, voteOn } from '../../core/voting.js'
import type { World } from '../../core/world.js'
import { exchange, newExchange, type Exchange, type ExchangeEvent, type News } from '../peers/exchange.js'
import { pathsOf } from '../peers/paths.js'
import { received, type Reception } from '../peers/reception.js'
import { formatMessage, parseMessage, type Ack, type Beat } from '../peers/wire.js'
import type { Cancel, Clock, PeerLinkEvents, PeerLinks, PeerPath } from '../ports.js'
import type { Agent, Follower } from './agent.js'
import type { Logbook } from './logbook.js'

/** What is known of a heartbeat path, for people. */
export interface PathView extends PeerPath {
  readonly heardAtMs: number | null
  readonly latencyMs: number | null
  /** Null where nothing was heard yet, or by an agent that does not count. */
  readonly reception: Reception | null
}

const unheard = { heardAtMs: null, latencyMs: null, reception: null }

/**
 * Beats, and brings documents and registers to peers and from them. What to send is decided by the pure `exchange`; this class has the
 * links and the beat's timer.
 */
export class Peering implements Follower, PeerLinkEvents {
  private state: Exchange = newExchange
  private links: PeerLinks | null = null
  private beat: Cancel | null = null
  private readonly paths = new Map<string, PathView>()

  constructor(
    private readonly o: { readonly agent: Agent; readonly clock: Clock; readonly logbook: Logbook },
  ) {}

  begin(links: PeerLinks): void {
    this.links = links
    this.tick()
  }

  stop(): void {
    this.beat?.()
    this.links?.close()
    this.links = null
  }

  /** Every path that the cluster's configuration names, in its order. */
  get pathViews(): readonly PathView[] {
    const { self, cluster } = this.o.agent.world
    return pathsOf(self, votingNodes(cluster)).map(
      (path) => this.paths.get(path.id) ?? { ...path, ...unheard },
    )
  }

  turned(before: World, after: World): void {
    if (before.cluster !== after.cluster) this.forgetPaths(after)
    if (before.documents === after.documents && before.registers === after.registers) return
    this.happen({ kind: 'changed' })
  }

  onUp(path: PeerPath): void {
    this.paths.set(path.id, { ...unheard, ...this.paths.get(path.id), ...path })
    this.o.logbook.write({ level: 'debug', message: `path ${path.id} is up` })
    this.happen({ kind: 'up', path: path.id, peer: path.peer })
  }

  onDown(path: PeerPath, why: string): void {
    this.o.logbook.write({ level: 'debug', message: `path ${path.id} is down: ${why}` })
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
    this.happen({ kind: 'message', path: path.id, peer: path.peer, message: message.value })
  }

  /** A path that comes back later has a new beginning. */
  private forgetPaths({ self, cluster }: World): void {
    const named = new Set(pathsOf(self, votingNodes(cluster)).map(({ id }) => id))
    for (const id of this.paths.keys()) if (!named.has(id)) this.paths.delete(id)
  }

  private tick(): void {
    const { clock, agent } = this.o
    this.beat = clock.at(clock.nowMs() + agent.world.cluster.heartbeat.intervalMs, () => this.tick())
    this.happen({ kind: 'tick' })
  }

  private happen(event: ExchangeEvent): void {
    const { agent, clock } = this.o
    const world = agent.saved
    const turn = exchange(this.state, event, {
      self: world.self,
      nodes: votersOf(world.cluster),
      documents: world.documents,
      registers: world.registers,
      pledge: () => pledgeOf(world, clock.nowMs()),
      nowMs: clock.nowMs(),
      intervalMs: world.cluster.heartbeat.intervalMs,
    })
    this.state = turn.state
    for (const { path, peer, message } of turn.send) {
      const sent = this.links?.send(path, formatMessage(message)) ?? true
      // What is lost in repeating it is noticed by the peer's next beats.
      if (!sent && event.kind !== 'lost') this.happen({ kind: 'lost', path, peer })
    }
    for (const news of turn.news) this.hear(news)
  }

  private hear(news: News): void {
    switch (news.kind) {
      case 'beat':
        this.count(news.path, news.beat)
        return this.answerBeat(news.peer, news.path, news.beat)
      case 'ack':
        this.see(news.path, { latencyMs: news.latencyMs })
        return this.takeAck(news.peer, news.ack)
      case 'in step':
      case 'document':
      case 'registers': {
        const event: Event = news
        this.o.agent.put(event)
        return
      }
    }
  }

  private count(path: string, { round, pledge }: Beat): void {
    const before = this.paths.get(path)?.reception ?? null
    const reception =
      round === undefined ? null : received(before, { incarnation: pledge?.incarnation ?? 0, round })
    this.see(path, { heardAtMs: this.o.clock.nowMs(), reception })
  }

  private see(path: string, change: Partial<PathView>): void {
    const known = this.paths.get(path)
    if (known !== undefined) this.paths.set(path, { ...known, ...change })
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
