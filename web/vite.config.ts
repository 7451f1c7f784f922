// Builds the console to web/dist: no inline script or style, no data: address, nothing from another origin. The one part
// of the server that may be imported is src/contract/; anything else fails the build.
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import type { Plugin } from 'vite'

const here = dirname(fileURLToPath(import.meta.url))
const server = resolve(here, '../src')
const contract = resolve(server, 'contract')
const api = 'http://127.0.0.1:8080'

const onlyTheContract: Plugin = {
  name: 'only-the-contract',
  load(id) {
    if (id.startsWith(`${server}/`) && !id.startsWith(`${contract}/`))
      this.error(`the console may import src/contract/ only, not ${id.slice(server.length - 3)}`)
  },
}

export default defineConfig({
  root: here,
  plugins: [react(), onlyTheContract],
  server: {
    host: '127.0.0.1',
    proxy: { '/api': api, '/readyz': api, '/healthz': api },
  },
  build: {
    outDir: resolve(here, 'dist'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1_000,
  },
})
