import { X509Certificate } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import * as http from 'node:http'
import { connect, Server, type ListenOptions, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test, vi, type MockInstance } from 'vitest'
import { askNode, followNode, type Trust } from '../../src/daemon/adapters/https-client.js'
import { serveUnix } from '../../src/daemon/adapters/http-unix.js'
import {
  serveTls,
  type Serve,
  type TlsServer,
  type TlsServerOptions,
} from '../../src/daemon/adapters/https.js'
import { portFree } from '../../src/daemon/adapters/port-free.js'
import { fingerprintOf } from '../../src/daemon/certificates/identity.js'
import { TestCluster, valueOf } from './cluster.js'

// Under load a dozen runs of openssl take their time.
vi.setConfig({ testTimeout: 60_000 })
let cluster: TestCluster
let stranger: TestCluster
let other: TestCluster
beforeAll(async () => {
  cluster = await TestCluster.make('c1')
  stranger = await TestCluster.make('c1')
  other = await TestCluster.make('c2')
}, 60_000)
afterAll(() => {
  for (const each of [cluster, stranger, other]) each.remove()
  vi.resetConfig()
})

const DAY_MS = 24 * 3600 * 1000

const echo: Serve = async (request, caller) =>
  Response.json({ caller, path: new URL(request.url).pathname, body: await request.text() })

test('a member is answered by name, a stranger only where it is open', async () => {
  const server = await serve(cluster)
  const material = await cluster.material('node2')
  const ask = (trust: Trust, path: string) => say(server, trust, path)
  const member: Trust = { kind: 'member', node: 'node1', material }
  const open: Trust = { kind: 'authority', fingerprint: pin(cluster) }
  expect(await ask(member, '/api/x')).toEqual([
    200,
    { caller: { kind: 'member', node: 'node2' }, path: '/api/x', body: 'hi' },
  ])
  expect(await ask(open, '/api/join?a=b')).toEqual([
    200,
    { caller: { kind: 'stranger', address: '127.0.0.1' }, path: '/api/join', body: 'hi' },
  ])
  expect(await ask(open, '/api/x')).toMatchObject([403, { error: { code: 'FORBIDDEN' } }])
})

test('certificates that do not count: another cluster, no member any more, expired', async () => {
  const server = await serve(cluster)
  const own = cluster.authority.certificatePem
  const wrong = [
    { ...(await stranger.material('node2')), authorityPem: own },
    await cluster.material('node9'),
    await cluster.issue('node2', Date.now() - 400 * DAY_MS),
  ]
  for (const material of wrong) {
    const [status] = await say(server, { kind: 'member', node: 'node1', material }, '/api/x')
    expect(status).toBe(403)
  }
})

test('a node sends nothing to one that is not whom it means', async () => {
  let requests = 0
  const counted: Serve = () => {
    requests++
    return new Response('')
  }
  const server = await serve(cluster, { serve: counted })
  const asNode = async (node: string, material = cluster.material('node2')) =>
    askNode({ ...to(server), trust: { kind: 'member', node, material: await material } })
  const messages = [
    await asNode('node3'),
    await asNode('node1', stranger.material('node2')),
    await asNode('node1', other.material('node2')),
    await askNode({ ...to(server), trust: { kind: 'authority', fingerprint: pin(stranger) } }),
  ].map((answer) => (answer.ok ? 'answered' : answer.error.message))
  expect(messages).toEqual([
    expect.stringContaining('127.0.0.1 is node1 and not node3'),
    expect.stringContaining('could not be asked'),
    expect.stringContaining('could not be asked'),
    expect.stringContaining('its certificate is not of the cluster that the join token names'),
  ])
  expect(requests).toBe(0)
})

test('a renewed certificate is shown to whoever connects next', async () => {
  const server = await serve(cluster)
  server.renew(await stranger.material('node1'))
  expect((await say(server, { kind: 'authority', fingerprint: pin(stranger) }, '/api/join'))[0]).toBe(200)
  expect(
    await say(
      server,
      { kind: 'member', node: 'node1', material: await stranger.material('node2') },
      '/api/x',
    ),
  ).toMatchObject([200, {}])
})

test('what is too long, or of unknown length, is refused unread', async () => {
  const server = await serve(cluster)
  const material = await cluster.material('node2')
  const long = await askNode({
    ...to(server),
    method: 'POST',
    body: 'x'.repeat(9e6),
    trust: { kind: 'member', node: 'node1', material },
  })
  expect(long.ok ? long.value.status : 'cut off').toSatisfy(
    (answer) => answer === 413 || answer === 'cut off',
  )
  expect((await say(server, { kind: 'member', node: 'node1', material }, '/api/x'))[0]).toBe(200)
})

test('an answer that does not come is a sentence', async () => {
  const server = await serve(cluster, { serve: () => new Promise(() => undefined) })
  const material = await cluster.material('node2')
  const answer = await askNode({
    ...to(server),
    timeoutMs: 200,
    trust: { kind: 'member', node: 'node1', material },
  })
  expect(answer.ok ? '' : answer.error.message).toBe(
    `node1 at 127.0.0.1 port ${server.port} could not be asked: no answer within 0.2 s`,
  )
})

test('a stream is followed line by line, to its end', async () => {
  const stream: Serve = () => new Response('data: 1\n\ndata: 2\n\n')
  const server = await serve(cluster, { serve: stream })
  const trust: Trust = { kind: 'member', node: 'node1', material: await cluster.material('node2') }
  const lines: string[] = []
  const why = await new Promise<string>((resolve) =>
    followNode({ ...to(server), trust }, (line) => lines.push(line), resolve),
  )
  expect(lines).toEqual(['data: 1', '', 'data: 2', ''])
  expect(why).toContain('ended the stream')
})

