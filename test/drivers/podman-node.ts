// A node whose containers are podman's, for a test file: begun before its tests, and what a test left is stopped after each.
import { afterAll, afterEach, beforeAll } from 'vitest'
import type { Resource } from '../../src/core/service.js'
import { podmanContainer } from '../../src/resources/container/podman/driver.js'
import type { AnyDriver } from '../../src/resources/driver.js'
import { instance, type Instance } from './instance.js'
import { run } from './machine.js'
import { systemPorts, testNode, type TestNode } from './node.js'
import { startPodman, type PodmanEngine } from './podman-engine.js'
import { service } from './sample.js'

export interface PodmanNode {
  /** Once the tests have begun. */
  node(): TestNode
  /** The instance of a service of these resources. */
  db1(...resources: readonly Resource[]): Instance
}

/** To be called where tests are described. */
export function podmanNode(): PodmanNode {
  let engine: PodmanEngine | undefined
  let node: TestNode | undefined
  let current: Instance | null = null
  beforeAll(async () => {
    engine = await startPodman(systemPorts())
    node = testNode([podmanContainer as AnyDriver])
  })
  afterEach(async () => {
    await current?.act('stop')
    current = null
  })
  afterAll(async () => {
    await engine?.end()
    node?.remove()
  })
  const begun = (): TestNode => {
    if (node === undefined) throw new Error('the node is there from the first test on')
    return node
  }
  return { node: begun, db1: (...resources) => (current = instance(begun(), service(resources))) }
}

export const podman = (...argv: readonly string[]): string => run('podman', ...argv)

/** Of all containers, sorted. */
export const names = (): readonly string[] =>
  podman('ps', '-a', '--format', '{{.Names}}')
    .split('\n')
    .filter((name) => name !== '')
    .sort()

/** A field of what podman tells of a container: `State.Pid`. */
export const told = (name: string, field: string): string =>
  podman('inspect', '--format', `{{.${field}}}`, name).trim()

export const kill = (...pids: readonly string[]): void => void run('kill', '-KILL', ...pids)
