// The whole edge on a fake clock and a wire of the test's own: what it sends is collected, what arrives is injected.
import assert from 'node:assert/strict'
import type { CallRecord } from '../../src/call/record.ts'
import type { DeclarativeInput } from '../../src/contract/declarative.ts'
import { forwardLog } from '../../src/base/log.ts'
import { seededRandom } from '../../src/base/random.ts'
import { Edge } from '../../src/edge/edge.ts'
import type { EdgeQuestionName, EdgeQuestions, HepMessage, UpMessage } from '../../src/edge/seam.ts'
import type { Flow, ListenerInfo, Protocol, Target, TransportErrorKind } from '../../src/sip/flow.ts'
import type { Binding } from '../../src/registrar/binding.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import { parseDatagram } from '../../src/sip/parse.ts'
import { compileDirectory } from '../../src/directory/compile.ts'
import { directoryOf, sourceOf } from './directory.ts'
import type { Trace } from '../../src/trace/trace.ts'
import { stepsOf } from '../../src/policy/explanation.ts'
import type { ExplanationStep } from '../../src/policy/explanation.ts'
import { FakeClock } from './fake-clock.ts'

/** One message that left the edge. */
export interface Sent {
  readonly message: SipMessage
  readonly protocol: Protocol
  readonly address: string
  readonly port: number
  readonly at: number
  /** Name of the listener it left by. */
  readonly listener: string
  /** The connection it was to go by; undefined = any, 0 = none. */
  readonly connection: number | undefined
}

export const listenerOf = (protocol: Protocol, id = 0, more: Partial<ListenerInfo> = {}): ListenerInfo => ({
  id,
  name: `${protocol}:10.0.0.1:5060`,
  protocol,
  family: 4,
  address: '10.0.0.1',
  port: 5060,
  sentByHost: '10.0.0.1',
  sentByPort: 5060,
  ...more,
})

/** `2001:db8::1` beside 10.0.0.1. */
const listener6Of = (protocol: Protocol, id: number): ListenerInfo =>
  listenerOf(protocol, id, {
    name: `${protocol}:[2001:db8::1]:5060`,
    family: 6,
    address: '2001:db8::1',
    sentByHost: '[2001:db8::1]',
  })

/** The second listener of one protocol, for entries that ask for one by name. */
const namedListener = (id: number): ListenerInfo =>
  listenerOf('udp', id, { name: 'carriers', address: '10.0.0.9', sentByHost: '10.0.0.9', port: 5080, sentByPort: 5080 })

/** A record with the steps of its explanation apart. */
export type ToldRecord = Omit<CallRecord, 'explanation'> & { readonly explanation: readonly ExplanationStep[] }

const familyOf = (address: string): number => (address.includes(':') ? 6 : 4)

const tickMs = 5

export class EdgeRig {
  readonly clock = new FakeClock()
  readonly edge: Edge
  readonly records: ToldRecord[] = []
  readonly logged: string[] = []
  /** What the edge asked the media relay. */
  readonly mediaQuestions: Buffer[] = []
  /** Traces of failed calls, and what a HEP collector would get, as they were handed up. */
  readonly traces: Trace[] = []
  readonly hep: HepMessage[] = []
  readonly listeners = [
    listenerOf('udp'),
    listenerOf('tcp', 1),
    listener6Of('udp', 2),
    listener6Of('tcp', 3),
    namedListener(4),
  ]
  /** Number of the connection that messages over TCP come by. */
  connection = 1
  /** More waits in the sockets than is read at once. */
  isQueueLong = false
  /** What a message that is sent, and all that led to it, takes of the thread's time in milliseconds. */
  costMs: ((message: SipMessage) => number) | undefined
  /** Told of everything that goes up. */
  onUp: ((message: UpMessage) => void) | undefined
  onRegistrations: ((bindings: readonly Binding[]) => void) | undefined
  /** Told of each message that leaves; a simulation delivers it, a plain test looks at `sent`. */
  onSend: ((sent: Sent) => void) | undefined
  #sent: Sent[] = []
  #revision = 1
  #answer: { readonly answer: unknown; readonly error: string | null } | undefined

