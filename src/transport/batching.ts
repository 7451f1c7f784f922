// Decides whether UDP is served in batches, and makes what the batched sockets of one Transport share.
import { Fault } from '../base/fault.ts'
import type { Log } from '../base/log.ts'
import type { Batching } from './batched-socket.ts'
import { findEventLoopDescriptor } from './event-loop-descriptor.ts'
import { MessageVector } from './message-vector.ts'
import type { SystemCalls } from './system-calls.ts'
import { loadSystemCalls } from './system-calls.ts'
import { UdpLoop } from './udp-loop.ts'

/** auto: batched where the system can, else dgram; batched: that or no start; dgram: the sockets of Node. */
export type UdpMode = 'auto' | 'batched' | 'dgram'

const datagramsAtOnce = 64
const datagramBytes = 65_536
const errorsAtOnce = 16
/** Of a datagram that an error is about only the address counts. */
const errorBytes = 64
/** struct cmsghdr, struct sock_extended_err and the address of the machine that sent the error. */
const errorControlBytes = 128

/** What the sockets of one Transport share; a text says why the loop of this thread cannot be waited for. */
export async function makeBatching(calls: SystemCalls): Promise<Batching | string> {
  const eventLoop = await findEventLoopDescriptor(calls)
  if (eventLoop === undefined) return 'the descriptor of the event loop cannot be found'
  const vector = { slots: datagramsAtOnce, slotBytes: datagramBytes, controlBytes: 0 }
  const error = { slots: errorsAtOnce, slotBytes: errorBytes, controlBytes: errorControlBytes }
  return {
    calls,
    loop: new UdpLoop(calls, eventLoop),
    received: new MessageVector(calls, vector),
    errors: new MessageVector(calls, error),
    makeOutgoing: () => new MessageVector(calls, vector),
  }
}

/** Undefined: node:dgram. Says once which it is. */
export async function openBatching(mode: UdpMode, log: Log, load = loadSystemCalls): Promise<Batching | undefined> {
  if (mode === 'dgram') return undefined
  const calls = await load()
  const batching = typeof calls === 'string' ? calls : await makeBatching(calls)
  if (typeof batching !== 'string') {
    log.info('UDP in batches')
    return batching
  }
  if (mode === 'batched') throw new Fault('edge_unavailable', `TOLLGATE_UDP=batched: ${batching}`)
  log.info('UDP by node:dgram, batched UDP is not possible', { detail: batching })
  return undefined
}
