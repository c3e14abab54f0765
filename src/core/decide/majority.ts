import { atLeast, type ClaimName } from '../document.js'
import { besideThose, isBehind, older, parties, tallyOf } from '../rules.js'
import { hasSeen } from '../voting.js'
import type { World } from '../world.js'

/**
 * With quorum a claim counts once a majority of voters has seen it and knows nothing that this node does not: no newer configuration of the cluster, and no newer word of a
 * node that is not asked for an answer. Whoever begins anything has asked a majority, too, so that of any two claims one voter tells the later one of the
 * other. Says what is missing; null where nothing is. `asked`: nodes whose answers are weighed one by one.
 */
export function majorityObstacle(world: World, claim: ClaimName, asked: readonly string[]): string | null {
  if (!world.cluster.quorum) return null
  const others = parties(world).map(({ name }) => name)
  const unasked = others.filter((name) => name !== world.self && !asked.includes(name))
  const obstacleAt = (voter: string): string | null => voterObstacle(world, voter, claim, unasked)
  const { votes, voters, needed } = tallyOf(world, (voter) => obstacleAt(voter) === null)
  if (votes >= needed) return null
  const known = others.map(obstacleAt).find((one) => one !== null && one !== unseen)
  return known ?? `${votes} of ${voters} voters have seen the claim, ${needed} are needed`
}

/** The world that a claim is weighed in: by every rule that a voter goes by which counts for it. */
export function weighedWorld(world: World, claim: ClaimName): World {
  if (!world.cluster.quorum) return world
  const voters = parties(world).map(({ name }) => name)
  return besideThose(
    world,
    voters.filter((name) => name !== world.self && !isBehind(world, name) && hasSeen(world, name, claim)),
  )
}

const unseen = 'the claim was not seen'

function voterObstacle(
  world: World,
  voter: string,
  claim: ClaimName,
  unasked: readonly string[],
): string | null {
  if (voter === world.self) return null
  const document = world.documents[voter]
  if (document === undefined || isBehind(world, voter) || !hasSeen(world, voter, claim)) return unseen
  if (older(world.registers['cluster/cluster']?.stamp ?? null, document.rules?.known ?? null))
    return `${voter} has a newer configuration of the cluster`
  const ahead = unasked.find((node) => {
    const told = document.seen[node]
    return told !== undefined && !atLeast(world.documents[node], told)
  })
  return ahead === undefined ? null : `${voter} has a newer word of ${ahead} than this node`
}
