// Services that fail in a certain way, on demand.
import type { Lab } from '../lab/index.js'
import { until, type Configuration } from './failure.js'

type Section = Readonly<Record<string, string>>

/** A flag to be rolled back, then a program whose start fails on nodes where /var/tmp/broken is. */
export const fragile = (orchestrate: string, app: Section = {}): Configuration => ({
  DEFAULT: { orchestrate },
  'fs#1': { type: 'flag' },
  'app#1': {
    type: 'forking',
    start: '/usr/local/bin/fragile start {svcname}',
    stop: '/usr/local/bin/fragile stop {svcname}',
    check: '/usr/local/bin/fragile check {svcname}',
    ...app,
  },
})

const FRAGILE = `#!/bin/sh
case $1 in
start) [ ! -e /var/tmp/broken ] || { echo "no licence found" >&2; exit 3; }; touch /run/fragile-$2 ;;
stop) rm -f /run/fragile-$2 ;;
check) test -e /run/fragile-$2 ;;
esac
`

/** Puts the program of `fragile` on every node. */
export async function installFragile(lab: Lab): Promise<void> {
  for (const node of lab.nodes) {
    await node.run(['sh', '-c', 'cat >/usr/local/bin/fragile; chmod 755 /usr/local/bin/fragile'], {
      input: FRAGILE,
    })
  }
}

/** A container that only waits. */
export const waiting = (service: Section, container: Section): Configuration => ({
  DEFAULT: service,
  'container#1': {
    type: 'docker',
    image: 'busybox',
    command: 'sleep 86400',
    run_args: '--net=none',
    rm: 'true',
    stop_timeout: '1s',
    ...container,
  },
})

/** PostgreSQL on the shared disk, behind an address that moves with it. */
export const postgres = (disk: string, service: Section = {}): Configuration => ({
  DEFAULT: service,
  'fs#1': { type: 'xfs', dev: disk, mnt: '/srv/{svcname}/data', shared: 'true' },
  'ip#0': {
    type: 'netns',
    netns: 'container#0',
    mode: 'macvlan',
    ipdev: 'bond0',
    ipname: '192.168.100.14',
    netmask: '24',
    gateway: '192.168.100.1',
  },
  'container#0': { type: 'docker', image: 'google/pause', rm: 'true' },
  'container#1': {
    type: 'docker',
    image: 'postgres',
    netns: 'container#0',
    rm: 'true',
    run_args: '-v /srv/{svcname}/data/postgresql:/var/lib/postgresql:rw --user=999:999',
    restart: '2',
    restart_delay: '1s',
  },
})

/** Asks the database from outside, at the service's own address, as soon as it answers; what it printed. */
export async function sql(lab: Lab, text: string): Promise<string> {
  const psql = ['psql', '-h', '192.168.100.14', '-U', 'postgres', '-qtAc']
  const answers = async (): Promise<boolean> => (await lab.outside([...psql, 'select 1'])).exit === 0
  await until('PostgreSQL answers at its address', answers)
  const ran = await lab.outside([...psql, text])
  if (ran.exit !== 0) throw new Error(`${text}: ${ran.stderr}`)
  return ran.stdout.trim()
}
