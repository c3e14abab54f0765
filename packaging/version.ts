import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const git = (...words: readonly string[]): string =>
  execFileSync('git', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()

/** Version in package.json. */
export function release(): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string })
    .version
}

/** When what is built was committed, in seconds of the epoch. */
export function commit(): { readonly seconds: number } {
  const given = process.env['SOURCE_DATE_EPOCH']
  return { seconds: Number(given ?? git('log', '-1', '--format=%ct')) }
}

/**
 * The release alone where its tag is what is built. Before that tag it is `~git` with the commit's time and hash, which sorts below the release, after it
 * `+git`, which sorts above; later commits sort above earlier ones.
 */
export function packageVersion(): string {
  const version = release()
  const tag = `v${version}`
  const isTagged = git('tag', '--list', tag) !== ''
  const modified = git('status', '--porcelain', '--untracked-files=no') !== ''
  const hash = git('rev-parse', '--short=7', 'HEAD')
  if (isTagged && !modified && git('rev-parse', `${tag}^{commit}`) === git('rev-parse', 'HEAD'))
    return version
  const time = new Date(commit().seconds * 1000).toISOString().replaceAll(/\D/g, '').slice(0, 14)
  return `${version}${isTagged ? '+' : '~'}git${time}.${hash}${modified ? '.modified' : ''}`
}
