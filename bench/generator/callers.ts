// The callers of the load generator: INVITE, ACK, a pause, BYE, for very many calls at once. State is in typed arrays by the
// number of the call; what arrives names it in its Call-ID.
import type { PhaseCounts } from './counts.ts'
import { DueList } from './due-list.ts'
import { CallerMessages, plainAnswer } from './messages.ts'
import type { Dialog, Place } from './messages.ts'
import { targetOf } from './port.ts'
import type { Port, Target } from './port.ts'
import { inviteDelays, otherDelays, Resend } from './resend.ts'
import type { Timeline } from './timeline.ts'

/** Most calls at once: at 20,000 calls/s all those that wait 32 s for an answer. */
const capacity = 2 ** 20
const mask = capacity - 1

const states = { free: 0, calling: 1, proceeding: 2, talking: 3, ending: 4 } as const

/** What sets the calls of one load apart from those of every other. */
export interface LoadIdentity {
  readonly run: string
  readonly before: number
  readonly sdpBytes: number
}

export class Callers {
  readonly #ports: readonly Port[]
  readonly #messages: readonly CallerMessages[]
  readonly #edge: Target
  readonly #timeline: Timeline
  readonly #state = new Uint8Array(capacity)
  readonly #phase = new Uint8Array(capacity)
  readonly #numbers = new Float64Array(capacity)
  readonly #plannedMs = new Float64Array(capacity)
  readonly #reachedMs = new Float64Array(capacity)
  readonly #answeredMs = new Float64Array(capacity)
  readonly #dialogs: (Dialog | undefined)[] = []
  readonly #invites = new Resend(inviteDelays)
  readonly #byes = new Resend(otherDelays)
  readonly #holds = new Map<number, DueList>()
  readonly #run: string
  /** Calls of this load have larger numbers. */
  readonly #before: number
  #number: number
  live = 0

  constructor(ports: readonly Port[], edge: Place, timeline: Timeline, options: LoadIdentity) {
    this.#run = options.run
    this.#before = options.before
    this.#number = options.before
    this.#ports = ports
    this.#messages = ports.map((port) => new CallerMessages(port.place, edge, options))
    this.#edge = targetOf(edge)
    this.#timeline = timeline
  }

