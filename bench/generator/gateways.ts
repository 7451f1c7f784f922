// The gateways of the load generator: they ring and answer at once, and wait for the BYE.
import type { Callers } from './callers.ts'
import type { PhaseCounts } from './counts.ts'
import { GatewayMessages, lineValue, numberInFrom, plainAnswer } from './messages.ts'
import type { Port, Target } from './port.ts'
import { otherDelays, Resend } from './resend.ts'
import type { Timeline } from './timeline.ts'

interface GatewayCall {
  /** Counts up; the key of the list of 2xx that wait for an ACK. */
  readonly serial: number
  readonly callId: string
  readonly counts: PhaseCounts
  readonly port: Port
  readonly from: Target
  readonly ok: string
  isAcknowledged: boolean
}

export class Gateways {
  readonly #timeline: Timeline
  readonly #callers: Callers
  readonly #messages = new Map<Port, GatewayMessages>()
  readonly #calls = new Map<string, GatewayCall>()
  /** 2xx without an ACK. */
  readonly #waiting = new Map<number, GatewayCall>()
  readonly #oks = new Resend(otherDelays)
  /** Calls whose 200 leaves with the next flush. */
  #leaving: number[] = []
  #serial = 0

  constructor(ports: readonly Port[], timeline: Timeline, callers: Callers, sdpBytes: number) {
    this.#timeline = timeline
    this.#callers = callers
    for (const port of ports) this.#messages.set(port, new GatewayMessages(port.place, sdpBytes))
  }

  onMessage(text: string, port: Port, from: Target, nowMs: number): void {
    const callId = lineValue(text, 'Call-ID')
    const call = this.#calls.get(callId)
    if (text.startsWith('INVITE ')) this.#onInvite(text, { callId, call, port, from, nowMs })
    else if (text.startsWith('ACK ')) {
      if (call !== undefined) this.#acknowledge(call)
    } else if (text.startsWith('BYE ')) {
      port.send(plainAnswer(text), from)
      if (call === undefined) this.#onLateBye(numberInFrom(text))
      else {
        if (!call.isAcknowledged) call.counts.add('unacknowledged')
        this.#waiting.delete(call.serial)
        this.#calls.delete(callId)
      }
    } else if (!text.startsWith('SIP/2.0 ')) {
      this.#timeline.current.add('strange')
      port.send(plainAnswer(text), from)
    }
  }

  #onLateBye(number: number): void {
    if (this.#callers.isOurs(number)) this.#callers.countsOf(number).add('byeSeenAgain')
  }

  #acknowledge(call: GatewayCall): void {
    call.isAcknowledged = true
    this.#waiting.delete(call.serial)
  }

  #onInvite(
    text: string,
    about: { callId: string; call: GatewayCall | undefined; port: Port; from: Target; nowMs: number },
  ): void {
    const { callId, call, port, from, nowMs } = about
    if (call !== undefined) {
      call.counts.add('inviteSeenAgain')
      return call.port.send(call.ok, call.from)
    }
    const number = numberInFrom(text)
    if (!this.#callers.isOurs(number)) return
    const counts = this.#callers.countsOf(number)
    counts.add('reached')
    this.#callers.onReached(number, nowMs)
    const serial = (this.#serial += 1)
    const [ringing, ok] = (this.#messages.get(port) as GatewayMessages).answers(text, `g${serial}`)
    const entered = { serial, callId, counts, port, from, ok, isAcknowledged: false }
    this.#calls.set(callId, entered)
    this.#waiting.set(serial, entered)
    this.#oks.add(nowMs, serial)
    this.#leaving.push(number)
    port.send(ringing, from)
    port.send(ok, from)
  }

  /** Everything that waited is on its way. */
  onFlush(nowMs: number): void {
    if (this.#leaving.length === 0) return
    for (const number of this.#leaving) this.#callers.onAnswerSent(number, nowMs)
    this.#leaving = []
  }

  turn(nowMs: number): void {
    this.#oks.turn(nowMs, (serial, isLast) => {
      const call = this.#waiting.get(serial)
      if (call === undefined) return false
      if (isLast) {
        call.counts.add('unacknowledged')
        this.#waiting.delete(serial)
        return false
      }
      call.counts.add('okSentAgain')
      call.port.send(call.ok, call.from)
      return true
    })
  }

  /** Calls whose BYE has not come. */
  get live(): number {
    return this.#calls.size
  }

  get nextMs(): number {
    return this.#oks.nextMs
  }

  abandon(): void {
    this.#calls.clear()
    this.#waiting.clear()
    this.#oks.clear()
  }
}
