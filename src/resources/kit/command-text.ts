/** A command as an operator could type it: words that a shell would take apart are quoted. */
export function commandText(argv: readonly string[]): string {
  return argv.map(quoted).join(' ')
}

const PLAIN = /^[\w@%+=:,./#^~{}-]+$/

function quoted(word: string): string {
  return PLAIN.test(word) && !word.startsWith('#') && !word.startsWith('~') && !/[{}]/.test(word)
    ? word
    : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
