// Builds the console (web/ -> web/dist) when it is missing or its sources changed. A failed build is said and does not
// stop the start: calls matter more than the page that shows them.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const stampFile = 'web/dist/.built-from'

/** Everything the bundle is made of: the console, the schemas it shares with the server, the packages. */
function sourceHash() {
  const hash = createHash('sha256')
  const add = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name)
      if (entry.name === 'dist' || entry.name === 'node_modules') continue
      if (entry.isDirectory()) add(path)
      else if (!entry.name.endsWith('.test.ts')) hash.update(path).update('\0').update(readFileSync(path))
    }
  }
  add('web')
  add('src/contract')
  return hash.update(readFileSync('package-lock.json')).digest('hex')
}

export function buildConsole() {
  const stamp = sourceHash()
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return
  console.error('building the console ...')
  const done = spawnSync('vite', ['build', 'web', '--logLevel', 'warn'], { stdio: ['ignore', 2, 2] })
  if (done.status !== 0) {
    console.error(
      `the console could not be built (${done.status ?? done.signal ?? done.error}); the API works without it`,
    )
    return
  }
  mkdirSync('web/dist', { recursive: true })
  writeFileSync(stampFile, stamp)
}
