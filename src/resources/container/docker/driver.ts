import { containerDriver } from '../engine/driver.js'
import { dockerEngine } from './engine.js'
import { keywords } from './keywords.js'

/** Containers by Docker. */
export const dockerContainer = containerDriver(dockerEngine, keywords)