  /**
   * @param traced keep what is handed up for traces: a simulation makes too much of it.
   * @param later runs work in a later turn of the thread; absent = there is none, everything runs at once.
   */
  constructor(file: DeclarativeInput, seed = 1, traced = false, later?: (work: () => void) => void) {
    const up = (message: UpMessage): void => {
      this.onUp?.(message)
      if (message.type === 'records')
        for (const record of message.records) this.records.push({ ...record, explanation: stepsOf(record.explanation) })
      if (message.type === 'registrations') this.onRegistrations?.(message.bindings)
      if (message.type === 'traces' && traced) this.traces.push(...message.traces)
      if (message.type === 'hep') this.hep.push(...message.messages)
      else if (message.type === 'answer') this.#answer = message
    }
    const log = forwardLog((level, event, fields) => this.logged.push(`${level} ${event} ${JSON.stringify(fields)}`))
    const transport = {
      send: (bytes: Buffer, target: Target) => this.#collect(bytes, target),
      reply: (bytes: Buffer, flow: Flow, port: number) =>
        this.#collect(bytes, {
          ...flow,
          protocol: flow.listener.protocol,
          port: flow.connection === 0 ? port : flow.port,
        }),
      findListener: (protocol: Protocol, address: string, name: string | null) =>
        this.listeners.find(
          (one) =>
            one.protocol === protocol && one.family === familyOf(address) && (name === null || one.name === name),
        ),
      isOwnAddress: (address: string, port: number) => address === '10.0.0.1' && port === 5060,
    }
    this.edge = new Edge({
      later,
      sendToMedia: (bytes) => this.mediaQuestions.push(bytes),
      transport,
      listeners: this.listeners,
      clock: this.clock,
      random: seededRandom(seed),
      log,
      up,
      isQueueLong: () => this.isQueueLong,
      trace: { ringBytes: 262_144, strayBytes: 65_536, hep: traced },
    })
    this.publish(file)
  }

  publish(file: DeclarativeInput): void {
    this.edge.publish(directoryOf(file, this.#revision++))
  }

  /** Publishes what follows the directory in force: rows that did not change are the same objects. */
  publishAfter(file: DeclarativeInput): void {
    const source = sourceOf(file, this.#revision++)
    this.edge.publish(compileDirectory(source, { before: this.edge.directory }).directory)
  }

  #collect(bytes: Buffer, target: Target): void {
    const message = parseDatagram(bytes)
    if (message.kind === 'fault')
      assert.fail(`the edge sent what does not parse: ${message.detail}\n${bytes.toString('latin1')}`)
    this.clock.advance(this.costMs?.(message) ?? 0)
    const { protocol, address, port, connection, listener } = target
    const sent = { message, protocol, address, port, connection, listener: listener.name, at: this.clock.nowMs() }
    if (this.onSend === undefined) this.#sent.push(sent)
    else this.onSend(sent)
  }

  /** A message arrives from `address:port`. */
  receive(bytes: Buffer | string, address: string, port = 5060, protocol: Protocol = 'udp'): void {
    const listener =
      this.listeners.find((one) => one.protocol === protocol && one.family === familyOf(address)) ??
      listenerOf(protocol)
    const flow: Flow = { listener, address, port, connection: protocol === 'udp' ? 0 : this.connection }
    this.edge.onMessage(Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes, 'latin1'), flow)
  }

  /** The transport reports that a peer cannot be reached. */
  peerError(address: string, port: number, kind: TransportErrorKind = 'refused', protocol: Protocol = 'udp'): void {
    this.edge.onPeerError({ kind, protocol, address, port, detail: `connection ${kind}` })
  }

  /** Asks what the control thread asks. */
  ask<Name extends EdgeQuestionName>(name: Name, ask: EdgeQuestions[Name]['ask']): EdgeQuestions[Name]['answer'] {
    this.edge.answer(0, name, ask)
    assert.equal(this.#answer?.error, null)
    return this.#answer?.answer as EdgeQuestions[Name]['answer']
  }

  /** Moves time on in ticks, as the worker's interval does. */
  advance(ms: number): void {
    const end = this.clock.nowMs() + ms
    while (this.clock.nowMs() < end) {
      this.clock.advance(Math.min(tickMs, end - this.clock.nowMs()))
      this.edge.tick()
    }
  }

  /** Everything sent since the last time. */
  take(): Sent[] {
    const sent = this.#sent
    this.#sent = []
    return sent
  }

  /** What was sent to one address since the last `take`, which this is for that address. */
  takeTo(address: string): SipMessage[] {
    const mine = this.#sent.filter((sent) => sent.address === address)
    this.#sent = this.#sent.filter((sent) => sent.address !== address)
    return mine.map((sent) => sent.message)
  }

  /** Moves time far enough for every transaction to end, and checks that nothing is left of any call. */
  assertNothingLeft(): void {
    this.advance(80_000)
    assert.deepEqual(this.edge.leftovers(), { calls: 0, legs: 0, transactions: 0, timers: 0 })
    for (const state of this.edge.limits.states(10))
      if (state.kind === 'channels')
        assert.equal(state.used, 0, `${state.scope} ${state.name} still holds channels: ${state.calls.join(' ')}`)
  }
}
