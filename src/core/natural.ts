/**
 * Natural order: digits compare as numbers, so that `disk#2` comes before `disk#10`. Total: texts that differ never compare equal.
 */
export function compareNatural(a: string, b: string): number {
  const left = chunks(a)
  const right = chunks(b)
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = compareChunks(left[i] ?? '', right[i] ?? '')
    if (order !== 0) return order
  }
  return left.length - right.length || compareText(a, b)
}

function chunks(text: string): readonly string[] {
  return text.match(/\d+|\D+/g) ?? []
}

function compareChunks(a: string, b: string): number {
  if (!isNumber(a) || !isNumber(b)) return compareText(a, b)
  const left = a.replace(/^0+(?=\d)/, '')
  const right = b.replace(/^0+(?=\d)/, '')
  return left.length - right.length || compareText(left, right)
}

const isNumber = (text: string): boolean => text !== '' && text[0]! >= '0' && text[0]! <= '9'

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
