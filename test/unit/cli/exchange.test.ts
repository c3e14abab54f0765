import { linkSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exchange } from '../../../src/cli/exchange.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lsu-exchange-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function listening(socket: string): Promise<Server> {
  const server = createServer((connection) => connection.resume())
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  return server
}

async function refusalOf(socket: string): Promise<string | null> {
  const question = { method: 'GET', path: '/api/status', body: null, limitMs: 200 } as const
  const answer = await exchange(socket, question, new Set())
  return answer.ok ? null : answer.error.message
}

test('a socket that a dead daemon left behind is answered for at once', async () => {
  const [socket, left] = [join(folder, 'api.sock'), join(folder, 'left.sock')]
  const server = await listening(socket)
  linkSync(socket, left)
  await new Promise((resolve) => server.close(resolve))
  expect(await refusalOf(left)).toBe("omd is not running on this node: start it with 'om daemon start'")
})

test('a daemon that takes the question and says nothing is waited for no longer than the limit', async () => {
  const socket = join(folder, 'api.sock')
  const server = await listening(socket)
  expect(await refusalOf(socket)).toBe("omd did not answer within 200ms: see 'om daemon status' and its log")
  server.close()
})
