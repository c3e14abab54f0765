// Speaks to a node's TLS port from within a namespace, for bad-peer.test.ts: node stranger.mjs HOST CERTIFICATES|- CASE
// Prints what the other side did, a JSON line each, and ends when it has hung up.
import { readFileSync } from 'node:fs'
import { connect as connectPlain } from 'node:net'
import { connect } from 'node:tls'
import { WebSocket } from 'ws'

const [host, directory, name] = process.argv.slice(2)
const port = 1215
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`)
const pem = (file) => readFileSync(`${directory}/${file}`, 'utf8')
const shown =
  directory === '-'
    ? { rejectUnauthorized: false }
    : { ca: pem('ca.crt'), cert: pem('node.crt'), key: pem('node.key') }
const trust = { ...shown, checkServerIdentity: () => undefined }
const clusterId = process.env.CLUSTER_ID
const hello = {
  kind: 'hello',
  protocols: { min: 1, max: 1 },
  cluster: clusterId,
  node: 'bad2',
  machineId: process.env.MACHINE_ID,
  incarnation: 1,
  agentVersion: '0.0.1',
  path: 'bad2>bad1@10.99.0.1:1215',
}

const firstMessages = {
  'no json': () => '\u{1F355} {"kind":',
  'unknown kind': () => ({ kind: 'reboot' }),
  binary: () => Buffer.alloc(64, 255),
  'beat first': () => ({ kind: 'beat', seq: 1, sentMs: 1, versions: {}, registers: '' }),
  'old protocol': () => ({ ...hello, protocols: { min: 0, max: 0 } }),
  'new protocol': () => ({ ...hello, protocols: { min: 7, max: 9 } }),
  'other cluster': () => ({ ...hello, cluster: 'elsewhere' }),
  'other node': () => ({ ...hello, node: 'bad1' }),
  'other machine': () => ({ ...hello, machineId: 'ffff' }),
  'too long': () => `{"kind":"hello","node":"${'x'.repeat(9 * 1024 * 1024)}"}`,
}

const plain = {
  garbage: () => connectPlain({ host, port }).end(Buffer.alloc(100_000, 7)),
  'half open': () => connectPlain({ host, port }),
  'half a request': () => connect({ host, port, ...trust }, function () { this.write('GET /api/status HT') }),
  'api request': () => connect({ host, port, ...trust }, function () { this.write('GET /api/status HTTP/1.1\r\nhost: x\r\n\r\n') }),
  'huge body': () => connect({ host, port, ...trust }, function () { this.write('POST /api/cluster/enrol HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\n\r\n') }),
  'enrol garbage': () => connect({ host, port, ...trust }, function () { this.write('POST /api/cluster/enrol HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 9\r\n\r\n{"id": 7}') }),
} // prettier-ignore

function speakPlain() {
  const socket = plain[name]()
  let heard = ''
  socket.on('data', (chunk) => (heard += chunk))
  socket.on('error', () => undefined)
  socket.on('close', () => say({ closed: heard }))
}

function speakWebSocket() {
  const socket = new WebSocket(`wss://${host}:${port}/peers`, trust)
  socket.on('unexpected-response', (request, response) => {
    say({ refused: response.statusCode })
    request.destroy()
  })
  socket.on('open', () => {
    if (name === 'silence') return
    if (name === 'nonsense after hello') return socket.send(JSON.stringify(hello))
    const message = firstMessages[name]()
    socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message))
  })
  socket.on('message', (data) => {
    const message = JSON.parse(data.toString())
    say({ message: message.kind === 'refuse' ? message : message.kind })
    if (name === 'nonsense after hello' && message.kind === 'hello') socket.send('and now for something else')
  })
  socket.on('error', () => undefined)
  socket.on('close', (code, reason) => say({ closed: code, reason: reason.toString() }))
}

if (name in plain) speakPlain()
else speakWebSocket()
