// The power switch of the lab: what a fencing agent wishes for is done by the test.
import type { Lab } from '../lab/index.js'
import { saysOff } from '../lab/power-switch.js'
import { until } from './failure.js'

/** Waits until `node` wants the other one off, turns that off, and says so. */
export async function powerSwitch(lab: Lab, node: number, other: number): Promise<void> {
  await until('the other node is to be powered off', async () => {
    return (await lab.node(node).exec(['test', '-e', '/run/wish'])).exit === 0
  })
  await lab.node(other).crash()
  await saysOff(lab.node(node))
}
