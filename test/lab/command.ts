// Commands on this machine (not in a node): always argument lists, never a shell line.
import { execa } from 'execa'
import { LabError } from './failure.js'

export interface Answer {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

/** The words of a line without quotes: `words('mount -t tmpfs')`. */
export function words(line: string): string[] {
  return line.split(' ')
}

/** Runs a command to its end and returns what it said, whatever its exit code. */
export async function ask(argv: readonly string[], input?: string): Promise<Answer> {
  const [file, ...args] = argv
  if (file === undefined) throw new LabError('an empty command was asked for: name a program')
  const result = await execa(file, args, {
    reject: false,
    stripFinalNewline: false,
    env: { LC_ALL: 'C' },
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
  })
  if (result.exitCode === undefined && result.signal === undefined) {
    throw new LabError(`${file} cannot be run (${result.shortMessage}): run test/lab/deps.sh first`)
  }
  return { exit: result.exitCode ?? 137, stdout: result.stdout, stderr: result.stderr }
}

/** Runs a command that must succeed and returns its standard output. */
export async function run(argv: readonly string[], input?: string): Promise<string> {
  const answer = await ask(argv, input)
  if (answer.exit !== 0) {
    const said = (answer.stderr.trim() || answer.stdout.trim()).split('\n').slice(-5).join('; ')
    throw new LabError(`${argv.slice(0, 8).join(' ')} ended with ${answer.exit}: ${said}`)
  }
  return answer.stdout
}
