// A document that shows what is typed and what comes of it, as something that can be run: its blocks in order, each answer compared.

/** One command and its answer, or something done to a machine. */
export type Step =
  | {
      readonly kind: 'command'
      /** `node1`, or `client`: a machine outside of the cluster. */
      readonly host: string
      readonly command: string
      /** `…` stands for anything within a line, a line of `…` alone for any lines. */
      readonly answer: string
      /** Asked again until the answer is that. */
      readonly patient: boolean
    }
  | { readonly kind: 'power'; readonly host: string; readonly on: boolean }

export interface Section {
  readonly heading: string
  readonly steps: readonly Step[]
}

const BLOCK = /^```(console|power)( until)?\n([\s\S]*?)^```$/gm

/** The sections of a Markdown text that have blocks to run: `console`, `console until` and `power`. */
export function sectionsOf(markdown: string): readonly Section[] {
  return markdown
    .split(/^## /m)
    .slice(1)
    .map((text) => {
      const blocks = [...text.matchAll(BLOCK)]
      const steps = blocks.flatMap(([, kind, until, body = '']) =>
        kind === 'power' ? body.trimEnd().split('\n').map(powerOf) : commandsOf(body, until !== undefined),
      )
      return { heading: text.slice(0, text.indexOf('\n')), steps }
    })
    .filter(({ steps }) => steps.length > 0)
}

function powerOf(line: string): Step {
  const [, host, word] = /^(node\d): (cut its power|switch it on)$/.exec(line) ?? []
  if (host === undefined) throw new Error(`"${line}" is nothing that is done to a machine`)
  return { kind: 'power', host, on: word === 'switch it on' }
}

const PROMPT = /^(node\d|client)# (.*)$/

/** A prompt begins a command; what is fed to it up to `EOF` belongs to it, the lines after that are its answer. */
function commandsOf(body: string, patient: boolean): readonly Step[] {
  const steps: { host: string; command: string[]; answer: string[]; fed: boolean }[] = []
  for (const line of body.trimEnd().split('\n')) {
    const last = steps.at(-1)
    if (last?.fed === true) {
      last.command.push(line)
      last.fed = line !== 'EOF'
      continue
    }
    const [, host, command] = PROMPT.exec(line) ?? []
    if (host !== undefined && command !== undefined)
      steps.push({ host, command: [command], answer: [], fed: /<<'?EOF'?/.test(command) })
    else if (last === undefined) throw new Error(`"${line}" stands before any prompt`)
    else last.answer.push(line)
  }
  return steps.map(({ host, command, answer }) => ({
    kind: 'command',
    host,
    command: command.join('\n'),
    answer: answer.join('\n'),
    patient,
  }))
}

/**
 * Does a command's output say what the document shows? Spaces at the ends of lines do not count; `…` stands for anything in a line, and as a line for any
 * number of lines. Lines that stand together are looked for together, from the first place where they fit: what does not fit is known at once.
 */
export function says(output: string, answer: string): boolean {
  const lines = output
    .replaceAll(/[ \t]+$/gm, '')
    .trim()
    .split('\n')
  const [first = [], ...others] = togetherOf(answer)
  const last = others.pop()
  if (!fits(lines, 0, first)) return false
  if (last === undefined) return lines.length === first.length
  let at = first.length
  for (const some of others) {
    while (at + some.length <= lines.length && !fits(lines, at, some)) at += 1
    at += some.length
  }
  return lines.length - last.length >= at && fits(lines, lines.length - last.length, last)
}

/** What stands between lines that are `…` alone. */
function togetherOf(answer: string): readonly (readonly RegExp[])[] {
  const all: RegExp[][] = [[]]
  for (const line of answer.trim().split('\n')) {
    if (line.trim() === '…') all.push([])
    else all.at(-1)?.push(new RegExp(`^${line.trimEnd().split('…').map(escape).join('.*')}$`))
  }
  return all
}

const fits = (lines: readonly string[], at: number, some: readonly RegExp[]): boolean =>
  some.every((line, n) => line.test(lines[at + n] ?? '\n'))

const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
