/** Why that is no address of a node, as words; null where it is one: a host name or IP address, IPv6 in brackets where a port follows. */
export function addressProblem(address: string): string | null {
  const [, host = '', port] =
    /^(\[[^\]]*\]|[^:]*|[^[\]]*:[^[\]]*:[^[\]]*)(?::(\d{1,5}))?$/.exec(address) ?? []
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535))
    return `the port of ${address} must be between 1 and 65535`
  if (isHost(host)) return null
  return `${JSON.stringify(address)} is no address: a host name or IP address, such as 192.0.2.1, 192.0.2.1:1215 or [2001:db8::1]:1215`
}

function isHost(host: string): boolean {
  if (host.startsWith('[')) return isIpv6(host.slice(1, -1))
  if (host.includes(':')) return isIpv6(host)
  if (/^[\d.]+$/.test(host)) return isIpv4(host)
  return /^[a-zA-Z0-9]([a-zA-Z0-9.-]{0,251}[a-zA-Z0-9])?$/.test(host)
}

function isIpv4(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)
}

function isIpv6(text: string): boolean {
  if (!/^[0-9a-fA-F:]+$/.test(text) || text.includes(':::') || (text.match(/::/g) ?? []).length > 1)
    return false
  const groups = text.split(':').filter((group) => group !== '')
  if (groups.some((group) => group.length > 4)) return false
  return text.includes('::') ? groups.length < 8 : groups.length === 8
}
