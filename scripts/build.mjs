// Compiles src to dist, leaves nothing stale there, and makes the entry files executable.
import { buildSync } from 'esbuild'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  existsSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('..', import.meta.url)
const at = (path) => new URL(path, root)

// Built beside and moved into place, so that a running daemon never loads half a build.
rmSync(at('dist.new'), { recursive: true, force: true })
mkdirSync(at('dist.new'))
// What is changed from now on is not in it.
writeFileSync(at('dist.new/begun'), '')
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json', '--outDir', 'dist.new'], {
  cwd: root,
  stdio: 'inherit',
})
buildGuard()
bundleCommands()
const { bin } = JSON.parse(readFileSync(at('package.json'), 'utf8'))
for (const path of Object.values(bin)) chmodSync(at(path.replace('dist/', 'dist.new/')), 0o755)
if (existsSync(at('dist'))) renameSync(at('dist'), at('dist.old'))
renameSync(at('dist.new'), at('dist'))
rmSync(at('dist.old'), { recursive: true, force: true })

/** The guard is C: without a compiler there is none, and omd says so where it would be wanted. */
function buildGuard() {
  mkdirSync(at('dist.new/guard'))
  const sources = readdirSync(at('guard')).flatMap((name) => (name.endsWith('.c') ? [`guard/${name}`] : []))
  const options = ['-std=c11', '-O2', '-Wall', '-Wextra', '-o', 'dist.new/guard/longshore-guard']
  const { error, status } = spawnSync('cc', [...options, ...sources], { cwd: root, stdio: 'inherit' })
  if (error?.code === 'ENOENT')
    process.stderr.write('build: no C compiler (Debian package gcc): nodes will have no guard\n')
  else if (error !== undefined || status !== 0) throw new Error('the guard cannot be compiled')
}

/**
 * The command line as one file for each of its programs: half of what a command took was Node looking for, and linking, thirty small modules. Libraries
 * stay outside; what a command does not use is still not run.
 */
function bundleCommands() {
  buildSync({
    absWorkingDir: fileURLToPath(root),
    entryPoints: ['om', 'svcmon', 'svcmgr', 'nodemgr'].map((name) => `dist.new/cli/${name}.js`),
    outdir: 'dist.new/bin',
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    packages: 'external',
    define: { 'import.meta.url': 'here' },
    banner: { js: "const here = require('node:url').pathToFileURL(__filename).href" },
    logLevel: 'warning',
  })
}
