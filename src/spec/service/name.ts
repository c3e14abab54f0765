// Words that `om` takes as its first one, and kinds of objects elsewhere in the field: no service may be called so.
const RESERVED = [
  'all', 'array', 'ccfg', 'cfg', 'cluster', 'completion', 'ctx', 'daemon', 'default', 'env', 'help', 'mon', 'namespace', 'net',
  'network', 'node', 'nodemgr', 'nodes', 'ns', 'nscfg', 'om', 'omd', 'pool', 'sec', 'service', 'services', 'svc', 'svcmgr', 'svcmon',
  'usr', 'version', 'vol',
] // prettier-ignore

const LONGEST = 63

/** Why a service cannot have that name, as a sentence; null where it can. Names are host names of lower case (RFC 952, RFC 1123). */
export function nameProblem(name: string): string | null {
  const shown = JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name)
  if (name === '') return 'a service needs a name'
  if (name.length > LONGEST)
    return `${shown} is too long for a service: a name has ${LONGEST} characters at most`
  if (RESERVED.includes(name))
    return `a service cannot be called ${name}: the word has another meaning for om`
  if (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name) && !name.includes('..')) return null
  return `${shown} cannot name a service: lower case letters, digits, dashes and dots, with a letter or digit at both ends`
}
