import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/daemon/adapters/clock.js'
import { systemExec } from '../../src/daemon/adapters/exec.js'
import { systemFiles } from '../../src/daemon/adapters/files.js'
import { Kernel } from '../../src/daemon/agent/action/kernel.js'
import type { Node } from '../../src/daemon/agent/action/view.js'
import type { AnyDriver, DriverPorts } from '../../src/resources/driver.js'
import { registryOf } from '../../src/resources/registry.js'

/** The real machine's processes, files and clocks. */
export function systemPorts(): DriverPorts {
  const clock = systemClock()
  return { clock, exec: systemExec(clock), files: systemFiles() }
}

/** A node with directories of its own under `lsu-`, removed by `remove`. */
export interface TestNode extends Node {
  readonly directory: string
  remove(): void
}

export function testNode(drivers: readonly AnyDriver[], io: DriverPorts = systemPorts()): TestNode {
  const directory = mkdtempSync(join(tmpdir(), 'lsu-node-'))
  return {
    name: 'node1',
    io,
    runDir: join(directory, 'run'),
    varDir: join(directory, 'var'),
    registry: registryOf(drivers),
    kernel: new Kernel(),
    directory,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}
