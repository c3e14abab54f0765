/** A configuration as its text has it: section, then keyword. Nothing is evaluated. */
export type Sections = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** Sections of a text that the daemon has accepted. */
export async function sectionsOf(text: string): Promise<Sections> {
  const { parse } = await import('yaml')
  return (parse(text) ?? {}) as Sections
}

/** The value of `[section.]keyword[@node]` as text; null where it is not set. Without a section it is DEFAULT's. */
export function keywordOf(sections: Sections, name: string): string | null {
  const [path = '', ...scope] = name.split('@')
  const at = path.lastIndexOf('.')
  const section = at < 0 ? 'DEFAULT' : path.slice(0, at)
  const keyword = [path.slice(at + 1), ...scope].join('@')
  const value = sections[section]?.[keyword]
  if (value === undefined || value === null) return null
  if (Array.isArray(value)) return value.map(String).join(' ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
