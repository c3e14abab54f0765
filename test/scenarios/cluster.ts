// A cluster to act on as an operator does: lines typed on a node, and what they answer. Scenarios name what they need, and
// know nothing of where the nodes come from.
import { expect } from 'vitest'
import type { ServiceStatus } from '../../src/daemon/api/contract.js'
import { openLab, type ExecResult, type Lab } from '../lab/index.js'

export interface Needs {
  /** Of the lab: 1 to 6 letters or digits. */
  readonly name: string
  /** Default: 2. */
  readonly nodes?: number
  /** A container engine in each node. Default: true. */
  readonly containers?: boolean
}

export interface Typed {
  /** Standard input. */
  readonly input?: string
  readonly timeoutMs?: number
}

export interface Cluster {
  readonly lab: Lab
  /** Longer than nodes wait for one that is silent, and a start takes. */
  readonly timeoutMs: number
  /** Types a line into a node's shell, whatever comes of it. */
  type(node: number, line: string, more?: Typed): Promise<ExecResult>
  /** Types a line that must end with exit code 0; what it printed. */
  done(node: number, line: string, more?: Typed): Promise<string>
  /** Types a line that must be refused: exit code 1, one sentence, which is returned. */
  refused(node: number, line: string, more?: Typed): Promise<string>
  status(service: string, askedOn?: number): Promise<ServiceStatus>
  /** The nodes on which the service is up, as a node that is asked knows. */
  upOn(service: string, askedOn?: number): Promise<readonly string[]>
  /** Each line of the service's log. */
  log(service: string, askedOn?: number): Promise<readonly string[]>
  end(): Promise<void>
}

const TYPED_MS = 120_000

/** Brings up the nodes of a scenario, as one cluster: of the lab, or with `LAB=machines` virtual ones, whose emulation takes a profile for slow machines. */
export async function openCluster({ name, nodes = 2, containers = true }: Needs): Promise<Cluster> {
  if (process.env['LAB'] !== 'machines') return clusterOn(await openLab({ name, nodes, docker: containers }))
  const { openMachines } = await import('../vm/index.js')
  const cluster = clusterOn(await openMachines({ name, nodes, docker: containers }), 20_000)
  try {
    await cluster.done(1, 'om cluster set --kw heartbeat.profile=slow')
    return cluster
  } catch (error) {
    await cluster.end()
    throw error
  }
}

/** The same over nodes that are there already. */
export function clusterOn(lab: Lab, timeoutMs = 6_000): Cluster {
  const type: Cluster['type'] = (node, line, { input, timeoutMs = TYPED_MS } = {}) =>
    lab.node(node).exec(['sh', '-c', line], { timeoutMs, ...(input === undefined ? {} : { input }) })
  const done: Cluster['done'] = async (node, line, more) => {
    const ran = await type(node, line, more)
    const said = ran.exit === 0 ? '' : ran.stderr
    expect({ exit: ran.exit, said }, `node${node} # ${line}`).toEqual({ exit: 0, said: '' })
    return ran.stdout
  }
  const status: Cluster['status'] = async (service, askedOn = 1) =>
    JSON.parse(await done(askedOn, `om ${service} print status --format json`)) as ServiceStatus
  return {
    lab,
    timeoutMs,
    type,
    done,
    status,
    async refused(node, line, more) {
      const { exit, stdout, stderr } = await type(node, line, more)
      expect({ exit, stdout }, `node${node} # ${line}`).toEqual({ exit: 1, stdout: '' })
      return stderr.trimEnd()
    },
    async upOn(service, askedOn = 1) {
      const { instances } = await status(service, askedOn)
      return instances.filter(({ instance }) => instance?.avail === 'up').map(({ node }) => node)
    },
    log: async (service, askedOn = 1) => (await done(askedOn, `om ${service} logs`)).trimEnd().split('\n'),
    end: () => lab.down(),
  }
}
