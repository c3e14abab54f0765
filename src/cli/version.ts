import { readFile } from 'node:fs/promises'

/** Version of this program, from the package it is part of. */
export async function version(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return String((JSON.parse(text) as { readonly version?: unknown }).version ?? 'unknown')
}
