import type { NodeDocument } from '../../src/core/document.js'
import { noLease } from '../../src/core/lease.js'
import type { Vote } from '../../src/core/voting.js'
import type { World } from '../../src/core/world.js'

/** Who was heard then acknowledged this node, and was acknowledged by it; `none` is a lease that never began. */
export function votingOf(
  lease: 'valid' | 'none' | 'lapsed',
  heardAtMs: Readonly<Record<string, number>>,
  leaselessSinceMs: Readonly<Record<string, number>> = {},
): Pick<World, 'lease' | 'votes'> {
  const ackedMs = lease === 'valid' ? heardAtMs : {}
  const votes = Object.entries(heardAtMs).map(([peer, ackedAtMs]) => {
    const since = leaselessSinceMs[peer]
    const vote: Vote = {
      ackedAtMs,
      beat: null,
      verdict: 'acknowledged',
      ...(since === undefined ? {} : { leaselessSinceMs: since }),
    }
    return [peer, vote] as const
  })
  return {
    lease: { ...noLease(0), ackedMs, begun: lease !== 'none', lapsed: lease === 'lapsed' },
    votes: Object.fromEntries(votes),
  }
}

/** `NODE`: evicted for the claim of `self`; `NODE for CLAIMANT`: for that one's. */
export function evictionsOf(
  voter: string,
  evicted: readonly string[],
  self: { readonly node: string; readonly since: number },
): NodeDocument['evictions'] {
  const evictions = evicted.map((text) => {
    const [node = '', claimant = self.node] = text.split(' for ')
    const own = claimant === self.node
    const claim = {
      node: claimant,
      incarnation: own ? 3 : 1,
      service: 'db1',
      since: own ? self.since : 5,
    }
    return [node, { id: `${voter}/1/7`, claims: [claim] }] as const
  })
  return Object.fromEntries(evictions)
}
