// Durations and sizes as text. Durations are milliseconds, sizes bytes.

const MILLISECONDS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
}

/** `1h1s`, `500ms`, `1.5s`; a bare number is seconds. Null where it is no duration, or a negative one. */
export function parseDuration(text: string): number | null {
  const trimmed = text.trim()
  if (/^\d+(\.\d+)?$/.test(trimmed)) return whole(Number(trimmed) * 1000)
  if (!/^(\d+(\.\d+)?(ms|[smhdwy]))+$/.test(trimmed)) return null
  let total = 0
  for (const [, number, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdwy])/g)) {
    total += Number(number) * (MILLISECONDS[unit ?? ''] ?? 0)
  }
  return whole(total)
}

/** The shortest text that `parseDuration` reads back as the same number: `1h1s`. */
export function formatDuration(ms: number): string {
  let rest = Math.max(0, Math.round(ms))
  let text = ''
  for (const unit of ['w', 'd', 'h', 'm', 's', 'ms']) {
    const size = MILLISECONDS[unit] ?? 1
    const count = Math.floor(rest / size)
    if (count > 0) text += `${count}${unit}`
    rest -= count * size
  }
  return text === '' ? '0s' : text
}

const PREFIXES = ['k', 'm', 'g', 't', 'p', 'e']

/**
 * `1KB` is 1000 bytes and `1KiB` 1024 (IEC 80000-13); a lone prefix is binary, as storage tools have it: `100m` is 100 MiB.
 * Null where it is no size, a negative one, or more than 2^53 bytes.
 */
export function parseSize(text: string): number | null {
  const match = /^(\d+(?:[.,]\d+)?)\s*(?:([kmgtpe])(i?b|i)?|b)?$/i.exec(text.trim())
  if (match === null) return null
  const [, number = '', prefix, suffix = ''] = match
  const power = prefix === undefined ? 0 : PREFIXES.indexOf(prefix.toLowerCase()) + 1
  const base = suffix.toLowerCase() === 'b' ? 1000 : 1024
  return whole(Number(number.replace(',', '.')) * base ** power)
}

/** The shortest text that `parseSize` reads back as the same number: `100MiB`. */
export function formatSize(bytes: number): string {
  let count = bytes
  let power = 0
  while (power < PREFIXES.length && count !== 0 && count % 1024 === 0) {
    count /= 1024
    power += 1
  }
  return power === 0 ? `${count}` : `${count}${PREFIXES[power - 1]?.toUpperCase()}iB`
}

function whole(value: number): number | null {
  const rounded = Math.round(value)
  return Number.isSafeInteger(rounded) ? rounded : null
}
