import { fail, type Result } from '../../core/result.js'
import type { Exec, Files, Rng } from '../ports.js'

/** What issuing needs. `directory` gets short-lived folders that only root can read. */
export interface IssuePorts {
  readonly exec: Exec
  readonly files: Files
  readonly rng: Rng
  readonly directory: string
}

export interface Signing {
  readonly requestPem: string
  readonly subject: string
  readonly keyPem: string
  /** Null: the certificate of the authority itself. */
  readonly authorityPem: string | null
  /** Lines of an extensions section, x509v3_config(5ssl). */
  readonly extensions: readonly string[]
  readonly fromWallMs: number
  readonly toWallMs: number
}

const OPENSSL_TIMEOUT_MS = 10_000

/** A certificate request for a key, as PEM. */
export function makeRequest(ports: IssuePorts, keyPem: string, subject: string): Promise<Result<string>> {
  const argv = `openssl req -new -utf8 -key request.key -out ${OUTPUT} -subj`.split(' ')
  return inFolder(ports, [...argv, subject], [['request.key', keyPem]])
}

/** A certificate, as PEM. By `openssl ca` and not `openssl x509`: before OpenSSL 3.4 only it sets the beginning of the validity. */
export function sign(ports: IssuePorts, o: Signing): Promise<Result<string>> {
  const argv =
    `openssl ca -batch -notext -utf8 -config ca.conf -keyfile authority.key -in request.pem -out ${OUTPUT}`.split(
      ' ',
    )
  const issuer = o.authorityPem === null ? ['-selfsign'] : ['-cert', 'authority.crt']
  const validity = ['-startdate', asn1Time(o.fromWallMs), '-enddate', asn1Time(o.toWallMs)]
  return inFolder(
    ports,
    [...argv, ...issuer, ...validity, '-subj', o.subject],
    [
      ['ca.conf', configuration(o.extensions)],
      ['index.txt', ''],
      ['request.pem', o.requestPem],
      ['authority.key', o.keyPem],
      ['authority.crt', o.authorityPem ?? ''],
    ],
  )
}

/** ca(1ssl), "CONFIGURATION FILE OPTIONS"; every name is relative to the folder of the command. */
function configuration(extensions: readonly string[]): string {
  return `[ca]
default_ca = cluster
[cluster]
database = index.txt
new_certs_dir = .
rand_serial = yes
unique_subject = no
default_md = sha256
copy_extensions = none
x509_extensions = extensions
policy = policy
[policy]
commonName = supplied
[extensions]
${extensions.join('\n')}
`
}

/** `20261121000000Z` */
function asn1Time(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`
}

const OUTPUT = 'made.pem'

/** Runs one command in a folder of its own with some files in it, and answers with the file that it made. */
async function inFolder(
  ports: IssuePorts,
  argv: readonly string[],
  inputs: readonly (readonly [name: string, text: string])[],
): Promise<Result<string>> {
  const { exec, files } = ports
  const folder = `${ports.directory}/.issue-${ports.rng.id()}`
  const made = await files.makeDirectory(folder, 0o700)
  if (!made.ok) return made
  try {
    for (const [name, text] of inputs) {
      const written = await files.write(`${folder}/${name}`, text, 0o600)
      if (!written.ok) return written
    }
    const result = await exec.run(argv, { timeoutMs: OPENSSL_TIMEOUT_MS, cwd: folder })
    if (result.outcome === 'missing')
      return fail('UNAVAILABLE', 'openssl is not there: install the package openssl')
    if (result.exit !== 0)
      return fail('EXEC_FAILED', 'openssl could not make a certificate', result.stderr.trim().split('\n'))
    return await files.read(`${folder}/${OUTPUT}`)
  } finally {
    await removeFolder(files, folder)
  }
}

async function removeFolder(files: Files, folder: string): Promise<void> {
  const names = await files.list(folder)
  for (const name of names.ok ? names.value : []) await files.remove(`${folder}/${name}`)
  await files.remove(folder)
}
