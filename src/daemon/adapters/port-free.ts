import { createServer } from 'node:net'
import { ok, type Result } from '../../core/result.js'
import { errorCode, systemFailure } from './errno.js'

/** Could this process listen on the TCP port? A failure says who may have it. */
export async function portFree(port: number): Promise<Result<void>> {
  const everywhere = await listen(port, '::')
  const noIpv6 = everywhere !== null && ['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes(errorCode(everywhere))
  const trouble = noIpv6 ? await listen(port, '0.0.0.0') : everywhere
  if (trouble === null) return ok(undefined)
  return { ok: false, error: systemFailure(`could not listen on TCP port ${port}`, trouble) }
}

function listen(port: number, host: string): Promise<Error | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', resolve)
    server.listen({ port, host }, () => server.close(() => resolve(null)))
  })
}
