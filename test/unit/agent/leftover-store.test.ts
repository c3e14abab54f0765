import { expect, test } from 'vitest'
import { Omd, type OmdPorts } from '../../../src/daemon/omd.js'
import { makeToken } from '../../../src/daemon/certificates/token.js'
import { fitToJoin } from '../../../src/daemon/members.js'
import type { LogEntry } from '../../../src/daemon/ports.js'
import { memoryStore } from '../../sim/memory-store.js'

const varDir = '/var/lib/longshore'
const rng = { id: () => 'id', bytes: () => new Uint8Array(16), next: () => 0.5 }

/** What a later version has left behind. */
function leftover(): ReturnType<typeof memoryStore> {
  const store = memoryStore()
  store.putAll([{ key: 'evictions', value: '"none"' }])
  return store
}

const refused = {
  ok: false,
  error: {
    code: 'CONFLICT',
    message: expect.stringMatching(/^the store of this node has evictions in a form/),
  },
}

test('a store that is not understood is found before the cluster is told of this node', async () => {
  const store = leftover()
  const before = store.list('')
  const token = makeToken(memoryStore(), rng as never, {
    fingerprint: 'ab'.repeat(32),
    addresses: ['192.0.2.1:1215'],
    wallMs: 0,
  })
  const ports = { store, varDir, portFree: () => Promise.resolve({ ok: true as const, value: undefined }) }
  expect(await fitToJoin(ports, token, 'node2', null)).toEqual(refused)
  expect(store.list('')).toEqual(before)
})

test('the certificates of a leave that was cut short are removed by the next daemon, which says so and belongs to no cluster', async () => {
  const store = memoryStore()
  store.putAll([{ key: 'left', value: 'true' }])
  const [removed, said]: [string[], string[]] = [[], []]
  const ports = {
    store,
    varDir,
    sys: { hostname: 'node1' },
    clock: { wallMs: () => 0 },
    log: { write: ({ message }: LogEntry) => said.push(message) },
    files: {
      stat: (path: string) => Promise.resolve(removed.includes(path) ? null : {}),
      remove: (path: string) => {
        removed.push(path)
        return Promise.resolve({ ok: true, value: undefined })
      },
    },
  } as unknown as OmdPorts
  const omd = new Omd(ports, () => undefined)
  expect(await omd.begin()).toEqual({ ok: true, value: undefined })
  expect(removed).toHaveLength(4)
  expect(said).toEqual([expect.stringContaining('was cut short')])
  expect(omd.room).toBeNull()
})

test('and before a cluster is founded', async () => {
  // Nothing else is asked for.
  const ports = { store: leftover(), varDir, witness: false } as unknown as OmdPorts
  expect(await new Omd(ports, () => undefined).init('paris', ['192.0.2.1'])).toEqual(refused)
})
