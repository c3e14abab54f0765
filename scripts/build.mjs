// Compiles src to dist, leaves nothing stale there, and makes the entry files executable.
import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, rmSync, existsSync, renameSync } from 'node:fs'

const root = new URL('..', import.meta.url)
const at = (path) => new URL(path, root)

// Built beside and moved into place, so that a running daemon never loads half a build.
rmSync(at('dist.new'), { recursive: true, force: true })
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json', '--outDir', 'dist.new'], {
  cwd: root,
  stdio: 'inherit',
})
const { bin } = JSON.parse(readFileSync(at('package.json'), 'utf8'))
for (const path of Object.values(bin)) chmodSync(at(path.replace('dist/', 'dist.new/')), 0o755)
if (existsSync(at('dist'))) renameSync(at('dist'), at('dist.old'))
renameSync(at('dist.new'), at('dist'))
rmSync(at('dist.old'), { recursive: true, force: true })
