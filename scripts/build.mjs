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
bundleDaemon()
writeNative()
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

/** Which Node the native module is for: its entry point is named after the ABI. omd and om look before they load it. */
function writeNative() {
  const module = readFileSync(at('node_modules/better-sqlite3/build/Release/better_sqlite3.node'), 'latin1')
  const modules = /node_register_module_v(\d+)/.exec(module)?.[1]
  if (modules !== process.versions.modules)
    throw new Error('better-sqlite3 was compiled for another Node than this one: run make setup')
  writeFileSync(at('dist.new/native.json'), `${JSON.stringify({ modules, node: process.versions.node })}\n`)
}

/**
 * The daemon with its libraries, in place: finding and linking seven hundred modules was more than half of the processor time of its start, in which its peers
 * do not hear it. What is imported only after a check stays a file of its own; the store's native module stays where npm put it.
 */
function bundleDaemon() {
  buildSync({
    absWorkingDir: fileURLToPath(root),
    entryPoints: ['dist.new/daemon/main.js'],
    outdir: 'dist.new/daemon',
    allowOverwrite: true,
    bundle: true,
    splitting: true,
    chunkNames: 'parts/[name]-[hash]',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    external: ['better-sqlite3'],
    banner: {
      js: "import { createRequire as requiring } from 'node:module'\nconst require = requiring(import.meta.url)",
    },
    logLevel: 'warning',
  })
}
