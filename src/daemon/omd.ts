import type { ClusterConfig } from '../core/cluster.js'
import { fail, ok, type Result } from '../core/result.js'
import { machineIdOf } from '../core/membership.js'
import { parties } from '../core/rules.js'
import { ownDocument } from '../core/view.js'
import { clusterText, parseCluster, withoutNode } from '../spec/cluster.js'
import { ownAddresses } from './addresses.js'
import { remembered } from './agent/remembered.js'
import { buildApi } from './api/app.js'
import type { Api } from './api/environment.js'
import type { House } from './api/house.js'
import type { EnrolAnswer, EnrolRequest } from './api/schema.js'
import { fingerprintOf } from './certificates/identity.js'
import type { IssuePorts } from './certificates/openssl.js'
import { pulseKey } from './certificates/pulse-key.js'
import { removeCertificates, saveCertificates, type Certificates } from './certificates/stored.js'
import { makeToken } from './certificates/token.js'
import { ClusterRoom, type RoomPorts } from './cluster-room.js'
import type { OpenTls, TlsDoor } from './doors.js'
import { drain } from './drain.js'
import { sayLeave } from './leave.js'
import { admit, askToJoin, fitToJoin, foundCluster, usualPort } from './members.js'
import { askMember, followMember } from './peer-calls.js'
import { formatEndpoint, parseAddress } from './peers/address.js'
import type { Cancel, Notify } from './ports.js'
import type { OpenPulses } from './pulse-lines.js'
import { renewed } from './renewal.js'
import { endMembership, finishLeaving, storeCluster, storedCluster } from './stored-cluster.js'
import { X509Certificate } from 'node:crypto'

/** Certificates are looked at this often. */
const renewalEveryMs = 6 * 3600 * 1000

/** Nothing is begun beside that. */
const atItsEnd = 'omd is about to end, or to leave its cluster: try again in a moment'

export interface OmdPorts extends RoomPorts {
  readonly openTls: OpenTls
  readonly openPulses: OpenPulses
  /** Could this node listen on the TCP port? */
  readonly portFree: (port: number) => Promise<Result<void>>
  readonly notify: Notify
  /** Does this daemon only vote? */
  readonly witness: boolean
}

/** The daemon: in a cluster or not yet. */
export class Omd implements House {
  readonly api: Api
  room: ClusterRoom | null = null
  private door: TlsDoor | null = null
  private certificates: Certificates | null = null
  private closing: Promise<void> | null = null
  private renewal: Cancel | null = null

  constructor(
    private readonly ports: OmdPorts,
    /** Called when the daemon is to end. */
    private readonly end: () => void,
  ) {
    this.api = buildApi(this)
  }

  get self(): string {
    return this.ports.sys.hostname
  }

  get version(): string {
    return this.ports.version
  }

  /** Takes up the cluster that this node belongs to, if it does. */
  async begin(): Promise<Result<void>> {
    const left = await finishLeaving(this.ports, this.self)
    if (!left.ok) return left
    const stored = await storedCluster(this.ports, this.self)
    if (!stored.ok) return stored
    return stored.value === null ? ok(undefined) : this.enter(stored.value.cluster, stored.value.certificates)
  }

  async init(name: string, addresses: readonly string[]): Promise<Result<string>> {
    if (this.closing !== null) return fail('CONFLICT', atItsEnd)
    if (this.ports.witness)
      return fail(
        'CONFLICT',
        'a witness makes no cluster: join one, with a token from om cluster token there',
      )
    if (this.room !== null)
      return fail(
        'CONFLICT',
        `this node belongs to cluster ${this.room.agent.world.cluster.name} already: leave it first with om cluster leave`,
      )
    const left = remembered(this.ports)
    if (!left.ok) return left
    const { rng, clock } = this.ports
    const id = rng.id()
    const nodes = [{ name: this.self, addresses: addresses.length > 0 ? addresses : ownAddresses() }]
    const text = clusterText({ name, id, nodes })
    if (!text.ok) return text
    const cluster = parseCluster({ text: text.value, source: 'the new cluster' })
    if (!cluster.ok) return cluster
    const wallMs = clock.wallMs()
    const certificates = await foundCluster(this.issuing, { node: this.self, clusterId: id }, wallMs)
    if (!certificates.ok) return certificates
    const register = { stamp: { wallMs, count: 0, node: this.self }, text: text.value }
    const entered = await this.settle(cluster.value, certificates.value, register)
    return entered.ok ? ok(`cluster ${name} made, with ${this.self} as its first node`) : entered
  }

