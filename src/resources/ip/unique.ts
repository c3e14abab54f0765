import { fail, ok, type Result } from '../../core/result.js'
import type { DoStep } from '../driver.js'
import { findAddress } from '../kit/ip.js'
import type { Look } from '../look.js'
import type { Network } from './links.js'

/** The kernel asks the network whether an IPv6 address is unique (RFC 4862, section 5.4); until it knows, the address does not work. */
export function uniqueStep(ip: string, network: (look: Look) => Promise<Result<Network>>): DoStep {
  return {
    kind: 'do',
    text: `wait until ${ip} is known to be unique`,
    run: async (act) => {
      for (let tries = 0; tries < TRIES && !act.signal.aborted; tries += 1) {
        const state = uniqueness(await network(act.look()), ip)
        if (!state.ok) return state
        if (state.value) return ok(undefined)
        await act.sleep(POLL_MS)
      }
      return fail(
        'EXEC_TIMEOUT',
        `it is not known within ${(TRIES * POLL_MS) / 1000} s whether ${ip} is unique`,
      )
    },
  }
}

const POLL_MS = 100
const TRIES = 50

/** False: not known yet. */
function uniqueness(network: Result<Network>, ip: string): Result<boolean> {
  if (!network.ok) return network
  const address = findAddress(network.value.links, ip)?.address
  if (address === undefined)
    return fail('NOT_EFFECTIVE', `${ip} was taken away again: look at who manages the interface`)
  if (!address.duplicate) return ok(!address.tentative)
  return fail('CONFLICT', `${ip} is in use by another machine: stop that one, or choose another address`)
}
