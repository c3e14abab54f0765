import { createPrivateKey, hkdfSync } from 'node:crypto'

/**
 * What pulses are authenticated with, 32 bytes: derived from the key of the cluster's authority, which every member holds and nobody else. `salt`: the
 * cluster's id.
 */
export function pulseKey(authorityKeyPem: string, salt: string): Buffer {
  const secret = createPrivateKey(authorityKeyPem).export({ type: 'pkcs8', format: 'der' })
  return Buffer.from(hkdfSync('sha256', secret, salt, 'longshore pulse', 32))
}