  /** Begins a call that was planned for `plannedMs`. */
  call(plannedMs: number, nowMs: number): void {
    const counts = this.#timeline.current
    const number = (this.#number += 1)
    const slot = number & mask
    if (this.#state[slot] !== states.free) return counts.add('skipped')
    this.#state[slot] = states.calling
    this.#phase[slot] = this.#timeline.index
    this.#numbers[slot] = number
    this.#plannedMs[slot] = plannedMs
    this.#reachedMs[slot] = 0
    this.live += 1
    counts.add('offered')
    counts.late.record(nowMs - plannedMs)
    this.#timeline.second(nowMs).offered += 1
    this.#invites.add(nowMs, number)
    this.#send(number, this.#compose(number).invite(number))
  }

  /** A gateway has the INVITE; and it has sent its 200. */
  onReached(number: number, nowMs: number): void {
    const slot = number & mask
    if (this.#numbers[slot] === number && this.#reachedMs[slot] === 0) this.#reachedMs[slot] = nowMs
  }

  onAnswerSent(number: number, nowMs: number): void {
    const slot = number & mask
    if (this.#numbers[slot] === number) this.#answeredMs[slot] = nowMs
  }

  /** The counts of the phase that a call began in. */
  countsOf(number: number): PhaseCounts {
    const slot = number & mask
    return this.#numbers[slot] === number ? this.#timeline.at(this.#phase[slot] as number) : this.#timeline.current
  }

  #compose(number: number): CallerMessages {
    return this.#messages[number % this.#messages.length] as CallerMessages
  }

  #send(number: number, text: string): void {
    this.#ports[number % this.#ports.length]?.send(text, this.#edge)
  }

  /** False: it belongs to an earlier load. */
  isOurs(number: number): boolean {
    return number > this.#before && number <= this.#number
  }

  onMessage(text: string, port: Port, from: Target, nowMs: number): void {
    if (!text.startsWith('SIP/2.0 ')) {
      if (text.includes(this.#run)) this.#timeline.current.add('strange')
      if (!text.startsWith('ACK ')) port.send(plainAnswer(text), from)
      return
    }
    const status = Number.parseInt(text.slice(8, 11), 10)
    const callId = text.indexOf('\r\nCall-ID: ') + 11
    const number = Number.parseInt(text.slice(callId, callId + 16), 10)
    if (!this.isOurs(number)) return
    const cseq = text.indexOf('\r\nCSeq: ') + 8
    const isInvite = text.charCodeAt(text.indexOf(' ', cseq) + 1) === 73
    const slot = number & mask
    const state = this.#numbers[slot] === number ? (this.#state[slot] as number) : states.free
    if (isInvite) this.#onInviteAnswer(text, number, { status, state, nowMs })
    else if (status >= 200) this.#onByeAnswer(number, { status, state, nowMs })
  }

  #onInviteAnswer(text: string, number: number, about: { status: number; state: number; nowMs: number }): void {
    const { status, state, nowMs } = about
    const slot = number & mask
    const isCalling = state === states.calling || state === states.proceeding
    if (status < 200) {
      if (state === states.calling) this.#state[slot] = states.proceeding
      return
    }
    if (status >= 300) {
      this.#send(number, this.#compose(number).ackRefusal(number, text))
      if (!isCalling) return this.countsOf(number).add('answerSeenAgain')
      this.countsOf(number).addRefused(status)
      this.#timeline.second(nowMs).refused += 1
      return this.#free(slot)
    }
    if (!isCalling) {
      this.countsOf(number).add('answerSeenAgain')
      const compose = this.#compose(number)
      return this.#send(number, compose.ack(number, this.#dialogs[slot] ?? compose.dialogOf(number, text)))
    }
    this.#onAnswered(text, number, nowMs)
  }

  #onAnswered(text: string, number: number, nowMs: number): void {
    const slot = number & mask
    const counts = this.countsOf(number)
    const compose = this.#compose(number)
    const dialog = compose.dialogOf(number, text)
    this.#state[slot] = states.talking
    this.#dialogs[slot] = dialog
    this.#send(number, compose.ack(number, dialog))
    counts.add('answered')
    const planned = this.#plannedMs[slot] as number
    const reached = this.#reachedMs[slot] as number
    counts.setUp.record(nowMs - planned)
    counts.added.record(reached - planned + nowMs - (this.#answeredMs[slot] as number))
    const second = this.#timeline.second(nowMs)
    second.answered += 1
    if (nowMs - planned > second.setUpMaxMs) second.setUpMaxMs = nowMs - planned
    this.#holdsOf(counts.spec.holdMs).add(nowMs, number)
  }

  #holdsOf(holdMs: number): DueList {
    const known = this.#holds.get(holdMs)
    if (known !== undefined) return known
    const list = new DueList(holdMs)
    this.#holds.set(holdMs, list)
    return list
  }

  #onByeAnswer(number: number, about: { status: number; state: number; nowMs: number }): void {
    const { status, state, nowMs } = about
    if (state !== states.ending) return this.countsOf(number).add('answerSeenAgain')
    this.countsOf(number).add(status < 300 ? 'ended' : 'endingRefused')
    if (status < 300) this.#timeline.second(nowMs).ended += 1
    this.#free(number & mask)
  }

  #free(slot: number): void {
    this.#state[slot] = states.free
    this.#dialogs[slot] = undefined
    this.live -= 1
  }

  /** Ends calls whose time is over, and sends again what waits too long. */
  turn(nowMs: number): void {
    for (const holds of this.#holds.values())
      for (let number = holds.take(nowMs); number !== undefined; number = holds.take(nowMs)) this.#end(number, nowMs)
    this.#invites.turn(nowMs, (number, isLast) => this.#again(number, isLast, { state: states.calling, nowMs }))
    this.#byes.turn(nowMs, (number, isLast) => this.#again(number, isLast, { state: states.ending, nowMs }))
  }

  #end(number: number, nowMs: number): void {
    const slot = number & mask
    const dialog = this.#dialogs[slot]
    if (this.#numbers[slot] !== number || this.#state[slot] !== states.talking || dialog === undefined) return
    this.#state[slot] = states.ending
    this.countsOf(number).add('endings')
    this.#byes.add(nowMs, number)
    this.#send(number, this.#compose(number).bye(number, dialog))
  }

  #again(number: number, isLast: boolean, about: { state: number; nowMs: number }): boolean {
    const slot = number & mask
    if (this.#numbers[slot] !== number || this.#state[slot] !== about.state) return false
    const isInvite = about.state === states.calling
    const counts = this.countsOf(number)
    if (isLast) {
      counts.add(isInvite ? 'inviteUnanswered' : 'byeUnanswered')
      this.#free(slot)
      return false
    }
    counts.add(isInvite ? 'inviteSentAgain' : 'byeSentAgain')
    this.#timeline.second(about.nowMs).sentAgain += 1
    const compose = this.#compose(number)
    const dialog = this.#dialogs[slot]
    if (isInvite) this.#send(number, compose.invite(number))
    else if (dialog !== undefined) this.#send(number, compose.bye(number, dialog))
    return true
  }

  get nextMs(): number {
    let least = Math.min(this.#invites.nextMs, this.#byes.nextMs)
    for (const holds of this.#holds.values()) least = Math.min(least, holds.nextMs)
    return least
  }

  /** Gives up everything that still goes on. */
  abandon(): void {
    for (let slot = 0; this.live > 0 && slot < capacity; slot++)
      if (this.#state[slot] !== states.free) {
        this.#timeline.at(this.#phase[slot] as number).add('unfinished')
        this.#free(slot)
      }
    this.#invites.clear()
    this.#byes.clear()
    this.#holds.clear()
  }
}
