import { expect, test } from 'vitest'
import { Omd, type OmdPorts } from '../../../src/daemon/omd.js'
import { makeToken } from '../../../src/daemon/certificates/token.js'
import { fitToJoin } from '../../../src/daemon/members.js'
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

test('and before a cluster is founded', async () => {
  // Nothing else is asked for.
  const ports = { store: leftover(), varDir, witness: false } as unknown as OmdPorts
  expect(await new Omd(ports, () => undefined).init('paris', ['192.0.2.1'])).toEqual(refused)
})
