// What can be tried of the Vagrant machines without a hypervisor: Vagrant reads the file, and the nodes' own scripts work on this machine's kernel.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { macOf, nodeAddress } from '../lab/network.js'

const folder = join(import.meta.dirname, '../../vagrant')

test('Vagrant takes the file for two and three nodes, with both providers', async () => {
  const { stdout } = await execa(join(folder, 'validate.sh'), { timeout: 600_000 })
  expect(stdout.match(/^(\d nodes, \w+|Vagrantfile validated .*)$/gm)).toEqual(
    ['2', '3'].flatMap((nodes) => [
      'Vagrantfile validated successfully.',
      ...['libvirt', 'virtualbox'].flatMap((kind) => [
        `${nodes} nodes, ${kind}`,
        'Vagrantfile validated successfully.',
      ]),
    ]),
  )
}, 600_000)

// Two nodes as namespaces, their cards named as a machine with a card for Vagrant names them.
const spaces = ['lsvg1', 'lsvg2'] as const
const kernelNames = ['eth1', 'eth2'] as const
const inside = (n: number, ...argv: string[]) =>
  execa('ip', ['netns', 'exec', spaces[n - 1] ?? '', ...argv], { reject: false, timeout: 30_000 })
const remove = async () => {
  for (const space of spaces) await execa('ip', ['netns', 'del', space], { reject: false })
}

beforeAll(async () => {
  await remove()
  for (const space of spaces) await execa('ip', ['netns', 'add', space])
  for (const [network, name] of kernelNames.entries()) {
    const end = (n: 1 | 2) => [name, 'address', macOf(n, network === 0 ? 0 : 1), 'netns', spaces[n - 1] ?? '']
    await execa('ip', ['link', 'add', ...end(1), 'type', 'veth', 'peer', ...end(2)])
  }
})
afterAll(remove)

describe('node-network', () => {
  const script = join(folder, 'guest/usr/local/sbin/node-network')
  const addresses = async (n: number) => {
    const { stdout } = await inside(n, 'ip', '-4', '-br', 'address')
    return stdout.split('\n').flatMap((line) => /^(\w+)@\S+ +\S+ +(\S+)/.exec(line)?.slice(1).join(' ') ?? [])
  }

  test.each([1, 2])('gives the cards of node%d their names and addresses, however often', async (n) => {
    for (const _ of ['at provisioning', 'after a boot']) {
      expect(await inside(n, 'bash', script, `${n}`)).toMatchObject({ exitCode: 0, stderr: '' })
      expect((await addresses(n)).toSorted()).toEqual([
        `bond0 ${nodeAddress(n)}/24`,
        `eth1 ${nodeAddress(n, 1)}/24`,
      ])
    }
  })

  test('says which card is missing', async () => {
    const { exitCode, stderr } = await inside(1, 'bash', script, '3')
    expect([exitCode, stderr]).toEqual([
      1,
      'node-network: node3 has no card for net 0: look with "ip link", and make the machine anew',
    ])
  })
})

describe('fault', () => {
  const work = mkdtempSync(join(tmpdir(), 'longshore-vagrant-'))
  const program = (name: string, text: string) => {
    writeFileSync(join(work, name), `#!/bin/bash\n${text}\n`)
    chmodSync(join(work, name), 0o755)
  }
  const fault = async (...argv: string[]) => {
    const env = { VAGRANT_DOTFILE_PATH: work, PATH: `${work}:${process.env['PATH']}` }
    expect(await execa(join(folder, 'fault'), argv, { env, reject: false })).toMatchObject({ exitCode: 0 })
  }
  const hears = async (network: 0 | 1) => {
    const card = ['bond0', 'eth1'][network] ?? ''
    const { exitCode } = await inside(1, 'arping', '-c', '1', '-w', '2', '-I', card, nodeAddress(2, network))
    return exitCode === 0
  }
  beforeAll(() => {
    for (const n of [1, 2]) {
      mkdirSync(join(work, `machines/node${n}/libvirt`), { recursive: true })
      writeFileSync(join(work, `machines/node${n}/libvirt/id`), `${n}`)
    }
    program('virsh', 'echo running')
    // as ssh does: one string for the shell of the node, whose root needs no sudo here
    program('vagrant', 'ip netns exec "lsvg${2#node}" bash -c "${4#sudo }"')
  })
  afterAll(() => rmSync(work, { recursive: true }))

  test('cut is deaf on one network or both, and heal ends it', async () => {
    expect([await hears(0), await hears(1)]).toEqual([true, true])
    await fault('cut', 'node1', 'node2', '--net', '1')
    expect([await hears(0), await hears(1)]).toEqual([true, false])
    await fault('heal')
    await fault('cut', 'node2', 'node1')
    expect([await hears(0), await hears(1)]).toEqual([false, false])
    await fault('heal')
    expect([await hears(0), await hears(1)]).toEqual([true, true])
  })
})
