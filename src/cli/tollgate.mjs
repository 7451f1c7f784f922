#!/usr/bin/env node
// Plain JavaScript, so that an old Node says what is wrong instead of ERR_UNKNOWN_FILE_EXTENSION.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (!((major === 24 && minor >= 16) || (major === 26 && minor >= 1) || major > 26)) {
  console.error(
    `tollgate needs Node 24.16 or newer; this is ${process.versions.node}. In a clone, run \`npm start\` once (it brings its own Node), then \`npx tollgate\`.`,
  )
  process.exit(2)
}
await import('./cli.ts')
