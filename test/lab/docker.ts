// Each node's Docker engine: no bridge and no packet filter of its own, since every container lives in a network
// namespace that the product or a test prepares.
import { get } from 'node:http'
import { join } from 'node:path'
import { words } from './command.js'
import { execIn, mustRun, runIn } from './exec.js'
import { LabError } from './failure.js'
import { nodeName, type Place } from './place.js'
import { eventually } from './wait.js'

const GUEST = '/opt/longshore/test/lab/guest'
const LOG = '/var/log/dockerd.log'

// started beside dockerd and not by it: dockerd would look for it once a second only
const CONTAINERD = words(`containerd --config ${GUEST}/containerd.toml --log-level warn`)
const DOCKERD = [
  'dockerd',
  ...words('--bridge=none --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false'),
  ...words('--userland-proxy=false --storage-driver=overlay2 --log-level=warn'),
  '--containerd=/run/containerd/containerd.sock',
]

export async function startDocker(place: Place, n: number): Promise<void> {
  await runIn(place, n, [`${GUEST}/spawn.sh`, 'containerd', '/var/log/containerd.log', ...CONTAINERD])
  await runIn(place, n, [`${GUEST}/spawn.sh`, 'dockerd', LOG, ...DOCKERD])
  const init = await mustRun(place, n)
  const socket = join(`/proc/${init.pid}/root`, 'run/docker.sock')
  const ready = await eventually(() => pings(socket), { timeoutMs: 60_000, everyMs: 20 })
  if (ready !== undefined) return
  const log = await execIn(place, n, ['tail', '-n', '3', LOG])
  throw new LabError(`dockerd on ${nodeName(n)} does not answer: read its ${LOG} (${log.stdout.trim()})`)
}

async function pings(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ socketPath, path: '/_ping', timeout: 1000 }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    request.once('error', () => resolve(false))
    request.once('timeout', () => request.destroy())
  })
}
