import { containerDriver } from '../engine/driver.js'
import { podmanEngine } from './engine.js'
import { init } from './features.js'
import { keywords } from './keywords.js'

/** Containers by Podman. */
export const podmanContainer = containerDriver(podmanEngine, keywords, [init])
