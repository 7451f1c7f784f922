// Opens the edge of one signalling thread: of the first one, which may be the only one, on sockets of its own; of a further
// one on the link to the first (crew.ts).
import type { Clock } from '../base/clock.ts'
import { bound } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import { SharedNonceCounts } from '../policy/nonce-counts.ts'
import { SharedBook } from '../policy/shared-book.ts'
import type { ListenerInfo } from '../sip/flow.ts'
import { Transport } from '../transport/transport.ts'
import type { TransportReceiver } from '../transport/transport.ts'
import type { CrewOptions, EdgeCrew } from './crew.ts'
import { Edge } from './edge.ts'
import type { EdgeParts } from './edge.ts'
import { FirstThread } from './first-thread.ts'
import { FurtherThreads } from './further-threads.ts'
import { MediaSocket } from './media-socket.ts'
import { threadOfCallId } from './ownership.ts'
import type { EdgeOptions, UpMessage } from './seam.ts'

export interface OpenParts {
  readonly options: EdgeOptions
  readonly clock: Clock
  /** From this thread's clock to that of all threads, in milliseconds. */
  readonly offsetMs: number
  readonly random: Random
  readonly log: Log
  readonly up: (message: UpMessage) => void
}

export interface RunningEdge {
  readonly edge: Edge
  readonly listeners: readonly ListenerInfo[]
  /** Told when the edge's timers are to be turned next, on the monotonic clock. */
  readonly onDue: (dueMs: number) => void
  /** What other threads have told before a publication is known when it takes effect. */
  readonly beforeSwap: () => void
  readonly close: () => Promise<void>
}

/** Further threads write their last requests into the link; it takes longer than a turn only when it is full. */
const lastWordsTurns = 100
const lastWordsMs = 10

/** What the edges of all threads have in common, on these sockets. */
async function openMedia({ options, log }: OpenParts): Promise<MediaSocket | undefined> {
  return options.rtpengine === null ? undefined : await MediaSocket.open(options.rtpengine, log)
}

function makeEdge(
  parts: OpenParts,
  own: Pick<EdgeParts, 'transport' | 'listeners' | 'isQueueLong' | 'crew' | 'up' | 'later'>,
  media: MediaSocket | undefined,
): Edge {
  const { options, clock, random, log } = parts
  const trace = { ringBytes: bound('traceRingBytes'), strayBytes: bound('traceStrayBytes'), hep: options.hep }
  const sendToMedia = media === undefined ? undefined : (bytes: Buffer): void => media.send(bytes)
  const edge = new Edge({ ...own, clock, random, log, trace, sendToMedia })
  if (media !== undefined) media.onDatagram = (bytes) => edge.onMediaDatagram(bytes)
  return edge
}

type CrewBasis = Pick<EdgeCrew, 'number' | 'book' | 'isHome' | 'digest'>

function crewOf(crew: CrewOptions, teller: Pick<FirstThread, 'tellWrongAnswer'>, parts: OpenParts): CrewBasis {
  const { number, threads, boot } = crew
  const book = new SharedBook(crew.book, parts.offsetMs)
  const counts = new SharedNonceCounts(crew.nonces, book, parts.clock)
  return {
    number,
    book,
    isHome: (callId) => threadOfCallId(callId, threads) === number,
    digest: {
      nonces: { boot, thread: number, threads, counts, toShared: (nowMs) => book.toShared(nowMs) },
      onWrongAnswer: (ip) => teller.tellWrongAnswer(ip),
    },
  }
}

/** The thread that has the sockets. */
export async function openFirst(parts: OpenParts): Promise<RunningEdge> {
  const { options, clock, log } = parts
  // The sockets need a receiver and the edge needs sockets: messages that come before the edge exists are not lost, but
  // there are none, because reading starts in a later turn of the event loop.
  let edge: Edge | undefined
  let others: FurtherThreads | undefined
  const receiver: TransportReceiver = {
    onMessage: (bytes, flow) => edge?.onMessage(bytes, flow),
    onStreamFault: (fault, flow) => edge?.onStreamFault(fault, flow),
    onPeerError: (error) => {
      edge?.onPeerError(error)
      others?.tellPeerError(error)
    },
  }
  const transport = await Transport.open({
    ...options,
    receiver,
    clock,
    log,
    answersComeLate: options.crew !== undefined,
  })
  const { listeners } = transport
  const media = await openMedia(parts)
  const isQueueLong = (): boolean => transport.isQueueLong()
  const { crew } = options
  if (crew !== undefined) others = new FurtherThreads({ crew, transport, listeners, log })
  const edgeCrew = crew === undefined || others === undefined ? undefined : firstOf(crewOf(crew, others, parts), others)
  const up = others === undefined ? parts.up : tellingBindings(parts.up, others)
  const later = (work: () => void): void => {
    transport.hurry()
    setImmediate(work)
  }
  const own = { transport, listeners, isQueueLong, up, later, crew: edgeCrew }
  const running = makeEdge(parts, own, media)
  edge = running
  others?.use(running)
  return {
    edge: running,
    listeners,
    onDue: (dueMs) => transport.wakeAt(dueMs),
    beforeSwap: () => undefined,
    close: async () => {
      others?.close()
      await transport.close()
      media?.close()
    },
  }
}

const firstOf = (crew: CrewBasis, others: FurtherThreads): EdgeCrew => ({
  ...crew,
  handOver: (bytes, flow) => others.handOver(bytes, flow),
  onRouting: (key, health) => others.tellHealth(key, health),
})

function tellingBindings(up: OpenParts['up'], others: FurtherThreads): OpenParts['up'] {
  return (message) => {
    if (message.type === 'registrations') others.tellBindings(message.userId, message.bindings)
    up(message)
  }
}

/** A thread that only has calls. */
export async function openFurther(parts: OpenParts, crew: CrewOptions): Promise<RunningEdge> {
  const { clock, log, up } = parts
  const first = new FirstThread({ crew, clock, log })
  const media = await openMedia(parts)
  const isQueueLong = (): boolean => first.hasMore
  const edgeCrew: EdgeCrew = { ...crewOf(crew, first, parts), first }
  const later = (work: () => void): void => void setImmediate(work)
  const own = { transport: first, listeners: crew.listeners, isQueueLong, up, later, crew: edgeCrew }
  const edge = makeEdge(parts, own, media)
  first.use(edge)
  return {
    edge,
    listeners: crew.listeners,
    onDue: () => undefined,
    beforeSwap: () => first.drain(),
    close: async () => {
      await lastWords(first)
      first.close()
      media?.close()
    },
  }
}

async function lastWords(first: FirstThread, turns = lastWordsTurns): Promise<void> {
  if (first.isEmpty || turns === 0) return
  await new Promise((resolve) => {
    setTimeout(resolve, lastWordsMs)
  })
  await lastWords(first, turns - 1)
}
