import { readFileSync } from 'node:fs'

// The store is a native module: compiled for one ABI of Node, and of no use to another.

/** What the build wrote down about it. */
export interface NativeBuild {
  /** `process.versions.modules` of the Node that it was compiled for. */
  readonly modules: string
  /** That Node's version. */
  readonly node: string
}

/** What was written down; null where nothing was: the program runs from its sources. */
export function nativeBuild(file: URL): NativeBuild | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as NativeBuild
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** Why this Node cannot run what was built, with what to do; null where it can. */
export function misfit(built: NativeBuild | null, running: NativeBuild): string | null {
  if (built === null || built.modules === running.modules) return null
  const [wanted, given] = [built, running].map(({ node }) => node.split('.')[0])
  return (
    `this is Node ${running.node} (ABI ${running.modules}), and the native module here was built for Node ${built.node} (ABI ${built.modules}): ` +
    `install nodejs ${wanted}, or a longshore package built for Node ${given}; in a clone of the repository run make setup`
  )
}
