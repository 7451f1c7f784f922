// The program of a signalling thread that fails after a publication, if it is the one that is told to (edge-client.test.ts):
// the one whose number is the random seed.
import { parentPort, workerData } from 'node:worker_threads'
import type { DownMessage, EdgeOptions } from '../../src/edge/seam.ts'

const { crew, randomSeed } = workerData as EdgeOptions
if (crew?.number === randomSeed)
  parentPort?.on('message', (message: DownMessage) => {
    if (message.type === 'swap')
      setImmediate(() => {
        throw new Error('this thread fails')
      })
  })
await import('../../src/edge/signalling.ts')
