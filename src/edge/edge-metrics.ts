// The signalling thread's counters. Series of messages are looked up once for each method and protocol, then are one array write.
import { Metrics } from '../base/metrics.ts'
import type { Sample } from '../base/metrics.ts'
import type { CallRecord } from '../call/record.ts'
import type { CallMetrics } from '../call/context.ts'
import type { Protocol } from '../sip/flow.ts'
import type { SipMessage } from '../sip/message.ts'
import { isKnownMethod } from '../sip/method.ts'

/** Strangers choose methods; labels must stay few. */
const methodLabel = (method: string): string => (isKnownMethod(method) ? method : 'other')

const classLabel = (bytes: Buffer): string => `${String.fromCharCode(bytes[8] ?? 0x30)}xx`
const methodOf = (bytes: Buffer): string => methodLabel(bytes.toString('latin1', 0, Math.max(0, bytes.indexOf(0x20))))

function seriesOf<Key>(table: Map<Protocol, Map<Key, number>>, protocol: Protocol): Map<Key, number> {
  let known = table.get(protocol)
  if (known === undefined) {
    known = new Map()
    table.set(protocol, known)
  }
  return known
}

export class EdgeMetrics implements CallMetrics {
  readonly metrics = new Metrics()
  /** Series of messages by protocol and what they are; received ones by method or status class, ours by their first bytes. */
  readonly #received = new Map<Protocol, Map<string | number, number>>()
  readonly #sent = new Map<Protocol, Map<number, number>>()
  readonly #retransmissionsIn = this.metrics.series('sipRetransmissions', 'in')
  readonly #retransmissionsOut = this.metrics.series('sipRetransmissions', 'out')
  readonly #setup = this.metrics.series('callSetupSeconds')
  readonly #revision = this.metrics.series('directoryRevision')
  readonly #delay: number

  /** @param thread of several; each has its own pauses. */
  constructor(thread = 0) {
    this.#delay = this.metrics.series('eventLoopDelaySeconds', thread === 0 ? 'signalling' : `signalling-${thread + 1}`)
  }

  onReceived(message: SipMessage, protocol: Protocol): void {
    const what = message.kind === 'request' ? methodLabel(message.method) : Math.trunc(message.status / 100)
    this.#countReceived(what, protocol)
  }

  /** A request of which nothing but its method was read. */
  onUnread(method: string, protocol: Protocol): void {
    this.#countReceived(method, protocol)
  }

  #countReceived(what: string | number, protocol: Protocol): void {
    const known = seriesOf(this.#received, protocol)
    let series = known.get(what)
    if (series === undefined) {
      series = this.metrics.series('sipMessages', 'in', protocol, typeof what === 'string' ? what : `${what}xx`)
      known.set(what, series)
    }
    this.metrics.add(series)
  }

  /** `bytes` is a message of ours: its first bytes tell what it is without parsing it. */
  onSent(bytes: Buffer, protocol: Protocol): void {
    const isResponse = bytes[0] === 0x53 && bytes[1] === 0x49 && bytes[2] === 0x50 && bytes[3] === 0x2f
    // The methods that we send differ in their first three letters.
    const key = isResponse
      ? (bytes[8] as number)
      : ((bytes[0] as number) << 16) | ((bytes[1] as number) << 8) | (bytes[2] as number)
    const known = seriesOf(this.#sent, protocol)
    let series = known.get(key)
    if (series === undefined) {
      series = this.metrics.series('sipMessages', 'out', protocol, isResponse ? classLabel(bytes) : methodOf(bytes))
      known.set(key, series)
    }
    this.metrics.add(series)
  }

  onRetransmission(direction: 'in' | 'out'): void {
    this.metrics.add(direction === 'in' ? this.#retransmissionsIn : this.#retransmissionsOut)
  }

  onParseError(reason: string): void {
    this.metrics.add(this.metrics.series('sipParseErrors', reason))
  }

  /** A digest challenge went out. */
  onChallenge(cause: string): void {
    this.metrics.add(this.metrics.series('authChallenges', cause))
  }

  onRevision(revision: number): void {
    this.metrics.set(this.#revision, revision)
  }

  /** Keeps the longest pause since the last reading. */
  onPause(seconds: number): void {
    if (seconds > this.metrics.get(this.#delay)) this.metrics.set(this.#delay, seconds)
  }

  onStart(callerAccount: string): void {
    this.metrics.add(this.metrics.series('callsActive', callerAccount, 'in'))
  }

  onGatewayTaken(account: string): void {
    this.metrics.add(this.metrics.series('callsActive', account, 'out'))
  }

  onGatewayReturned(account: string): void {
    this.metrics.add(this.metrics.series('callsActive', account, 'out'), -1)
  }

  onEnd(record: CallRecord): void {
    this.metrics.add(this.metrics.series('callsActive', record.callerAccount ?? '', 'in'), -1)
    const last = record.attempts.at(-1)
    this.metrics.add(this.metrics.series('callsTotal', record.callerAccount ?? '', last?.gateway ?? '', record.outcome))
    if (record.answeredAt !== null)
      this.metrics.observe('callSetupSeconds', this.#setup, (record.answeredAt - record.startedAt) / 1_000)
  }

  /** The longest pause starts anew with each reading. */
  snapshot(): Sample[] {
    const samples = this.metrics.snapshot()
    this.metrics.set(this.#delay, 0)
    return samples
  }
}
