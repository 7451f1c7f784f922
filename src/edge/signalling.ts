// Entry of the signalling thread: opens the sockets, runs the edge on them, and answers the control thread.
import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '../base/assert.ts'
import { systemClock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import { forwardLog } from '../base/log.ts'
import { secureRandom, seededRandom } from '../base/random.ts'
import { Transport } from '../transport/transport.ts'
import type { TransportReceiver } from '../transport/transport.ts'
import { Edge } from './edge.ts'
import { MediaSocket } from './media-socket.ts'
import type { DownMessage, EdgeOptions, UpMessage } from './seam.ts'
import { Ticker } from './ticker.ts'

const port = parentPort
assert(port !== null, 'signalling runs in a worker')
const options = workerData as EdgeOptions
const up = (message: UpMessage): void => port.postMessage(message)
const log = forwardLog((level, event, fields) => up({ type: 'log', level, event, fields }))
const random = options.randomSeed === null ? secureRandom() : seededRandom(options.randomSeed)

// The sockets need a receiver and the edge needs sockets: messages that come before the edge exists are not lost, but
// there are none, because reading starts in a later turn of the event loop.
let edge: Edge | undefined
const receiver: TransportReceiver = {
  onMessage: (bytes, flow) => edge?.onMessage(bytes, flow),
  onStreamFault: (fault, flow) => edge?.onStreamFault(fault, flow),
  onPeerError: (error) => edge?.onPeerError(error),
}

try {
  const transport = await Transport.open({
    listen: options.listen,
    advertise: options.advertise,
    udp: options.udp,
    tls: options.tls,
    receiver,
    clock: systemClock,
    log,
  })
  const { listeners } = transport
  const trace = { ringBytes: bound('traceRingBytes'), strayBytes: bound('traceStrayBytes'), hep: options.hep }
  const media = options.rtpengine === null ? undefined : await MediaSocket.open(options.rtpengine, log)
  const sendToMedia = media === undefined ? undefined : (bytes: Buffer): void => media.send(bytes)
  const queueAgeMs = (): number => transport.queueAgeMs()
  const isQueueLong = (): boolean => transport.isQueueLong()
  const running = new Edge({
    transport,
    listeners,
    clock: systemClock,
    random,
    log,
    up,
    trace,
    sendToMedia,
    queueAgeMs,
    later: (work) => void setImmediate(work),
    isQueueLong,
  })
  edge = running
  if (media !== undefined) media.onDatagram = (bytes) => running.onMediaDatagram(bytes)
  const ticker = new Ticker(running, (dueMs) => transport.wakeAt(dueMs))
  const close = async (id: number): Promise<void> => {
    await running.registrationsEnded()
    ticker.stop()
    await transport.close()
    media?.close()
    up({ type: 'answer', id, answer: true, error: null })
    port.close()
  }
  port.on('message', (message: DownMessage) => {
    if (message.type === 'part') running.takePart(message.part)
    else if (message.type === 'swap') running.swap(message.frame)
    else if (message.type === 'restore') running.phones.restore(message.bindings)
    else if (message.type === 'suspensions') running.suspensions.apply(message.changes)
    else if (message.name === 'stop') {
      running.stop()
      void close(message.id)
    } else running.answer(message.id, message.name, message.ask)
  })
  up({ type: 'listening', listeners: transport.listeners })
} catch (error) {
  up({ type: 'failed', detail: error instanceof Error ? error.message : String(error) })
  port.close()
}
