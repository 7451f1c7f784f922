// A trace or a test call as the ladder draws it.
import type { TraceItem } from '../../../src/contract/api-trace.ts'

export interface LadderParty {
  readonly name: string
  /** Address or account; '' for none. */
  readonly detail: string
}

export interface LadderMessage {
  readonly key: string
  /** Positions in the parties. */
  readonly from: number
  readonly to: number
  /** `INVITE`, `180 INVITE`. */
  readonly name: string
  /** Since the first message. */
  readonly offsetMs: number
  readonly at: string
  /** `udp 192.0.2.10:5060 -> 192.0.2.1:5060`. */
  readonly way: string
  readonly text: string
  /** Requests, replies that go well, replies that do not. */
  readonly tone: 'request' | 'good' | 'bad'
}

export interface LadderRows {
  readonly parties: readonly LadderParty[]
  readonly messages: readonly LadderMessage[]
}

function toneOf(name: string): LadderMessage['tone'] {
  const status = /^(\d{3})\b/.exec(name)?.[1]
  if (status === undefined) return 'request'
  return Number(status) < 400 ? 'good' : 'bad'
}

/** `+12 ms`, `+3.2 s`. */
export const offsetText = (ms: number): string =>
  ms < 1_000 ? `+${Math.round(ms)} ms` : `+${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`

export const rowsOfTrace = (trace: TraceItem): LadderRows => ({
  parties: trace.participants.map(({ kind, name, addresses }) => ({
    name: kind === 'tollgate' ? 'Tollgate' : name,
    detail: addresses[0] ?? '',
  })),
  messages: trace.messages.map((message, at) => ({
    key: `${at}`,
    from: message.from,
    to: message.to,
    name: message.name,
    offsetMs: message.offsetMs,
    at: message.at,
    way: `${message.transport} ${message.source} → ${message.destination}`,
    text: message.text,
    tone: toneOf(message.name),
  })),
})

interface TestMessage {
  readonly at: string
  readonly from: string
  readonly to: string
  readonly label: string
  readonly raw: string
}

/** Parties in the order in which they appear. */
export function rowsOfMessages(messages: readonly TestMessage[]): LadderRows {
  const names = [...new Set(messages.flatMap(({ from, to }) => [from, to]))]
  const first = Date.parse(messages[0]?.at ?? '')
  return {
    parties: names.map((name) => ({ name, detail: '' })),
    messages: messages.map(({ at, from, to, label, raw }, index) => ({
      key: `${index}`,
      from: names.indexOf(from),
      to: names.indexOf(to),
      name: label,
      offsetMs: Date.parse(at) - first,
      at,
      way: `${from} → ${to}`,
      text: raw,
      tone: toneOf(label),
    })),
  }
}
