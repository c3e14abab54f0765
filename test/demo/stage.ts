// Where the demo plays: types lines on nodes, shows them with their answers, and holds each answer against what was promised.
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual, styleText } from 'node:util'
import type { ServiceStatus } from '../../src/daemon/api/contract.js'
import type { ExecResult, Lab } from '../lab/index.js'
import { clientOf, psql } from '../scenarios/postgres.js'
import { until } from '../lab/wait.js'

/** Something is not as promised; the message says what was expected and what was seen. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch'
}

const WATCHER = '/run/demo-watcher'
const LAST_FRAME_MS = 500
const PATIENCE = { timeoutMs: 60_000, everyMs: 200 }

export class Stage {
  private checks = 0

  constructor(private readonly lab: Lab) {}

  /** How many promises were kept so far. */
  get kept(): number {
    return this.checks
  }

  title(text: string): void {
    const line = `── ${text} `
    print(`\n${look('bold', line.padEnd(90, '─'))}\n\n`)
  }

  say(text: string): void {
    print(`${text}\n\n`)
  }

  /** Types a line on a node and shows its answer as it comes. */
  async type(node: number, line: string): Promise<ExecResult> {
    print(`${look('bold', `node${node} # ${line}`)}\n`)
    let last = '\n'
    const show = (text: string) => {
      last = text.at(-1) ?? last
      print(text)
    }
    const ran = await this.lab.node(node).exec(['sh', '-c', line], { onOutput: show, timeoutMs: 120_000 })
    print(last === '\n' ? '\n' : '\n\n')
    return ran
  }

  /** As type, for a line that must succeed; what it printed. */
  async done(node: number, line: string): Promise<string> {
    const { exit, stdout } = await this.type(node, line)
    this.expect('it ends with exit code 0', exit, 0)
    return stdout
  }

  /** Types a line that goes on until somebody presses Ctrl-C; here that is once the work is done. */
  async watch(node: number, line: string, work: () => Promise<void>): Promise<void> {
    const remember = `echo $$ >${WATCHER}; exec ${line}`
    print(`${look('bold', `node${node} # ${line}`)}\n`)
    const { exec } = this.lab.node(node)
    const watching = exec(['sh', '-c', remember], { onOutput: print, timeoutMs: 120_000 })
    try {
      await work()
      await sleep(LAST_FRAME_MS)
    } finally {
      await exec(['sh', '-c', `kill -INT $(cat ${WATCHER})`])
    }
    const { exit } = await watching
    print('^C\n\n')
    this.expect('Ctrl-C ends the watcher with exit code 0', exit, 0)
  }

  /** Asks PostgreSQL from outside of the nodes. */
  async sql(sql: string): Promise<string> {
    print(`${look('bold', `client # ${psql(`"${sql}"`).join(' ')}`)}\n`)
    const rows = await clientOf(this.lab).ask(sql)
    print(`${rows}\n\n`)
    return rows
  }

  /** Holds what was seen against what was promised. */
  expect(what: string, seen: unknown, promised: unknown): void {
    if (!isDeepStrictEqual(seen, promised)) {
      throw new Mismatch(
        `${what}: expected ${JSON.stringify(promised)}, saw ${JSON.stringify(seen, null, 1)}`,
      )
    }
    this.checks += 1
  }

  /** A text must contain each of these words. */
  contains(what: string, text: string, words: readonly string[]): void {
    const missing = words.filter((word) => !text.includes(word))
    if (missing.length > 0) throw new Mismatch(`${what}: "${missing.join('" and "')}" not in:\n${text}`)
    this.checks += 1
  }

  async status(service: string, node: number): Promise<ServiceStatus> {
    const said = await this.lab.node(node).run(['om', service, 'print', 'status', '--format', 'json'])
    return JSON.parse(said) as ServiceStatus
  }

  /** Waits until the service is up on that node alone, as node number `asked` knows. */
  async upOn(service: string, node: number, asked = node): Promise<void> {
    let seen: readonly string[] = []
    const look = async () => {
      const { target, instances } = await this.status(service, asked)
      const heard = instances.filter(({ reachable }) => reachable)
      seen = heard.filter(({ instance }) => instance?.avail === 'up').map((one) => one.node)
      return target === null && isDeepStrictEqual(seen, [`node${node}`])
    }
    await until(look, {
      ...PATIENCE,
      or: `${service} was to be up on node${node} alone within a minute`,
    }).catch((late: Error) => {
      throw new Mismatch(`${late.message}: it is up on ${seen.join(', ') || 'no node'}`)
    })
    this.checks += 1
  }
}

/** Shown on the demo's output, with colours where somebody looks at a terminal. */
function print(text: string): void {
  process.stdout.write(text)
}

function look(style: 'bold', text: string): string {
  return process.stdout.isTTY && process.env['NO_COLOR'] === undefined ? styleText(style, text) : text
}
