// The process of a probe, run in the switch's network namespace: tries until its time is up or its input ends, then
// prints its report.
import { connect } from 'node:net'
import { Tally, type Try } from './outage.js'
import type { ProbeWish } from './probe.js'

const ANSWER_MS = 200

const nowMs = (): number => performance.timeOrigin + performance.now()

/** One try: settled when an answer is in, refused, or late. */
async function attempt(wish: ProbeWish): Promise<Try> {
  const startedMs = nowMs()
  return new Promise((resolve) => {
    const socket = connect({ host: wish.address, port: wish.port, noDelay: true })
    const settle = (answered: boolean) => {
      clearTimeout(timer)
      // a reset: thousands of closed connections must not use up the ports
      socket.resetAndDestroy()
      resolve(answered ? { startedMs, answeredMs: nowMs() } : { startedMs })
    }
    const timer = setTimeout(() => settle(false), wish.answerMs ?? ANSWER_MS)
    let text = ''
    socket.once('connect', () => {
      if (wish.connectOnly) settle(true)
      else if (wish.send !== undefined) socket.write(Buffer.from(wish.send, 'base64'))
    })
    socket.on('data', (data: Buffer) => {
      text += data.toString()
      if (wish.expect === undefined || text.includes(wish.expect)) settle(true)
    })
    socket.on('error', () => settle(false))
    socket.once('close', () => settle(false))
  })
}

async function probe(wish: ProbeWish): Promise<void> {
  const tally = new Tally()
  const open = new Set<Promise<void>>()
  const { everyMs = 10, forMs = Infinity } = wish
  const beginMs = nowMs()
  let index = 0
  await new Promise<void>((resolve) => {
    const end = () => {
      clearInterval(ticking)
      resolve()
    }
    const tick = () => {
      if (nowMs() - beginMs >= forMs) return end()
      const number = index++
      const settled = attempt(wish).then((result) => {
        tally.settle(number, result)
        open.delete(settled)
      })
      open.add(settled)
    }
    const ticking = setInterval(tick, everyMs)
    tick()
    process.stdin.on('end', end).resume()
    console.log('started')
  })
  await Promise.all(open)
  console.log(JSON.stringify(tally.report(nowMs())))
  process.exit(0)
}

await probe(JSON.parse(process.argv[2] ?? '{}') as ProbeWish)
