// Builds the console (web/ -> web/dist) when it is missing or its sources changed. A failed build ends the start with
// its reason: a page that does not fit the server would mislead whoever watches the gateways.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

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
  console.error('building the console (first start, or its sources changed) ...')
  // The programs of the project first: vite itself then runs on the Node that the project brings.
  const PATH = `${join(process.cwd(), 'node_modules/.bin')}${delimiter}${process.env.PATH ?? ''}`
  const done = spawnSync('vite', ['build', 'web', '--logLevel', 'warn'], {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, PATH },
  })
  if (done.status !== 0) {
    const reason = done.error?.message ?? `vite ended with ${done.status ?? done.signal}, see above`
    console.error(`the console could not be built: ${reason}; nothing was started`)
    process.exit(1)
  }
  mkdirSync('web/dist', { recursive: true })
  writeFileSync(stampFile, stamp)
}
