// Every message that leaves is counted, and whom we send requests to is no stranger.
import type { CallTransport } from '../call/context.ts'
import type { EdgeMetrics } from './edge-metrics.ts'
import type { Gate } from './guard.ts'

export function countingTransport(
  inner: CallTransport,
  metrics: EdgeMetrics,
  gate: Pick<Gate, 'trust'>,
): CallTransport {
  return {
    send: (bytes, target) => {
      metrics.onSent(bytes, target.protocol)
      gate.trust(target.address)
      inner.send(bytes, target)
    },
    reply: (bytes, flow, port) => {
      metrics.onSent(bytes, flow.listener.protocol)
      inner.reply(bytes, flow, port)
    },
    findListener: (protocol, address, name) => inner.findListener(protocol, address, name),
    isOwnAddress: (address, port) => inner.isOwnAddress(address, port),
  }
}
