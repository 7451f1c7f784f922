// Runs on any Node (plain JavaScript on purpose): installs the npm packages of the lockfile when they are not
// there yet, so that `npm start` and `npm test` work on a fresh clone. The scripts after it run on the Node that
// `node-linux-*` puts into node_modules/.bin.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
process.chdir(root)
const stampFile = 'node_modules/.installed-from'
const stamp = createHash('sha256')
  .update(readFileSync('package-lock.json'))
  .update(`${process.platform} ${process.arch}`)
  .digest('hex')

if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) {
  console.error('installing packages (first start, or the lockfile changed) ...')
  const npm = process.env.npm_execpath
  const environment = { ...process.env }
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const done =
    npm === undefined
      ? spawnSync('npm', args, { stdio: ['ignore', 2, 2], env: environment })
      : spawnSync(process.execPath, [npm, ...args], { stdio: ['ignore', 2, 2], env: environment })
  if (done.status !== 0) {
    console.error(`npm ci failed (${done.status ?? done.signal ?? done.error}); nothing was started`)
    process.exit(1)
  }
  writeFileSync(stampFile, stamp)
}

// The Node that the next script will get: the one in node_modules/.bin if it is there and runs, else the one in PATH.
const probe = spawnSync('node', ['-p', 'process.versions.node'], { encoding: 'utf8' })
const version = (probe.stdout ?? '').trim()
const [major = 0, minor = 0] = version.split('.').map(Number)
if (!((major === 24 && minor >= 16) || (major === 26 && minor >= 1) || major > 26)) {
  console.error(
    `Node ${version || 'unknown'} is too old: 24.16 or newer (or 26.1 or newer) is needed. Install it from nodejs.org, or run npm on Linux x64/arm64, where the project brings its own.`,
  )
  process.exit(1)
}

if (process.argv.includes('--console')) {
  const { buildConsole } = await import('./build-console.mjs')
  buildConsole()
}
if (process.argv.includes('--test')) {
  const { installSystemPackages } = await import('./system-packages.mjs')
  installSystemPackages()
}
