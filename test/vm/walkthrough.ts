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

/** Does a command's output say what the document shows? Spaces at the ends of lines do not count. */
export function says(output: string, answer: string): boolean {
  const plain = output.replaceAll(/[ \t]+$/gm, '').trim()
  const pattern = answer
    .trim()
    .split('\n')
    .map((line) => (line.trim() === '…' ? '[^]*?' : line.split('…').map(escape).join('.*?')))
    .join('\n')
    .replaceAll('\n[^]*?', '[^]*?')
    .replaceAll('[^]*?\n', '[^]*?')
  return new RegExp(`^${pattern}$`).test(plain)
}

const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
