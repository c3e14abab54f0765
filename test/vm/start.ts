// A machine's emulation comes up, at the second try at the latest.
import { LabError } from '../lab/failure.js'
import { nodeName, type Place } from '../lab/place.js'
import { machineOf, powerOff } from './machine.js'

/**
 * Starts a machine that is off, and where that fails once more from power off: on a busy machine emulation stumbles now and then, whatever runs in
 * it. It is said each time. What runs in the machine is judged after that, and once.
 */
export async function startTwice(place: Place, n: number, start: () => Promise<void>): Promise<void> {
  const wasOn = (await machineOf(place, n)) !== undefined
  try {
    await start()
  } catch (thrown) {
    if (wasOn || !(thrown instanceof LabError)) throw thrown
    console.error(`${nodeName(n)} is switched on a second time: ${thrown.message}`)
    await powerOff(place, n)
    await start()
  }
}
