export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** `192.0.2.1`, `192.0.2.1:1215`, `2001:db8::1`, `[2001:db8::1]:1215`, `host:1215`. */
export function parseAddress(address: string, defaultPort: number): Endpoint {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(address)
  if (bracketed !== null) return { host: bracketed[1] ?? '', port: Number(bracketed[2] ?? defaultPort) }
  const single = /^([^:]+):(\d+)$/.exec(address)
  if (single !== null) return { host: single[1] ?? '', port: Number(single[2]) }
  return { host: address, port: defaultPort }
}

/** As it stands in a URL. */
export const formatEndpoint = ({ host, port }: Endpoint): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`
