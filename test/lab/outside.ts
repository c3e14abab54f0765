// Commands from outside of the nodes, as a client's machine on net 0 would run them: programs of the images, no container.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ask } from './command.js'
import type { ExecResult } from './exec.js'
import { LabError } from './failure.js'
import type { LabRecord, Place } from './place.js'

/** Runs a program that one of the images has under /usr/local/bin (`psql`), in the outside namespace, as nobody. */
export async function execOutside(
  place: Place,
  record: Pick<LabRecord, 'dockerSeed'>,
  argv: readonly string[],
  input?: string,
): Promise<ExecResult> {
  const root = await layerWith(record, argv[0] ?? '')
  if (root === undefined) {
    throw new LabError(`no image of the lab has ${argv[0]} in /usr/local/bin: psql is there, for one`)
  }
  // nobody: the layer is the one that every node's engine starts from, and stays as it is
  const within = ['timeout', '-k', '1', '30', 'chroot', '--userspec=65534:65534', root, ...argv]
  return ask(['nsenter', `--net=/run/netns/${place.switchNamespace}`, ...within], input)
}

async function layerWith(
  record: Pick<LabRecord, 'dockerSeed'>,
  program: string,
): Promise<string | undefined> {
  const layers = join(record.dockerSeed, 'overlay2')
  for (const layer of await readdir(layers)) {
    const root = join(layers, layer, 'diff')
    // a link there may point to a place that only the layer's own root has: its name is enough
    const names = await readdir(join(root, 'usr/local/bin')).catch((): string[] => [])
    if (names.includes(program)) return root
  }
  return undefined
}