  async token(): Promise<Result<string>> {
    const { room, certificates, ports } = this
    if (room === null || certificates === null)
      return fail('CONFLICT', "this node belongs to no cluster: run 'om cluster init' first")
    const { cluster, self } = room.agent.world
    const own = cluster.nodes.find(({ name }) => name === self)?.addresses ?? []
    const addresses = own.map((address) => formatEndpoint(parseAddress(address, cluster.port)))
    const fingerprint = fingerprintOf(new X509Certificate(certificates.authority.certificatePem))
    const wallMs = ports.clock.wallMs()
    return ok(makeToken(ports.store, ports.rng, { fingerprint, addresses, wallMs }))
  }

  async join(token: string, addresses: readonly string[]): Promise<Result<string>> {
    if (this.closing !== null) return fail('CONFLICT', atItsEnd)
    if (this.room !== null)
      return fail(
        'CONFLICT',
        `this node belongs to cluster ${this.room.agent.world.cluster.name} already: leave it first with om cluster leave`,
      )
    const own = addresses.length > 0 ? addresses : ownAddresses()
    const role = this.ports.witness ? 'witness' : 'node'
    const fit = await fitToJoin(this.ports, token, this.self, role === 'node' ? null : (own[0] ?? null))
    if (!fit.ok) return fit
    const { machineId } = this.ports.sys
    const joined = await askToJoin(this.issuing, {
      token,
      node: this.self,
      machineId,
      addresses: own,
      role,
      port: usualPort,
    })
    if (!joined.ok) return joined
    const cluster = parseCluster({ text: joined.value.cluster.text, source: "the cluster's configuration" })
    const entered = cluster.ok
      ? await this.settle(cluster.value, joined.value.certificates, joined.value.cluster)
      : cluster
    if (entered.ok && cluster.ok) return ok(`${role} ${this.self} joined cluster ${cluster.value.name}`)
    const why = entered.ok ? '' : entered.error.message
    return fail(
      'CONFLICT',
      `${why}; the cluster counts ${this.self} as a ${role} already: mend this, then join again with a new token`,
    )
  }

  async enrol(request: EnrolRequest, address: string | null): Promise<Result<EnrolAnswer>> {
    if (this.room === null || this.certificates === null)
      return fail('CONFLICT', `${this.self} belongs to no cluster`)
    return admit(this.issuing, this.room, this.certificates, request, address)
  }

  async leave(): Promise<Result<string>> {
    const { room, ports } = this
    if (room === null) return fail('CONFLICT', 'this node belongs to no cluster')
    const { world } = room.agent
    const without = (text: string, role: 'node' | 'witness'): Result<string> =>
      withoutNode({ text, source: 'cluster.yaml', node: world.self, role })
    const said = await new Promise<Result<void>>((resolve) =>
      sayLeave({ agent: room.agent, clock: ports.clock, without }, resolve),
    )
    if (!said.ok) return said
    await this.close()
    const removed = await endMembership(ports)
    return removed.ok ? ok(`node ${world.self} left cluster ${world.cluster.name}`) : removed
  }

  async stop(how: 'stop' | 'shutdown'): Promise<Result<string>> {
    if (how === 'shutdown') {
      const drained = this.room === null ? ok(undefined) : await drain(this.room)
      if (!drained.ok) return drained
    }
    this.ports.clock.at(this.ports.clock.nowMs(), () => void this.close().then(this.end))
    return ok(how === 'stop' ? 'omd stops, services stay up' : 'omd shuts down, its services have moved')
  }

  /** Leaves the loop; services stay as they are. Asked again meanwhile, it is the same leave. */
  close(): Promise<void> {
    this.closing ??= this.leaveRoom().finally(() => (this.closing = null))
    return this.closing
  }

