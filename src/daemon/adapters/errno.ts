import { getSystemErrorMap } from 'node:util'
import type { Failure, FailureCode } from '../../core/result.js'

/** What a failed system call becomes: `could not write /x: no space left on device: free some space there and try again`. */
export function systemFailure(what: string, error: unknown): Failure {
  const code = errorCode(error)
  return { code: failureCode(code), message: `${what}: ${reason(error)}${advice(code)}` }
}

/** `ENOENT`, …; empty for what is no system error. */
export function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = errorCode(error)
  if (code === 'EPROTO') return 'what answers there speaks no TLS, or none that omd takes'
  if (code.startsWith('ERR_SSL_')) return `the TLS handshake failed (${words(code.slice('ERR_SSL_'.length))})`
  const errno = 'errno' in error && typeof error.errno === 'number' ? error.errno : 0
  return getSystemErrorMap().get(errno)?.[1] ?? error.message
}

const words = (code: string): string => code.toLowerCase().replaceAll('_', ' ')

function failureCode(code: string): FailureCode {
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'UNKNOWN'
  if (code === 'EACCES' || code === 'EPERM') return 'FORBIDDEN'
  if (code === 'EROFS' || code === 'ENOSPC' || code === 'EDQUOT' || code === 'EMFILE' || code === 'ENFILE')
    return 'UNAVAILABLE'
  if (code === 'EADDRINUSE' || code === 'EBUSY' || code === 'EEXIST' || code === 'ENOTEMPTY')
    return 'CONFLICT'
  return 'INTERNAL'
}

function advice(code: string): string {
  if (code === 'ENOSPC' || code === 'EDQUOT') return ': free some space there and try again'
  if (code === 'EROFS') return ': mount the filesystem read-write and try again'
  if (code === 'EADDRINUSE') return ': another process has it, see ss -lntp'
  if (code === 'ECONNREFUSED') return ': see that omd runs there'
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'ETIMEDOUT')
    return ': see that the address is right and the network up'
  return ''
}
