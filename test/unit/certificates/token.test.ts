import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemRng } from '../../../src/daemon/adapters/rng.js'
import { openStore } from '../../../src/daemon/adapters/store-sqlite.js'
import {
  formatToken,
  makeToken,
  parseToken,
  redeem,
  TOKEN_LIFE_MS,
  type JoinToken,
} from '../../../src/daemon/certificates/token.js'
import type { Result } from '../../../src/core/result.js'
import type { Store } from '../../../src/daemon/ports.js'

const fingerprint = 'ab'.repeat(32)
const addresses = ['192.0.2.1:1215', '[2001:db8::1]:1215']

test('a token goes through a terminal and back', () => {
  const text = makeToken(store(), systemRng(), { fingerprint, addresses, wallMs: 0 })
  expect(text).toMatch(/^longshore-join-[A-Za-z0-9_-]+$/)
  expect(parsed(`  ${text}\n`)).toMatchObject({ fingerprint, addresses })
})

test.each([
  ['nothing', '', /no join token: one begins with longshore-join- and is printed by om cluster token/],
  ['something else', 'hello', /no join token/],
  ['too much', `longshore-join-${'A'.repeat(10_000)}`, /no join token/],
  ['too little', 'longshore-join-AA', /incomplete or mistyped/],
])('%s is refused', (_, text, words) => {
  expect(messageOf(parseToken(text))).toMatch(words)
})

test('a token with any one character changed or lost is refused', () => {
  const text = formatToken({ id: 'i', secret: 's', fingerprint, addresses })
  for (let i = 'longshore-join-'.length; i < text.length - 1; i++) {
    const other = text[i] === 'A' ? 'B' : 'A'
    expect(parseToken(text.slice(0, i) + other + text.slice(i + 1)).ok).toBe(false)
    expect(parseToken(text.slice(0, i)).ok).toBe(false)
  }
})

test('a token is good once, for an hour, and its secret is not kept', () => {
  const kept = store()
  const token = parsed(makeToken(kept, systemRng(), { fingerprint, addresses, wallMs: 1000 }))
  const late = parsed(makeToken(kept, systemRng(), { fingerprint, addresses, wallMs: 1000 }))
  const use = (o: JoinToken, node: string, wallMs: number) => messageOf(redeem(kept, { ...o, node, wallMs }))
  expect(JSON.stringify(kept.list(''))).not.toContain(token.secret)
  expect(use({ ...token, secret: late.secret }, 'node2', 2000)).toMatch(/does not know the join token/)
  expect(use({ ...token, id: 'none', secret: '' }, 'node2', 2000)).toMatch(/does not know the join token/)
  expect(use(token, 'node2', 2000)).toBe('ok')
  expect(use(token, 'node3', 3000)).toBe(
    'the join token was already used by node2: make a new one with om cluster token',
  )
  expect(use(late, 'node3', 1001 + TOKEN_LIFE_MS)).toMatch(/has expired/)
})

test('tokens long past are forgotten', () => {
  const kept = store()
  for (let i = 0; i < 5; i++) makeToken(kept, systemRng(), { fingerprint, addresses, wallMs: i, lifeMs: 10 })
  expect(kept.list('token/')).toHaveLength(5)
  makeToken(kept, systemRng(), { fingerprint, addresses, wallMs: 100 * TOKEN_LIFE_MS })
  expect(kept.list('token/')).toHaveLength(1)
})

function parsed(text: string): JoinToken {
  const token = parseToken(text)
  if (!token.ok) throw new Error(token.error.message)
  return token.value
}

function messageOf(result: Result<unknown>): string {
  return result.ok ? 'ok' : result.error.message
}

function store(): Store {
  const directory = mkdtempSync(join(tmpdir(), 'lsu-token-'))
  const opened = openStore(directory)
  onTestFinished(() => {
    opened.close()
    rmSync(directory, { recursive: true })
  })
  return opened
}
