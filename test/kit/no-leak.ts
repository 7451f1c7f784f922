// Loaded before every test file: a file whose event loop is still held 1 s after its last test leaked something.
import { after } from 'node:test'
after(() => {
  setTimeout(() => {
    console.error('leaked after the last test:', process.getActiveResourcesInfo())
    process.exit(1)
  }, 1000).unref()
})
