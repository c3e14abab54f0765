import { StringDecoder } from 'node:string_decoder'

/** Output of a command within a bound: its beginning and its end are kept, what lies between is counted. */
export interface BoundedOutput {
  add(chunk: Buffer): void
  text(): string
}

/** Keeps the beginning and the end of a stream, together so many bytes at most; what lies between is counted. */
export function boundedOutput(limitBytes: number): BoundedOutput {
  const headLimit = Math.ceil(limitBytes / 2)
  const tailLimit = limitBytes - headLimit
  const head: Buffer[] = []
  let headBytes = 0
  let tail: Buffer[] = []
  let tailBytes = 0
  let lostBytes = 0

  function add(chunk: Buffer): void {
    const toHead = chunk.subarray(0, headLimit - headBytes)
    const toTail = chunk.subarray(toHead.length)
    if (toHead.length > 0) head.push(toHead)
    headBytes += toHead.length
    if (toTail.length === 0) return
    tail.push(toTail)
    tailBytes += toTail.length
    // Cut at twice the bound and not at each chunk: joining buffers costs.
    if (tailBytes > 2 * tailLimit + 65_536) cutTail()
  }

  function cutTail(): void {
    const lost = Math.max(tailBytes - tailLimit, 0)
    tail = [Buffer.concat(tail).subarray(lost)]
    tailBytes -= lost
    lostBytes += lost
  }

  function text(): string {
    cutTail()
    const first = Buffer.concat(head).toString('utf8')
    const last = Buffer.concat(tail).toString('utf8')
    return lostBytes === 0 ? wholeText(head, tail) : `${first}\n[… ${lostBytes} bytes left out …]\n${last}`
  }

  return { add, text }
}

// Joined before decoding: the border may lie within a character.
const wholeText = (head: readonly Buffer[], tail: readonly Buffer[]): string =>
  Buffer.concat([...head, ...tail]).toString('utf8')

/** A line longer than this is handed over in pieces. */
const LONGEST_LINE = 256 * 1024

/** Turns chunks into lines without their ends. A last line without an end is dropped: the writer died within it. */
export function lineSplitter(onLine: (line: string) => void): (chunk: Buffer) => void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  return (chunk) => {
    const lines = (rest + decoder.write(chunk)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line.endsWith('\r') ? line.slice(0, -1) : line)
    if (rest.length > LONGEST_LINE) {
      onLine(rest)
      rest = ''
    }
  }
}
