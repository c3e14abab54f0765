import type { DriverPorts, Feature } from '../../../resources/driver.js'

/** Features that this node's kernel was seen to have. One that is missing is asked for again: its module may be loaded meanwhile. */
export class Kernel {
  private readonly seen = new Set<Feature>()

  async has(feature: Feature, io: DriverPorts): Promise<boolean> {
    if (this.seen.has(feature)) return true
    const there = await feature.probe(io)
    if (there) this.seen.add(feature)
    return there
  }
}