test('garbage on the port, and callers that say nothing, cost nothing for long', async () => {
  const server = await serve(cluster, { limits: { handshakeMs: 200, headersMs: 300 } })
  const garbage = [
    Buffer.alloc(0),
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.alloc(1e6, 0x16),
    Buffer.from([0x16, 3, 1, 0xff, 0xff]),
  ]
  const ends = Array.from({ length: 40 }, (_, i) =>
    ended(connect(server.port, '127.0.0.1'), garbage[i % garbage.length]!),
  )
  await Promise.all(ends)
  const material = await cluster.material('node2')
  expect((await say(server, { kind: 'member', node: 'node1', material }, '/api/x'))[0]).toBe(200)
})

test('a port in use is a sentence', async () => {
  const server = await serve(cluster)
  const second = await serveTls(await options(cluster, { port: server.port }))
  expect(second).toMatchObject({
    ok: false,
    error: {
      code: 'CONFLICT',
      message: `could not listen on TCP port ${server.port}: address already in use: another process has it, see ss -lntp`,
    },
  })
})

test('the Unix socket belongs to root, a dead one is replaced, a live one is not', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'lsu-unix-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const path = `${directory}/run/api.sock`
  const first = valueOf(await serveUnix(path, echo))
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(await overUnix(path)).toEqual({ caller: { kind: 'operator' }, path: '/api/x', body: '' })
  expect(await serveUnix(path, echo)).toMatchObject({ ok: false, error: { code: 'CONFLICT' } })
  await first.close()
  expect(existsSync(path)).toBe(false)
  writeFileSync(path, 'left over')
  const second = valueOf(await serveUnix(path, echo))
  onTestFinished(() => second.close())
  expect(await overUnix(path)).toMatchObject({ caller: { kind: 'operator' } })
})

test('where IPv6 and IPv4 are, both are served', async () => {
  const server = await serve(cluster, { host: undefined })
  const fingerprint = pin(cluster)
  for (const host of ['127.0.0.1', '::1']) {
    const endpoint = { host, port: server.port }
    const answer = await askNode({
      ...to(server),
      endpoint,
      path: '/api/join',
      trust: { kind: 'authority', fingerprint },
    })
    expect(answer).toMatchObject({ ok: true, value: { status: 200 } })
  }
})

test.each(['EAFNOSUPPORT', 'EADDRNOTAVAIL'])(
  'where the kernel has no IPv6 (%s), IPv4 is served alone',
  async (code) => {
    const refused = withoutIpv6(code)
    const server = await serve(cluster, { host: undefined })
    const [status] = await say(server, { kind: 'authority', fingerprint: pin(cluster) }, '/api/join')
    expect(status).toBe(200)
    expect(await portFree(server.port)).toMatchObject({ ok: false, error: { code: 'CONFLICT' } })
    expect(await portFree(0)).toMatchObject({ ok: true })
    expect(refused()).toBe(3)
  },
)

/** A kernel that was started without IPv6 cannot be had here: what it answers is said instead. How often it was asked. */
function withoutIpv6(code: string): () => number {
  const { listen } = Server.prototype
  type Listen = (this: Server, options: ListenOptions, done: () => void) => Server
  const spy = vi.spyOn(Server.prototype, 'listen') as unknown as MockInstance<Listen>
  let asked = 0
  spy.mockImplementation(function (this: Server, options, done) {
    if (options.host !== '::') return listen.call(this, options, done)
    asked += 1
    process.nextTick(() => this.emit('error', Object.assign(new Error(`listen ${code}`), { code })))
    return this
  })
  onTestFinished(() => spy.mockRestore())
  return () => asked
}

async function options(
  cluster: TestCluster,
  more: Partial<TlsServerOptions> = {},
): Promise<TlsServerOptions> {
  return {
    port: 0,
    host: '127.0.0.1',
    material: await cluster.material('node1'),
    serve: echo,
    members: () => ['node1', 'node2'],
    openPaths: ['/api/join'],
    onPeer: (_, socket) => socket.destroy(),
    ...more,
  }
}

async function serve(cluster: TestCluster, more: Partial<TlsServerOptions> = {}): Promise<TlsServer> {
  const server = valueOf(await serveTls(await options(cluster, more)))
  onTestFinished(() => server.close())
  return server
}

const to = ({ port }: TlsServer) =>
  ({ endpoint: { host: '127.0.0.1', port }, path: '/api/x', method: 'GET', timeoutMs: 5000 }) as const

async function say(server: TlsServer, trust: Trust, path: string): Promise<readonly [number, unknown]> {
  const answer = valueOf(await askNode({ ...to(server), method: 'POST', path, body: 'hi', trust }))
  return [answer.status, JSON.parse(answer.body)]
}

const pin = ({ authority }: TestCluster): string =>
  fingerprintOf(new X509Certificate(authority.certificatePem))

function ended(socket: Socket, text: Buffer): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => undefined)
    socket.on('close', () => resolve())
    socket.resume()
    socket.write(text)
  })
}

function overUnix(socketPath: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = http.get({ socketPath, path: '/api/x' }, async (response) => {
      let body = ''
      for await (const chunk of response) body += String(chunk)
      resolve(JSON.parse(body))
    })
    request.on('error', reject)
  })
}
