// A service whose containers podman runs: no daemon of its own tells of them, and a crash leaves what is written of them on the disk.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStage, until, type Configuration, type Stage } from './failure.js'

let stage: Stage

/** Layers of copies, since the nodes' own file system is one of layers already; limits that the nodes may give. */
const PLACE = `mkdir -p /etc/containers
cat >/etc/containers/storage.conf <<'END'
[storage]
driver = "vfs"
runroot = "/run/containers/storage"
graphroot = "/var/lib/containers/storage"
END
cat >/etc/containers/containers.conf <<'END'
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
runtime = "runc"
END
docker save google/pause busybox | podman load --quiet`

const SERVICE: Configuration = {
  DEFAULT: { orchestrate: 'ha' },
  'container#0': { type: 'podman', image: 'google/pause', rm: 'true', restart: '1', restart_delay: '100ms' },
  'ip#0': {
    type: 'netns',
    netns: 'container#0',
    mode: 'macvlan',
    ipdev: 'bond0',
    ipname: '192.168.100.15',
    netmask: '24',
  },
  'container#1': {
    type: 'podman',
    image: 'busybox',
    command: 'sleep 86400',
    netns: 'container#0',
    rm: 'true',
    stop_timeout: '1s',
    restart: '2',
    restart_delay: '100ms',
  },
}

beforeAll(async () => {
  stage = await openStage('podman')
  for (const node of stage.lab.nodes) await node.run(['sh', '-c', PLACE])
})

afterAll(() => stage?.end())

const ask = async (node: number, ...words: readonly string[]): Promise<string> =>
  (await stage.lab.node(node).exec(['podman', ...words])).stdout.trim()

const told = (node: number, name: string, field: string): Promise<string> =>
  ask(node, 'inspect', '--format', `{{.${field}}}`, name)

const ids = (node: number): Promise<string> => ask(node, 'ps', '--all', '--quiet', '--no-trunc')

/** From outside of podman, which learns of it as of any other end. */
const kill = async (node: number, name: string): Promise<void> => {
  const pid = await told(node, name, 'State.Pid')
  await stage.lab.node(node).run(['sh', '-c', `kill -KILL ${pid}`])
}

const addresses = async (node: number): Promise<string> => {
  const pid = await told(node, 'p1.container.1', 'State.Pid')
  return stage.lab.node(node).run(['nsenter', `--net=/proc/${pid}/ns/net`, 'ip', '-o', 'addr'])
}

describe('a service of podman’s containers', () => {
  it('is deployed, with its address in the namespace that they share', async () => {
    await stage.deploy('p1', SERVICE)
    await stage.settles(1, 'p1', ['up', 'down'])
    expect(await addresses(1)).toContain('192.168.100.15/24')
  })

  it('has what died restarted in place', async () => {
    const before = await told(1, 'p1.container.1', 'Id')
    await kill(1, 'p1.container.1')
    await until('it runs again', async () => ![before, ''].includes(await told(1, 'p1.container.1', 'Id')))
    await stage.settles(1, 'p1', ['up', 'down'])
    expect(await stage.logs(1, 'p1')).toMatch(/p1\.container#1 +WARN +up became down, not by the agent/)
  })

  it('has all of it restarted where the holder of the namespace died', async () => {
    const before = await told(1, 'p1.container.1', 'Id')
    await kill(1, 'p1.container.0')
    await until('they run again', async () => ![before, ''].includes(await told(1, 'p1.container.1', 'Id')))
    await stage.settles(1, 'p1', ['up', 'down'])
    expect(await addresses(1)).toContain('192.168.100.15/24')
  })

  it('goes on while the daemon is away', async () => {
    const before = await ids(1)
    await stage.lab.node(1).killDaemon()
    await stage.lab.node(1).startDaemon()
    await stage.settles(1, 'p1', ['up', 'down'])
    expect(await ids(1)).toBe(before)
  })

  it('moves, and leaves nothing', async () => {
    await stage.mustOm(1, 'p1 switch --wait')
    await stage.settles(1, 'p1', ['down', 'up'])
    expect(await ids(1)).toBe('')
    expect(await addresses(2)).toContain('192.168.100.15/24')
  })

  it('survives the crash of its node; what the crash left there gives way to the next start', async () => {
    await stage.lab.node(2).crash()
    await stage.settles(1, 'p1', ['up', null])
    await stage.lab.node(2).boot()
    await stage.settles(2, 'p1', ['up', 'down'])
    // The one that it comes back to may hear it a moment later.
    await stage.settles(1, 'p1', ['up', 'down'])
    const left = await ids(2)
    expect(left).not.toBe('')
    await stage.mustOm(1, 'p1 thaw')
    await stage.mustOm(1, 'p1 switch node2 --wait')
    await stage.settles(2, 'p1', ['down', 'up'])
    const now = await ids(2)
    expect(left.split('\n').filter((id) => now.includes(id))).toEqual([])
    expect(await addresses(2)).toContain('192.168.100.15/24')
  })
})
