// The tutorial's service, and the one that a machine without device-mapper and ipvlan can run.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

type Configuration = Record<string, Record<string, string>>

/** As it is written there, to the letter. */
export const TUTORIAL = readFileSync(join(import.meta.dirname, '../../services.d/tutorial.json'), 'utf8')

/** Where the tutorial's PostgreSQL answers. */
export const ADDRESS = '192.168.100.14'

/** Without the volume group and its volume, the filesystem on the shared disk itself, the address on a macvlan; the rest word for word. */
export const RELOCATABLE = configuration((it) => it)

/** The same with changes. */
export function configuration(change: (it: Configuration) => Configuration): string {
  const { 'disk#0': _group, 'disk#1': _volume, ...rest } = JSON.parse(TUTORIAL) as Configuration
  const service = {
    ...rest,
    'fs#1': { ...rest['fs#1'], dev: '{env.dev}' },
    'ip#0': { ...rest['ip#0'], mode: 'macvlan' },
  }
  return `${JSON.stringify(change(service), null, 4)}\n`
}
