// A registry that lacks a foreign platform's binary leaves its entry out of the lockfile, and `npm ci` (npm >= 11)
// then refuses. Adds the missing optional entries; they are never fetched where `os` or `cpu` does not match.
import { readFileSync, writeFileSync } from 'node:fs'
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'))
const packages = lock.packages
let added = 0
for (const [path, entry] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (packages[`node_modules/${name}`] !== undefined || packages[`${path}/node_modules/${name}`] !== undefined)
      continue
    const at = `node_modules/${name}`
    const known =
      /(android|darwin|freebsd|openbsd|netbsd|win32|openharmony|aix|sunos|linux)-(arm64|arm|x64|ia32|ppc64|riscv64|s390x|loong64)(-(musl|gnu|musleabihf|gnueabihf|eabi|msvc))?$/.exec(
        name,
      )
    if (known === null) {
      console.error('unknown platform name', name)
      process.exit(1)
    }
    const [, os, cpu, , abi] = known
    const libc = os === 'linux' && abi !== undefined ? { libc: [abi.startsWith('musl') ? 'musl' : 'glibc'] } : {}
    packages[at] = { version, cpu: [cpu], ...(entry.dev ? { dev: true } : {}), ...libc, optional: true, os: [os] }
    added++
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).toSorted(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`)
console.log(`added ${added} entries`)
