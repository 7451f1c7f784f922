// Entry of a signalling thread: opens the sockets, or the link to the thread that has them, runs the edge on them, and
// answers the control thread.
import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '../base/assert.ts'
import { systemClock } from '../base/clock.ts'
import { forwardLog } from '../base/log.ts'
import { clockOffsetMs } from '../base/shared-clock.ts'
import { secureRandom, seededRandom } from '../base/random.ts'
import { openFirst, openFurther } from './open-edge.ts'
import type { RunningEdge } from './open-edge.ts'
import type { DownMessage, EdgeOptions, UpMessage } from './seam.ts'
import { Ticker } from './ticker.ts'

const port = parentPort
assert(port !== null, 'signalling runs in a worker')
const options = workerData as EdgeOptions
const { randomSeed, crew } = options
const up = (message: UpMessage): void => port.postMessage(message)
const log = forwardLog((level, event, fields) => up({ type: 'log', level, event, fields }))
const random = randomSeed === null ? secureRandom() : seededRandom(randomSeed + (crew?.number ?? 0))

function serve({ edge, onDue, beforeSwap, close }: RunningEdge): void {
  const ticker = new Ticker(edge, onDue)
  const end = async (id: number): Promise<void> => {
    await edge.registrationsEnded()
    ticker.stop()
    await close()
    up({ type: 'answer', id, answer: true, error: null })
    port?.close()
  }
  port?.on('message', (message: DownMessage) => {
    if (message.type === 'part') edge.takePart(message.part)
    else if (message.type === 'swap') {
      beforeSwap()
      edge.swap(message.frame)
    } else if (message.type === 'restore') edge.phones.restore(message.bindings)
    else if (message.type === 'suspensions') edge.suspensions.apply(message.changes)
    else if (message.name === 'stop') {
      edge.stop()
      void end(message.id)
    } else edge.answer(message.id, message.name, message.ask)
  })
}

try {
  const parts = { options, clock: systemClock, offsetMs: clockOffsetMs(), random, log, up }
  const running = crew === undefined || crew.number === 0 ? await openFirst(parts) : await openFurther(parts, crew)
  serve(running)
  up({ type: 'listening', listeners: running.listeners })
} catch (error) {
  up({ type: 'failed', detail: error instanceof Error ? error.message : String(error) })
  port.close()
}
