// Certificates of nodes, as an outsider with root on one of them could use or change them.
import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/daemon/adapters/clock.js'
import { systemExec } from '../../src/daemon/adapters/exec.js'
import { systemFiles } from '../../src/daemon/adapters/files.js'
import { systemRng } from '../../src/daemon/adapters/rng.js'
import { issueCertificate, requestCertificate } from '../../src/daemon/certificates/authority.js'
import { identityOf } from '../../src/daemon/certificates/identity.js'
import type { Result } from '../../src/core/result.js'
import type { LabNode } from '../lab/index.js'

const DIRECTORY = '/var/lib/longshore/certificates'
const DAY_MS = 24 * 3600 * 1000

/** Gives a node, whose daemon is stopped, a certificate that its authority issued so many days from now. */
export async function certificateOfAge(node: LabNode, days: number): Promise<void> {
  const read = (file: string): Promise<string> => node.run(['cat', `${DIRECTORY}/${file}`])
  const authority = { certificatePem: await read('ca.crt'), keyPem: await read('ca.key') }
  const identity = identityOf(new X509Certificate(await read('node.crt')))
  if (identity === null) throw new Error(`the certificate of ${node.name} names nobody`)
  const directory = await mkdtemp(join(tmpdir(), 'lsu-certificates-'))
  try {
    const issuing = { exec: systemExec(systemClock()), files: systemFiles(), rng: systemRng(), directory }
    const { keyPem, requestPem } = valueOf(await requestCertificate(issuing, node.name))
    const wallMs = Date.now() + days * DAY_MS
    const certificate = valueOf(await issueCertificate(issuing, authority, { requestPem, identity, wallMs }))
    for (const [file, pem] of [
      ['node.key', keyPem],
      ['node.crt', certificate],
    ] as const)
      await node.run(['sh', '-c', `cat >${DIRECTORY}/${file}`], { input: pem })
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** Wall milliseconds at which the node's certificate ends. */
export async function validTo(node: LabNode): Promise<number> {
  return Date.parse(new X509Certificate(await node.run(['cat', `${DIRECTORY}/node.crt`])).validTo)
}

/** What a member's API says to a caller with the certificate in a folder, or with none. Whom it talks to the caller does not check. */
export async function ask(
  from: LabNode,
  address: string,
  folder: string | null,
): Promise<{ readonly status: number; readonly message: string }> {
  return JSON.parse(await from.run(['node', '-e', CALL, address, folder ?? ''])) as Awaited<
    ReturnType<typeof ask>
  >
}

const CALL = `
const [, address, folder] = process.argv
const { readFileSync } = require('node:fs')
const own = folder === '' ? {} : { key: readFileSync(folder + '/node.key'), cert: readFileSync(folder + '/node.crt') }
require('node:https').get({ host: address, port: 1215, path: '/api/status', rejectUnauthorized: false, ...own }, (answer) => {
  let body = ''
  answer.on('data', (chunk) => (body += chunk))
  answer.on('end', () => console.log(JSON.stringify({ status: answer.statusCode, message: JSON.parse(body).error?.message })))
})
`

function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value
  throw new Error(result.error.message)
}
