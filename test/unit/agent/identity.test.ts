import { expect, test } from 'vitest'
import { leftOut } from '../../../src/core/left-out.js'
import type { Service } from '../../../src/core/service.js'
import type { Node } from '../../../src/daemon/agent/action/view.js'
import { identified } from '../../../src/daemon/agent/identity.js'
import { builtinDrivers, registryOf } from '../../../src/resources/registry.js'
import { driverSections } from '../../../src/resources/sections.js'
import { schemaOf } from '../../../src/spec/schema.js'
import { evaluate, parseService } from '../../../src/spec/service.js'

const node = { name: 'node1', runDir: '/run', registry: registryOf(builtinDrivers) } as Partial<Node> as Node
const schema = schemaOf(driverSections)

function service(text: string): Service {
  const clusterNodes = ['node1', 'node2']
  const config = parseService({ name: 'db1', text, source: '-', schema, clusterNodes, clusterName: 'c' })
  if (!config.ok) throw new Error(config.error.message)
  return identified(node, evaluate(config.value, 'node1'))
}

/** Is what the first one started seen and stopped by the second? */
function same(rid: string, before: string, next: string): boolean {
  const [was, is] = [before, next].map((words) => service(`${rid}:\n  ${words.replaceAll(', ', '\n  ')}\n`))
  if (was === undefined || is === undefined) throw new Error('two are compared')
  return leftOut(was, is).length === 0
}

const fs = 'type: xfs, dev: /dev/a, mnt: /srv'
const ip = 'ipname: 10.0.0.9, ipdev: eth0, netmask: 24'
const disks = 'type: scsireserv, devs: /dev/a'

test.each([
  ['fs#1', fs, 'type: xfs, dev: /dev/b, mnt: /srv', false],
  ['fs#1', fs, 'type: xfs, dev: /dev/a, mnt: /srv2', false],
  ['fs#1', fs, 'type: xfs, dev@node1: /dev/b, dev: /dev/a, mnt: /srv', false],
  ['fs#1', fs, 'type: xfs, dev@node2: /dev/b, dev: /dev/a, mnt: /srv', true],
  ['fs#1', fs, 'type: ext4, dev: /dev/a, mnt: /srv', false],
  ['fs#1', fs, `${fs}, mnt_opt: noatime, timeout: 1m, restart: 2, monitor: true, tags: a`, true],
  ['ip#1', ip, 'ipname: 10.0.0.8, ipdev: eth0, netmask: 24', false],
  ['ip#1', ip, 'ipname: 10.0.0.9, ipdev: eth1, netmask: 24', false],
  ['disk#1', 'name: data', 'name: other', false],
  ['disk#1', disks, 'type: scsireserv, devs: /dev/a /dev/b', false],
  ['disk#1', disks, `${disks}, prkey: "0x1"`, false],
  ['container#1', 'type: docker, image: a:1', 'type: docker, image: a:2, run_args: --cpus=2', true],
  ['container#1', 'type: docker, image: a:1', 'type: docker, image: a:1, name: other', true],
  ['container#1', 'type: docker, image: a:1', 'type: podman, image: a:1', false],
  ['app#1', 'type: simple, start: sleep 1', 'type: simple, start: sleep 2', true],
  [
    'app#1',
    'start: /a start, stop: /a stop, check: /a status',
    'start: /b, stop: /c, check: /a status',
    true,
  ],
  [
    'app#1',
    'start: /a start, stop: /a stop, check: /a status',
    'start: /a start, stop: /a stop, check: /b',
    false,
  ],
])('%s: %s, then %s: the same thing is %s', (rid, before, next, expected) => {
  expect(same(rid, before, next)).toBe(expected)
})
