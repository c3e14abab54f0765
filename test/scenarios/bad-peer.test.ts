import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Alone } from './alone.js'
import { pair, until } from './alone.js'

const stranger = fileURLToPath(new URL('stranger.mjs', import.meta.url))
const FLAG = 'DEFAULT:\n  nodes: "*"\nfs#1:\n  type: flag\n'

const { nodes, end } = pair(['bad1', 'bad2'])
const [bad1, bad2] = nodes

beforeAll(async () => {
  await bad1.start()
  await bad2.start()
  await bad1.done('cluster init prod')
  await bad1.done('db1 deploy --config=- --wait', FLAG)
})

afterAll(end)

const token = async (): Promise<string> =>
  (JSON.parse(await bad1.done('cluster token --format json')) as { readonly token: string }).token

describe('a join that is refused leaves both sides as they were', () => {
  const unchanged = async (): Promise<void> => {
    expect(await bad1.done('cluster get --kw cluster.nodes')).toBe('bad1\n')
    expect(await bad2.refused('db1 start')).toMatch(/^this node belongs to no cluster/)
  }

  test('no token at all', async () => {
    expect(await bad2.refused('cluster join please')).toBe(
      'this is no join token: one begins with longshore-join- and is printed by om cluster token',
    )
    await unchanged()
  })

  test('mistyped, cut', async () => {
    const good = await token()
    const swapped = good.slice(0, 40) + (good[40] === 'x' ? 'y' : 'x') + good.slice(41)
    for (const bad of [swapped, good.slice(0, -7)]) {
      expect(await bad2.refused(`cluster join ${bad}`)).toBe(
        'the join token is incomplete or mistyped: copy it again, whole',
      )
    }
    await unchanged()
  })

  test('expired', async () => {
    const good = await token()
    await bad1.stop()
    const store = new Database(join(bad1.root, 'var/lib/longshore/state.db'))
    store.exec("UPDATE kv SET value = json_set(value, '$.expiresWallMs', 1) WHERE key LIKE 'token/%'")
    store.close()
    expect(await bad2.refused(`cluster join ${good}`)).toBe(
      '10.99.0.1 port 1215 could not be asked: connection refused: see that omd runs there',
    )
    await bad1.start()
    expect(await bad2.refused(`cluster join ${good}`)).toBe(
      'the join token has expired: make a new one with om cluster token',
    )
    await unchanged()
  })

  test('a token of a member whose port is taken here: the cluster never hears of it', async () => {
    const good = await token()
    const holder = bad2.inNetwork(['timeout', '20', 'python3', '-m', 'http.server', '1215'])
    const listening = async (): Promise<boolean> =>
      (await bad2.inNetwork(['ss', '-lnt'])).stdout.includes(':1215')
    await until('the port is taken', listening)
    expect(await bad2.refused(`cluster join ${good}`)).toBe(
      'could not listen on TCP port 1215: address already in use: another process has it, see ss -lntp',
    )
    expect(await bad2.refused('cluster init mine')).toMatch(/^could not listen on TCP port 1215/)
    await unchanged()
    await holder
    await bad2.done(`cluster join ${good}`)
    expect(await bad2.refused(`cluster join ${good}`)).toBe(
      'this node belongs to cluster prod already: leave it first with om cluster leave',
    )
  })

  test('used', async () => {
    const good = await token()
    await bad2.done('cluster leave')
    await bad2.done(`cluster join ${good}`)
    await bad2.done('cluster leave')
    expect(await bad2.refused(`cluster join ${good}`)).toBe(
      'the join token was already used by bad2: make a new one with om cluster token',
    )
    await unchanged()
  })
})

