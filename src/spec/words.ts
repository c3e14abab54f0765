/** Splits text into words as a POSIX shell does: quotes and backslashes group, nothing is expanded. Null where a quote stays open. */
export function splitWords(text: string): string[] | null {
  const words: string[] = []
  const pattern = /\s*(?<word>(?:[^\s'"\\]|\\[^]|'[^']*'|"(?:[^"\\]|\\[^])*")+)/y
  let index = 0
  while (text.slice(index).trim() !== '') {
    pattern.lastIndex = index
    const word = pattern.exec(text)?.groups?.['word']
    if (word === undefined) return null
    words.push(unquote(word))
    index = pattern.lastIndex
  }
  return words
}

/** One word so that a shell reads it back as the same text. */
export function quoteWord(word: string): string {
  if (/^[\w@%+=:,./{}#-]+$/.test(word)) return word
  return `'${word.replaceAll("'", String.raw`'\''`)}'`
}

function unquote(word: string): string {
  return word.replaceAll(
    /'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])/g,
    (_, single?: string, double?: string, escaped?: string) => {
      if (single !== undefined) return single
      if (double !== undefined) return double.replaceAll(/\\(["\\$`])/g, '$1')
      return escaped === '\n' ? '' : (escaped ?? '')
    },
  )
}
