import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { secureContext, type TlsMaterial } from '../../src/daemon/adapters/tls.js'
import { TestCluster } from './cluster.js'
import { meet, start } from './peer-node.js'

// Under load a dozen runs of openssl take their time.
vi.setConfig({ testTimeout: 60_000 })
let cluster: TestCluster
let stranger: TestCluster
beforeAll(async () => {
  cluster = await TestCluster.make('c1')
  stranger = await TestCluster.make('c1')
}, 60_000)
afterAll(() => {
  for (const each of [cluster, stranger]) each.remove()
  vi.resetConfig()
})

test('three nodes: one connection for each address of the greater name, both ways', async () => {
  const a = await start(cluster, 'node1', ['127.0.0.11'])
  const b = await start(cluster, 'node2', ['127.0.0.12', '127.0.0.22'])
  const c = await start(cluster, 'node3', ['127.0.0.13'])
  meet(a, b, c)
  await a.saw(`up node2 node1>node2@127.0.0.12:${b.port}`)
  await a.saw(`up node2 node1>node2@127.0.0.22:${b.port}`)
  await a.saw(`up node3 node1>node3@127.0.0.13:${c.port}`)
  await b.saw(`up node3 node2>node3@127.0.0.13:${c.port}`)
  a.say(b, 'first')
  b.say(a, 'too early or not, it comes after the first word')
  await b.saw(`up node1 node1>node2@127.0.0.12:${b.port}`)
  await b.saw(`text node1>node2@127.0.0.12:${b.port} first`)
  b.say(a, 'back')
  await a.saw(`text node1>node2@127.0.0.12:${b.port} back`)
  expect(a.log.filter((line) => line.startsWith('up'))).toHaveLength(3)
  expect([...a.complaints, ...b.complaints, ...c.complaints]).toEqual([])
})

test('of two that speak different protocols the older one is used, and the newer one says so, once', async () => {
  const own = { protocols: { min: 1, max: 3 } }
  const a = await start(cluster, 'node1', ['127.0.0.11'], { own, idleMs: 200 })
  const b = await start(cluster, 'node2', ['127.0.0.12'], { own: { protocols: { min: 1, max: 2 } } })
  meet(a, b)
  const path = `node1>node2@127.0.0.12:${b.port}`
  await a.saw(`up node2 ${path} by 2`, 2)
  expect(a.complaints).toEqual([
    'node2 (agent 0.1.0) speaks protocol 1 to 2 and node1 (agent 0.1.0) 1 to 3: they use 2 until a newer agent is installed on node2',
  ])
  a.say(b, 'first')
  await b.saw(`up node1 ${path} by 2`)
  expect(b.complaints.filter((words) => words.includes('protocol'))).toEqual([])
})

test('a node that stops is gone at once, and found again when it is back', async () => {
  const a = await start(cluster, 'node1', ['127.0.0.11'])
  const b = await start(cluster, 'node2', ['127.0.0.12'])
  meet(a, b)
  const path = `node1>node2@127.0.0.12:${b.port}`
  await a.saw(`up node2 ${path}`)
  await b.end()
  await a.saw(`down ${path} node2 closed it (the daemon stops)`)
  await a.complained(
    `node2 cannot be reached at 127.0.0.12:${b.port}: connection refused: see that omd runs there`,
  )
  const again = await start(cluster, 'node2', ['127.0.0.12'], { port: b.port })
  meet(a, again)
  await a.saw(`up node2 ${path}`, 2)
  expect(a.complaints).toHaveLength(1)
})

test('a peer that says nothing for the idle time is given up, and dialled anew', async () => {
  const a = await start(cluster, 'node1', ['127.0.0.11'], { idleMs: 200 })
  const b = await start(cluster, 'node2', ['127.0.0.12'])
  meet(a, b)
  const path = `node1>node2@127.0.0.12:${b.port}`
  await a.saw(`down ${path} nothing was heard from node2 for 0.2 s`)
  await a.saw(`up node2 ${path}`, 2)
})

test.each([
  [
    'another cluster',
    { clusterId: 'c2' },
    /^node2 refuses: node1 belongs to another cluster \(c2\)|^the connection to node2 .* node1 belongs to another cluster/,
  ],
  [
    'another machine under a known name',
    { machineId: 'other' },
    /another machine is known by the name node1/,
  ],
])('%s is refused in words, once', async (_, own, words) => {
  const a = await start(cluster, 'node1', ['127.0.0.11'], { own })
  const b = await start(cluster, 'node2', ['127.0.0.12'], { machines: { node1: 'machine of node1' } })
  meet(a, b)
  await a.complained(words)
  await b.complained(/a connection from node1 failed/)
  // Long enough for several more attempts.
  await new Promise((resolve) => setTimeout(resolve, 700))
  expect(a.complaints).toHaveLength(1)
  expect(b.complaints).toHaveLength(1)
  expect([...a.log, ...b.log]).toEqual([])
})

test('a peer that the dialling side refuses is never up on the other side', async () => {
  const a = await start(cluster, 'node1', ['127.0.0.11'], { machines: { node2: 'an older machine' } })
  const b = await start(cluster, 'node2', ['127.0.0.12'])
  meet(a, b)
  await b.complained(/node1 refuses: another machine is known by the name node2/)
  expect([...a.log, ...b.log]).toEqual([])
})