describe('a peer that speaks nonsense', () => {
  const facts: Record<string, string> = {}

  beforeAll(async () => {
    await bad2.done(`cluster join ${await token()}`)
    const { daemon } = JSON.parse(await bad1.done('mon --format json')) as { daemon: { paths: unknown[] } }
    expect(daemon.paths).toBeDefined()
    await until('bad2 is heard', async () => /bad2/.test(await bad1.done('cluster status')))
    facts['CLUSTER_ID'] = (await bad1.done('cluster get --kw cluster.id')).trim()
    await until('bad2 is known', () => bad1.output.includes('node bad2 is heard'))
    facts['MACHINE_ID'] = machineId(bad2)
    await bad2.stop()
  })

  const speak = async (name: string, certificate: 'member' | 'none'): Promise<readonly unknown[]> => {
    const directory = certificate === 'none' ? '-' : join(bad2.root, 'var/lib/longshore/certificates')
    const assignments = Object.entries(facts).map(([key, value]) => `${key}=${value}`)
    const argv = ['env', ...assignments, process.execPath, stranger, '10.99.0.1', directory, name]
    const { stdout } = await bad2.inNetwork(argv)
    return stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as unknown) // prettier-ignore
  }

  const refusals: readonly (readonly [string, RegExp])[] = [
    ['no json', /^a message of a peer makes no sense/],
    ['unknown kind', /^the first message was of an unknown kind and not hello$/],
    ['binary', /^messages are text$/],
    ['beat first', /^the first message was beat and not hello$/],
    ['old protocol', /^bad2 \(agent 0\.0\.1\) speaks protocol 0 and bad1 \(agent \S+\) 1: install a newer agent on bad2$/],
    ['new protocol', /^bad2 \(agent 0\.0\.1\) speaks protocol 7 to 9 and bad1 \(agent \S+\) 1: install a newer agent on bad1/],
    ['other cluster', /^bad2 belongs to another cluster \(elsewhere\)$/],
    ['other node', /^bad1 came with the certificate of bad2$/],
    ['other machine', /^another machine is known by the name bad2 \(machine id \S+, this one has ffff\)/],
  ] // prettier-ignore

  test.each(refusals)('with a certificate of the cluster: %s', async (name, sentence) => {
    const [first, last] = await speak(name, 'member')
    expect(first).toMatchObject({
      message: { kind: 'refuse', why: expect.stringMatching(sentence) as string },
    })
    expect(last).toMatchObject({ closed: 4001 })
    expect(await bad1.done('node logs')).toMatch(new RegExp(sentence.source.replace(/^\^|\$$/g, ''), 'm'))
  })

  test('with a certificate of the cluster: a message without end', async () => {
    // 1009 is "too big"; whoever is still sending may find the connection gone before it reads that.
    const [{ closed }] = (await speak('too long', 'member')) as [{ closed: number }]
    expect([1009, 1006]).toContain(closed)
  })

  test('with a certificate of the cluster: nothing', async () => {
    expect(await speak('silence', 'member')).toMatchObject([{ closed: expect.any(Number) as number }])
    expect(await bad1.done('node logs')).toContain('bad2 sent no hello')
  })

  test('with a certificate of the cluster: nonsense after the hello', async () => {
    const heard = await speak('nonsense after hello', 'member')
    expect(heard[0]).toEqual({ message: 'hello' })
    expect(heard.at(-1)).toMatchObject({ closed: expect.any(Number) as number })
    expect(await bad1.done('node logs')).toMatch(/bad2 .*a message of a peer makes no sense/)
  })

  test.each(['no json', 'old protocol'])('without a certificate it is not even heard: %s', async (name) => {
    expect((await speak(name, 'none'))[0]).toEqual({ refused: 403 })
  })

  test('without a certificate the API answers nothing but a request to join', async () => {
    const [asked] = (await speak('api request', 'none')) as readonly { readonly closed: string }[]
    expect(asked?.closed).toMatch(/^HTTP\/1\.1 403 .*only members of this cluster are answered here/s)
    const [garbage] = (await speak('enrol garbage', 'none')) as readonly { readonly closed: string }[]
    expect(garbage?.closed).toMatch(/^HTTP\/1\.1 400 .*the request does not fit/s)
    const [huge] = (await speak('huge body', 'none')) as readonly { readonly closed: string }[]
    expect(huge?.closed).toMatch(/^HTTP\/1\.1 413 .*at most 8 MiB/s)
  })

  test.each(['garbage', 'half open', 'half a request'])(
    'what is no TLS, or stops midway, is hung up on: %s',
    async (name) => {
      expect(await speak(name, 'none')).toMatchObject([{ closed: expect.any(String) as string }])
    },
  )

  test('the service and the daemon never noticed, and the true peer is welcome', async () => {
    expect(await bad1.done('db1 print status')).toMatch(/bad1 +up +idle, started/)
    await bad2.start()
    await until('bad2 is heard again', async () =>
      /state +\| idle +idle/.test(await bad1.done('cluster status --color never')),
    )
  })
})

/** As omd reads it: of the machine, or where that has none, of its own. */
function machineId(node: Alone): string {
  const files = ['/etc/machine-id', join(node.root, 'var/lib/longshore/machine-id')]
  const found = files.filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8').trim())
  return found.find((id) => /^[0-9a-f]{32}$/.test(id)) ?? ''
}