  private async leaveRoom(): Promise<void> {
    this.renewal?.()
    this.renewal = null
    const { room, door } = this
    this.room = null
    this.door = null
    await room?.end()
    await door?.close()
  }

  async ask<T>(node: string, path: string): Promise<Result<T>> {
    const { room, certificates } = this
    if (room === null || certificates === null) return fail('CONFLICT', 'this node belongs to no cluster')
    return askMember<T>({ room, certificates }, node, path)
  }

  followPeer(node: string, path: string, onEvent: (json: string) => void): () => void {
    const { room, certificates } = this
    if (room === null || certificates === null) return () => undefined
    return followMember({ room, certificates }, node, path, onEvent)
  }

  private get issuing(): IssuePorts {
    const { exec, files, rng, varDir } = this.ports
    return { exec, files, rng, directory: varDir }
  }

  /** Keeps what membership rests on, then takes it up. Where that fails nothing of it stays behind. */
  private async settle(
    cluster: ClusterConfig,
    certificates: Certificates,
    register: EnrolAnswer['cluster'],
  ): Promise<Result<void>> {
    const { files, varDir, store } = this.ports
    // Looked at again, after what has been waited for: what is left of a former cluster is not forgotten behind the operator's back.
    const left = remembered(this.ports)
    if (!left.ok) return left
    const over = await finishLeaving(this.ports, this.self)
    if (!over.ok) return over
    storeCluster(store, register)
    const saved = await saveCertificates(files, varDir, certificates)
    const entered = saved.ok ? await this.enter(cluster, certificates) : saved
    if (entered.ok) return entered
    // Without them it belongs to no cluster, whatever becomes of the store.
    await removeCertificates(files, varDir)
    await endMembership(this.ports)
    return entered
  }

  private async enter(cluster: ClusterConfig, certificates: Certificates): Promise<Result<void>> {
    const { ports, self } = this
    const kept = remembered(ports)
    if (!kept.ok) return kept
    const load = await ports.sys.load()
    const room = new ClusterRoom(ports, { cluster, kept: kept.value, load, self })
    const door = await ports.openTls({
      self,
      machineId: ports.sys.machineId,
      version: ports.version,
      certificates,
      cluster: () => room.agent.world.cluster,
      members: () => parties(room.agent.world),
      incarnation: () => ownDocument(room.agent.world).incarnation,
      machineIdOf: (node) => machineIdOf(room.agent.world, node),
      handle: (request, caller) => this.api.fetch(request, { caller }),
      say: (message) => room.logbook.write({ level: 'warn', message }),
    })
    if (!door.ok) return door
    this.room = room
    this.door = door.value
    this.certificates = certificates
    const pulses = ports.openPulses({
      self,
      cluster: () => room.agent.world.cluster,
      key: pulseKey(certificates.authority.keyPem, cluster.id),
      onPulse: (path, pulse) => room.peering.pulsed(path, pulse),
      say: (message) => room.logbook.write({ level: 'warn', message }),
    })
    room.agent.follow({
      turned: (before, after) => {
        if (before.cluster === after.cluster) return
        this.door?.peersChanged()
        pulses.configure()
      },
    })
    await room.begin((events) => door.value.links(events), pulses)
    this.watchRenewal()
    return ok(undefined)
  }

  private watchRenewal(): void {
    const { clock } = this.ports
    void this.renew()
    this.renewal = clock.at(clock.nowMs() + renewalEveryMs, () => this.watchRenewal())
  }

  private async renew(): Promise<void> {
    const { certificates, ports, room, door } = this
    if (certificates === null || room === null || door === null) return
    const identity = { node: this.self, clusterId: room.agent.world.cluster.id }
    const { varDir, clock } = ports
    const next = await renewed({ ...this.issuing, varDir }, certificates, identity, clock.wallMs())
    if (!next.ok) return room.logbook.write({ level: 'error', message: next.error.message })
    if (next.value === null) return
    this.certificates = next.value
    door.replaceCertificates(next.value)
    room.logbook.write({ message: 'the certificate of this node was renewed' })
  }
}
