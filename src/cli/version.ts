import { readFile } from 'node:fs/promises'
import { packageFile } from './installation.js'

/** Version of this program, from the package it is part of. */
export async function version(): Promise<string> {
  const text = await readFile(packageFile, 'utf8')
  return String((JSON.parse(text) as { readonly version?: unknown }).version ?? 'unknown')
}
