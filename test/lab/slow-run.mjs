// The process of a relay: whatever comes in on a port goes on to where it was meant to go, so much later, each way.
import { connect, createServer } from 'node:net'

const { ways } = JSON.parse(process.argv[2])

/** Milliseconds; told on standard input, and never less than before, or words would overtake each other. */
let delayMs = 0

function carry(from, to) {
  const later = (act) => setTimeout(act, delayMs)
  from.on('data', (chunk) => later(() => to.writable && to.write(chunk)))
  from.on('close', () => later(() => to.destroy()))
  from.on('error', () => undefined)
}

let waiting = ways.length
for (const { port, host, to } of ways) {
  const server = createServer((near) => {
    const far = connect({ host, port: to })
    carry(near, far)
    carry(far, near)
  })
  server.listen(port, () => {
    waiting -= 1
    if (waiting === 0) process.stdout.write('listens\n')
  })
}
process.stdin.on('data', (line) => {
  delayMs = Math.max(delayMs, Number(line))
})
process.stdin.on('end', () => process.exit(0))
