// Traces made by hand: an INVITE with its answer on any transport and family of addresses.
import type { Protocol } from '../../src/sip/flow.ts'
import type { Trace, TraceMessage } from '../../src/trace/trace.ts'

export const sdp = (...lines: readonly string[]): string =>
  ['v=0', 'o=- 1 1 IN IP4 10.1.0.1', 's=-', ...lines, ''].join('\r\n')

/** A SIP message as text, without its mandatory fields but Call-ID and CSeq. */
export const sipText = (startLine: string, callId: string, lines: readonly string[] = [], body = ''): string =>
  [startLine, ...lines, `Call-ID: ${callId}`, 'CSeq: 1 INVITE', `Content-Length: ${body.length}`, '', body].join('\r\n')

export interface MessageParts {
  readonly callId?: string
  readonly direction?: 'in' | 'out'
  readonly protocol?: Protocol
  readonly remote?: string
  readonly local?: string
  readonly afterMs?: number
}

let count = 0

export function traceMessage(text: string, parts: MessageParts = {}): TraceMessage {
  const {
    callId = 'a',
    direction = 'in',
    protocol = 'udp',
    remote = '10.1.0.1',
    local = '10.0.0.1',
    afterMs = 0,
  } = parts
  count += 1
  return {
    at: Date.UTC(2026, 0, 31, 12) + afterMs,
    monotonicMs: 1_000 + afterMs,
    number: count,
    direction,
    protocol,
    local: { address: local, port: 5060 },
    remote: { address: remote, port: 5062 },
    callId,
    text,
  }
}

/** A call from pbx over gw-1, which refuses, to gw-2, which answers. */
export function tracedCall(): Trace {
  const gateway = (callId: string, name: string) => ({ callId, side: 'gateway' as const, name, account: 'Acme' })
  const answer = (status: string, callId: string): string => sipText(`SIP/2.0 ${status}`, callId)
  const invite = (callId: string): string =>
    sipText('INVITE sip:441782000001@10.0.0.1 SIP/2.0', callId, ['Content-Type: application/sdp'], sdp('t=0 0'))
  const at = (afterMs: number, callId: string, direction: 'in' | 'out', remote: string) => ({
    afterMs,
    callId,
    direction,
    remote,
  })
  return {
    id: 'call-1',
    legs: [{ callId: 'a', side: 'caller', name: 'pbx', account: 'PBX' }, gateway('b', 'gw-1'), gateway('c', 'gw-2')],
    messages: [
      traceMessage(invite('a'), at(0, 'a', 'in', '10.1.0.1')),
      traceMessage(invite('b'), at(1, 'b', 'out', '10.2.0.1')),
      traceMessage(answer('503 Service Unavailable', 'b'), at(20.5, 'b', 'in', '10.2.0.1')),
      traceMessage(invite('c'), at(21, 'c', 'out', '10.2.0.2')),
      traceMessage(answer('200 OK', 'c'), at(1_500, 'c', 'in', '10.2.0.2')),
      traceMessage(answer('200 OK', 'a'), at(1_501, 'a', 'out', '10.1.0.1')),
    ],
  }
}
