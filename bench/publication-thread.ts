// A signalling thread for the measurement of publications: the whole edge without sockets, and a beat in every turn of the
// event loop, so that the longest time between two beats is the longest time in which no packet would have been read.
import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '../src/base/assert.ts'
import { systemClock } from '../src/base/clock.ts'
import { bound } from '../src/base/limits.ts'
import { forwardLog } from '../src/base/log.ts'
import { secureRandom } from '../src/base/random.ts'
import type { Directory } from '../src/directory/directory.ts'
import { Edge } from '../src/edge/edge.ts'
import type { PublicationMessage, UpMessage } from '../src/edge/seam.ts'
import { listener } from './messages.ts'

export type ToThread =
  | PublicationMessage
  /** The former way: everything in one message, and what follows in one turn. */
  | { readonly type: 'whole'; readonly directory: Directory }
  /** What was the longest turn since the last question? */
  | { readonly type: 'read' }

export type FromThread = UpMessage | { readonly type: 'turn'; readonly longestMs: number }

const tickMs = 5

const port = parentPort
assert(port !== null, 'runs in a worker')
const { inTurns } = workerData as { readonly inTurns: boolean }
const up = (message: FromThread): void => port.postMessage(message)

const edge = new Edge({
  transport: {
    send: () => undefined,
    reply: () => undefined,
    findListener: () => listener,
    isOwnAddress: () => false,
  },
  listeners: [listener],
  clock: systemClock,
  random: secureRandom(),
  log: forwardLog(() => undefined),
  up,
  later: inTurns ? (work) => void setImmediate(work) : undefined,
  trace: { ringBytes: bound('traceRingBytes'), strayBytes: bound('traceStrayBytes'), hep: false },
})

let last = performance.now()
let longestMs = 0
let nextTick = last
const beat = (): void => {
  const now = performance.now()
  longestMs = Math.max(longestMs, now - last)
  last = now
  if (now >= nextTick) {
    nextTick = now + tickMs
    edge.tick()
  }
  setImmediate(beat)
}
beat()

port.on('message', (message: ToThread) => {
  if (message.type === 'part') edge.takePart(message.part)
  else if (message.type === 'swap') edge.swap(message.frame)
  else if (message.type === 'whole') edge.publish(message.directory)
  else {
    up({ type: 'turn', longestMs })
    longestMs = 0
  }
})
