// The nodes that Vagrant makes are those of test/vm: what one of them names, the other one names alike.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { macOf, nodeAddress } from '../../lab/network.js'
import { deviceOf } from '../../vm/disk.js'
import { fault } from './tools.js'

const root = join(import.meta.dirname, '../../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const vagrantfile = read('vagrant/Vagrantfile')
const provision = read('vagrant/provision.sh')
const numbers = [1, 2, 3] as const
const networks = [0, 1] as const

/** The words between `%w[` and `]`, or the string, of a constant. */
const words = (name: string): readonly string[] =>
  new RegExp(String.raw`^${name} = %w\[([^\]]+)\]`, 'm').exec(vagrantfile)?.[1]?.split(' ') ?? []

/** What a string of Ruby's is, with the values of its `#{…}`. */
const filled = (pattern: RegExp, number: number, network: number): string =>
  (pattern.exec(vagrantfile)?.[1] ?? '')
    .replace('#{100 + network}', String(100 + network))
    .replace('#{100 + number}', String(100 + number))

describe.each(numbers)('node%d', (number) => {
  test.each(networks)('has its address on net %d', (network) => {
    expect(filled(/def address.*\n\s+"(.*)"/, number, network)).toBe(nodeAddress(number, network))
  })

  test('is found by name where it is', () => {
    expect(read('test/vm/guest/etc/hosts')).toContain(`${nodeAddress(number)} node${number}\n`)
  })

  test.each(networks)('has its card on net %d, under the name that it gets', (network) => {
    const mac = macOf(number, network)
    const format = /def card.*\n\s+format\('(.*)', network, number\)/.exec(vagrantfile)?.[1]
    const hex = [network, number].map((n) => n.toString(16).padStart(2, '0'))
    expect(format?.replaceAll('%02x', () => hex.shift() ?? '')).toBe(mac.replaceAll(':', ''))
    expect(read('vagrant/guest/etc/systemd/network/05-node.network')).toContain(mac)
    const name = /names=\((.*)\)/.exec(read('vagrant/guest/usr/local/sbin/node-network'))?.[1]?.split(' ')[
      network
    ]
    const link = read(`test/vm/guest/etc/systemd/network/10-${name}.link`)
    expect(link).toContain(mac)
    expect(link).toContain(`Name=${name}\n`)
  })
})

test('there are as many nodes as test/vm has at most', () => {
  const most = /plan\.nodes > (\d)/.exec(read('test/vm/life.ts'))?.[1]
  expect(/\[2, (\d)\]\.include\?\(NODES\)/.exec(vagrantfile)?.[1]).toBe(most)
})

describe('packages', () => {
  test('are those of the one list', () => {
    const reading = /mapfile -t packages < <\((.*)"\$\w+\/packages"\)/
    expect(reading.exec(provision)?.[1]).toBe(reading.exec(read('test/vm/build/rootfs.sh'))?.[1])
    expect(vagrantfile).toContain(`File.join(SHARED, 'build/packages') => 'packages'`)
  })

  test('no other one is named', () => {
    const installed = [...provision.matchAll(/^apt-get .* install (.*)$/gm)].flatMap(([, said = '']) =>
      said.split(' ').filter((word) => !word.startsWith('-')),
    )
    expect(installed).toEqual(['"${packages[@]}"', '"$brought/nodejs.deb"', '"$brought/longshore.deb"'])
  })

  test('Node is packed by the one script', () => {
    expect(read('test/vm/build/rootfs.sh')).toContain('bash "$here/nodejs.sh"')
    expect(vagrantfile).toContain('test/vm/build/nodejs.sh dist-deb')
  })
})

test('settings that are shared are there', () => {
  expect(words('FROM_SHARED').length).toBeGreaterThan(0)
  for (const path of words('FROM_SHARED')) expect(read(`test/vm/guest/${path}`)).not.toBe('')
})

test('the first shared disk has the serial number of test/vm’s, and one name with each provider', () => {
  const serial = /serial: '(\w+)'/.exec(vagrantfile)?.[1] ?? ''
  expect(read('test/vm/index.ts')).toContain(
    `newDisk(record, size, \`${serial.slice(0, -1)}\${record.disks.length}\`)`,
  )
  expect(serial.endsWith('0')).toBe(true)
  const rule = read('vagrant/guest/etc/udev/rules.d/99-longshore0.rules')
  const [, globs = ''] = /ENV\{ID_SERIAL\}=="([^"]+)"/.exec(rule) ?? []
  const patterns = globs.split('|').map((glob) => new RegExp(`^${glob.replace('*', '.*')}$`))
  const qemu = deviceOf({ file: '', serial }).replace('/dev/disk/by-id/scsi-', '')
  for (const id of [serial, qemu, `VBOX_HARDDISK_${serial}`])
    expect([id, patterns.some((pattern) => pattern.test(id))]).toEqual([id, true])
  expect(rule).toContain(`SYMLINK+="disk/by-id/${serial}"`)
})

test('README types the message’s commands', () => {
  const commands = [...read('vagrant/README.md').matchAll(/^ {4}(vagrant ssh .*|\.\/fault crash .*)$/gm)]
  expect(commands.length).toBe(5)
  for (const [, command = ''] of commands)
    expect(vagrantfile).toContain(command.replace(/dev=\S+/, 'dev=#{DEVICE}'))
})

test('the message has the tutorial with what differs from its own settings: the disk', () => {
  const tutorial = JSON.parse(read('services.d/tutorial.json')) as { env: Record<string, string> }
  const message = /TUTORIAL = <<~STEPS\n([^]*?)\nSTEPS/.exec(vagrantfile)?.[1] ?? ''
  expect(message).toContain('--config=/root/tutorial.json --env dev=#{DEVICE} --wait')
  expect(vagrantfile).toContain("'../services.d/tutorial.json'")
  expect(message).toContain(tutorial.env['ipaddr'])
  expect(message).toContain(`on ${tutorial.env['intf']} `)
  expect([...message.matchAll(/--env (\w+)=/g)].map(([, name]) => name).sort()).toEqual(['dev', 'intf'])
})

describe('commands of fault', () => {
  const source = read('test/lab/command-line.ts')
  const known = new Set(
    [...source.matchAll(/\.command\('([\w-]+)|^ {2}\['([\w-]+)', '/gm)].map(([, a, b]) => a ?? b ?? ''),
  )
  const labels = [...read('vagrant/fault').matchAll(/^ {2}([a-z-]+)\)/gm)].map(([, name = '']) => name)

  test('are commands of test/vm', () => {
    expect(known).toContain('crash')
    expect(labels.length).toBeGreaterThan(9)
    expect(labels.filter((name) => !known.has(name))).toEqual([])
  })

  test('are those that it tells of', async () => {
    const { stderr } = await fault({}, [])
    const told = [...stderr.matchAll(/(?:^ {2}|, )([a-z-]+)(?= [A-Z]| {3,}|$)/gm)].map(([, name]) => name)
    expect(told.sort()).toEqual(labels.toSorted())
  })
})

test('no registry or mirror is named', () => {
  const files = readdirSync(join(root, 'vagrant'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('.vagrant'))
    .map((entry) => join(entry.parentPath, entry.name))
  const hosts = files.filter((file) =>
    /https?:\/\/|\b(docker|debian|nodesource|vagrantup)\.(io|org|com)\//.test(readFileSync(file, 'utf8')),
  )
  expect(hosts).toEqual([])
})
