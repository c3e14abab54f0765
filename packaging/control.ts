import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { builtinDrivers } from '../src/resources/registry.js'
import type { NativeBuild } from '../src/native.js'
import { binaries } from './contents.js'

/** What omd and its guard call whatever a cluster's services are made of: certificates, and events of addresses. */
const ownPackages = ['openssl', 'iproute2']

/** Debian has them always. */
const essential = new Set(['util-linux', 'coreutils', 'mount', 'bash', 'dash'])

/** Where another package has the same commands. */
const alternatives: Readonly<Record<string, string>> = { 'docker.io': 'docker.io | docker-ce' }

/** These begin daemons of their own, or listen: an administrator asks for them. */
const onlySuggested = new Set(['docker.io', 'podman', 'nfs-common'])

const description = `high-availability agent for services in one place at a time
 On each node of a cluster a daemon, omd, starts, stops, watches and relocates
 services: a volume group, a logical volume, a file system, an address in a
 network namespace, containers, processes, in order. No storage or network
 virtualisation stands between a service and its machine.
 .
 What this package suggests and recommends is what its drivers call; 'om node
 check' says what is missing on a node.`

/** DEBIAN/control. */
export function controlText(o: {
  readonly root: string
  readonly work: string
  readonly version: string
  readonly arch: string
  /** Installed size. */
  readonly kib: number
}): string {
  const depends = [nodeDependency(o.root), ...libraries(o.root, o.work), ...ownPackages]
  const named = new Set(ownPackages)
  const tools = [...new Set(builtinDrivers.flatMap((driver) => driver.tools.map((tool) => tool.package)))]
    .filter((name) => !essential.has(name) && !named.has(name))
    .toSorted()
  const listed = (names: readonly string[]): string =>
    names.map((name) => alternatives[name] ?? name).join(', ')
  const recommends = tools.filter((name) => !onlySuggested.has(name))
  const suggests = [...tools.filter((name) => onlySuggested.has(name)), 'fence-agents']
  return [
    'Package: longshore',
    `Version: ${o.version}`,
    `Architecture: ${o.arch}`,
    'Section: admin',
    'Priority: optional',
    'Maintainer: Longshore maintainers <maintainers@longshore.invalid>',
    `Installed-Size: ${o.kib}`,
    `Depends: ${depends.join(', ')}`,
    `Recommends: ${listed(recommends)}, bash-completion`,
    `Suggests: ${listed(suggests)}`,
    `Description: ${description}`,
    '',
  ].join('\n')
}

/** The Node that the native module is for: from the oldest that is supported to the end of its major version. */
function nodeDependency(root: string): string {
  const built = JSON.parse(
    readFileSync(join(root, 'usr/lib/longshore/dist/native.json'), 'utf8'),
  ) as NativeBuild
  const major = Number(built.node.split('.')[0])
  const { engines } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
    readonly engines: { readonly node: string }
  }
  const least = new RegExp(String.raw`>=(${major}\.\d+)`).exec(engines.node)?.[1]
  return `nodejs (>= ${least ?? major}), nodejs (<< ${major + 1}~)`
}

/** As dpkg-shlibdeps(1) finds them. */
function libraries(root: string, work: string): readonly string[] {
  mkdirSync(join(work, 'debian'), { recursive: true })
  writeFileSync(join(work, 'debian/control'), 'Source: longshore\n\nPackage: longshore\nArchitecture: any\n')
  const files = binaries(root).map((path) => `-e${path}`)
  const said = execFileSync('dpkg-shlibdeps', ['-O', '--ignore-missing-info', ...files], {
    cwd: work,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return (/^shlibs:Depends=(.*)$/m.exec(said)?.[1] ?? '').split(', ').filter((name) => name !== '')
}
