import { ok, type Result } from '../../core/result.js'
import type { Files } from '../ports.js'
import type { KeyPair } from './authority.js'

/** What a member keeps below `/var/lib/longshore/certificates`. */
export interface Certificates {
  readonly authority: KeyPair
  readonly node: KeyPair
}

/** `varDir` is `/var/lib/longshore`, with the prefix of LONGSHORE_ROOT where one is set. */
export const certificatesDirectory = (varDir: string): string => `${varDir}/certificates`

/** Null where this node belongs to no cluster yet. */
export async function loadCertificates(files: Files, varDir: string): Promise<Result<Certificates | null>> {
  const directory = certificatesDirectory(varDir)
  // Written last, so that it stands for the whole set.
  if ((await files.stat(`${directory}/node.crt`)) === null) return ok(null)
  const authority = await readPair(files, `${directory}/ca`)
  if (!authority.ok) return authority
  const node = await readPair(files, `${directory}/node`)
  if (!node.ok) return node
  return ok({ authority: authority.value, node: node.value })
}

/** Keys are readable by root alone. A crash between the files leaves a node that belongs to no cluster, not half a member. */
export async function saveCertificates(
  files: Files,
  varDir: string,
  all: Certificates,
): Promise<Result<void>> {
  const directory = certificatesDirectory(varDir)
  const made = await files.makeDirectory(directory, 0o700)
  if (!made.ok) return made
  const parts = [
    ['ca.key', all.authority.keyPem, 0o600],
    ['ca.crt', all.authority.certificatePem, 0o644],
    ['node.key', all.node.keyPem, 0o600],
    ['node.crt', all.node.certificatePem, 0o644],
  ] as const
  const emptied = await files.remove(`${directory}/node.crt`)
  if (!emptied.ok) return emptied
  for (const [name, text, mode] of parts) {
    const written = await files.write(`${directory}/${name}`, text, mode)
    if (!written.ok) return written
  }
  return ok(undefined)
}

/** After a renewal: the key stays. */
export function saveNodeCertificate(
  files: Files,
  varDir: string,
  certificatePem: string,
): Promise<Result<void>> {
  return files.write(`${certificatesDirectory(varDir)}/node.crt`, certificatePem, 0o644)
}

/** When a node leaves its cluster. */
export async function removeCertificates(files: Files, varDir: string): Promise<Result<void>> {
  for (const name of ['node.crt', 'node.key', 'ca.key', 'ca.crt']) {
    const removed = await files.remove(`${certificatesDirectory(varDir)}/${name}`)
    if (!removed.ok) return removed
  }
  return ok(undefined)
}

async function readPair(files: Files, path: string): Promise<Result<KeyPair>> {
  const certificatePem = await files.read(`${path}.crt`)
  if (!certificatePem.ok) return certificatePem
  const keyPem = await files.read(`${path}.key`)
  if (!keyPem.ok) return keyPem
  return ok({ certificatePem: certificatePem.value, keyPem: keyPem.value })
}