test('a node that is taken out of the configuration is cut off, and not let in again', async () => {
  const a = await start(cluster, 'node1', ['127.0.0.11'])
  const b = await start(cluster, 'node2', ['127.0.0.12'])
  meet(a, b)
  const path = `node1>node2@127.0.0.12:${b.port}`
  await a.saw(`up node2 ${path}`)
  a.say(b, 'hello')
  await b.saw(`text ${path} hello`)
  b.know(b)
  await b.saw(`down ${path} node1 is no node of this cluster any more`)
  await a.saw(`down ${path} node2 closed it (node1 is no node of this cluster any more)`)
  await a.complained(/Unexpected server response: 403/)
})

test('a certificate of another authority gets nothing, either way', async () => {
  const a = await start(stranger, 'node1', ['127.0.0.11'])
  const b = await start(cluster, 'node2', ['127.0.0.12'])
  meet(a, b)
  await a.complained(
    /^node2 cannot be reached at .*: (self-signed certificate|certificate signature failure|unable to)/,
  )
  expect([...a.log, ...b.log]).toEqual([])
})

test.each([
  ['nonsense', ['hello?'], /a message of a peer makes no sense/],
  ['the name of another node', [hello({ node: 'node0' })], /node0 came with the certificate of node1/],
  ['another message first', ['{"kind":"want","node":"node1"}'], /the first message was want and not hello/],
  [
    'an old protocol',
    [hello({ protocols: { min: 0, max: 0 } })],
    /node1 \(agent 0.0.1\) speaks protocol 0 and node2 \(agent 0.1.0\) 1: install a newer agent on node1/,
  ],
  [
    'a path that is not its own',
    [hello({ path: 'node3>node2@192.0.2.2' })],
    /no path from node1 is called node3>node2/,
  ],
  ['bytes', [Buffer.alloc(100, 7)], /messages are text/],
  ['too much', [Buffer.alloc(9e6, 0x20).toString()], /Max payload size exceeded/],
])('a member that begins with %s is refused, and the others are served on', async (_, messages, words) => {
  const b = await start(cluster, 'node2', ['127.0.0.12'])
  const material = await cluster.material('node1')
  b.know(b, { name: 'node1', addresses: [] }, { name: 'node0', addresses: [] })
  await speak(b.port, material, messages)
  await b.complained(words)
  const a = await start(cluster, 'node0', ['127.0.0.10'])
  meet(a, b)
  await a.saw(`up node2 node0>node2@127.0.0.12:${b.port}`)
})

test('garbage on the port does not disturb a connection that is up', async () => {
  const a = await start(cluster, 'node1', ['127.0.0.11'])
  const b = await start(cluster, 'node2', ['127.0.0.12'])
  meet(a, b)
  await a.saw(`up node2 node1>node2@127.0.0.12:${b.port}`)
  for (let i = 0; i < 30; i++) {
    const socket = connect(b.port, '127.0.0.12')
    socket.on('error', () => undefined)
    socket.end(Buffer.alloc(10_000, i))
  }
  a.say(b, 'still here')
  await b.saw(`text node1>node2@127.0.0.12:${b.port} still here`)
  expect(a.log.filter((line) => line.startsWith('down'))).toEqual([])
})

test('a peer that does not read bounds what waits for it', async () => {
  const a = await start(cluster, 'node1', ['127.0.0.11'])
  const b = await start(cluster, 'node2', ['127.0.0.12'])
  meet(a, b)
  const path = `node1>node2@127.0.0.12:${b.port}`
  await a.saw(`up node2 ${path}`)
  const text = 'x'.repeat(1e6)
  const sent = Array.from({ length: 100 }, () => a.links.send(path, text)).filter((was) => was).length
  expect(sent).toBeGreaterThan(10)
  expect(sent).toBeLessThan(40)
  expect(a.links.send('no such path', text)).toBe(false)
})

test('after a renewal a node goes on with its new certificate', async () => {
  const a = await start(cluster, 'node1', ['127.0.0.11'], { idleMs: 300 })
  const b = await start(cluster, 'node2', ['127.0.0.12'])
  for (const node of [a, b]) node.renew(await cluster.material(node.name))
  meet(a, b)
  await a.saw(`up node2 node1>node2@127.0.0.12:${b.port}`)
})

function hello(change: object): string {
  const usual = {
    protocols: { min: 1, max: 1 },
    cluster: 'c1',
    node: 'node1',
    machineId: 'machine of node1',
    incarnation: 1,
  }
  return JSON.stringify({
    kind: 'hello',
    ...usual,
    agentVersion: '0.0.1',
    path: 'node1>node2@192.0.2.2',
    ...change,
  })
}

/** Speaks as node1, with its certificate, until it is hung up on. */
function speak(port: number, material: TlsMaterial, messages: readonly (string | Buffer)[]): Promise<void> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`wss://127.0.0.12:${port}/peers`, {
      ...secureContext(material),
      rejectUnauthorized: false,
    })
    socket.on('open', () => messages.forEach((message) => socket.send(message)))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve())
  })
}
