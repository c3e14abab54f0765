// What a trial runs: a process that tells each client where it is, or PostgreSQL in a container, on a disk that the nodes share.
import { ADDRESS as PROCESS_ADDRESS, answering, installAnswer, PORT, PROGRAM } from '../lab/answering.js'
import type { Configuration, Stage } from './failure.js'
import { postgres } from './failure-services.js'
import { startsWith } from './postgres.js'
import { watchRows, type Rows } from './rows.js'
import { ADDRESS } from './tutorial.js'
import type { WatchWish } from './watcher.js'

export interface TrialService {
  /** A container engine in each node. */
  readonly docker: boolean
  readonly watch: WatchWish
  /** Puts on these nodes what it needs; its configuration. */
  install(stage: Stage, runners: readonly number[]): Promise<Configuration>
  /** Once it is up: what judges it besides the watcher. */
  rows(stage: Stage): Promise<Rows | null>
}

export const answeringProcess: TrialService = {
  docker: false,
  watch: { program: PROGRAM, address: PROCESS_ADDRESS, port: PORT },
  async install({ lab }, runners) {
    for (const n of runners) await installAnswer(lab.node(n))
    return answering(runners)
  },
  rows: () => Promise.resolve(null),
}

/** Each server has its node and a word of the configuration in its name, which it tells to whoever asks. After a crash it syncs its disk at once, and not by file. */
const NAMED = 'postgres -c recovery_init_sync_method=syncfs -c "cluster_name={nodename} {env.word}"'

export const database: TrialService = {
  docker: true,
  watch: {
    program: 'postgres',
    address: ADDRESS,
    port: 5432,
    question: startsWith('show cluster_name'),
    // the value, then the message that ends its row
    answer: String.raw`(node\d+ \w+)C\0`,
  },
  async install({ lab }, runners) {
    const disk = (await lab.status()).disks[0] ?? (await lab.disk('512M'))
    const nodes = runners.map((n) => `node${n}`).join(' ')
    const sections = postgres(disk, { orchestrate: 'ha', nodes })
    const server = { ...sections['container#1'], command: NAMED }
    return { ...sections, env: { word: 'first' }, 'container#1': server }
  },
  rows: ({ lab }) => watchRows(lab, ADDRESS),
}
