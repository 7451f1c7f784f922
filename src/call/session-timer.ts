// Session timers (RFC 4028), on each leg of its own: what is offered and agreed, and what happens when nobody refreshes.
// Refreshes of ours are sent by session-refresh.ts; a peer's refresh is any re-INVITE or UPDATE with a 2xx.
import { bound } from '../base/limits.ts'
import type { Timer, TimerOwner } from '../base/timers.ts'
import { headerIds } from '../sip/header.ts'
import type { SipMessage } from '../sip/message.ts'
import { headerParameter } from '../sip/name-addr.ts'
import type { Call } from './call.ts'
import type { Leg } from './leg.ts'
import { refreshSession } from './session-refresh.ts'

type Headers = readonly (readonly [name: string, value: string])[]

const refreshKind = 1
const expiryKind = 2

interface Expires {
  readonly seconds: number
  readonly refresher: 'uac' | 'uas' | undefined
}

/** Session-Expires of a message; undefined when absent or unreadable, which is the same to us. */
function sessionExpiresOf(message: SipMessage): Expires | undefined {
  const match = /^(\d{1,10})\s*(;.*)?$/.exec(message.value(headerIds.sessionExpires)?.trim() ?? '')
  if (match === null) return undefined
  const refresher = headerParameter(match[2] ?? '', 'refresher')?.toLowerCase()
  return { seconds: Number(match[1]), refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined }
}

/** Min-SE of a message, never below the least that the RFC allows. */
export function minSeOf(message: SipMessage): number {
  const asked = Number.parseInt(message.value(headerIds.minSe) ?? '', 10)
  return Math.max(bound('minSeSeconds'), Number.isNaN(asked) ? 0 : asked)
}

/** The peer speaks RFC 4028. */
const knowsTimer = (message: SipMessage): boolean =>
  message.values(headerIds.supported).some((option) => option.toLowerCase() === 'timer') ||
  message.values(headerIds.require).some((option) => option.toLowerCase() === 'timer')

/** Fields of a request of ours that begins or refreshes a session. */
export const sessionOffer = (seconds: number, minSeSeconds: number, refresher?: 'uac' | 'uas'): Headers => [
  ['Session-Expires', `${seconds}${refresher === undefined ? '' : `;refresher=${refresher}`}`],
  ['Min-SE', String(minSeSeconds)],
]

/** The answer 422 that a too short interval gets (section 6): its Min-SE; undefined = the interval is fine. */
export function tooShortSession(request: SipMessage): Headers | undefined {
  const expires = sessionExpiresOf(request)
  if (expires === undefined || expires.seconds >= bound('minSeSeconds') || !knowsTimer(request)) return undefined
  return [['Min-SE', String(bound('minSeSeconds'))]]
}

/** A session timer as plain values: the last two are when a refresh of ours and the end are due, null = neither runs. */
export type PackedSession = readonly [
  seconds: number,
  minSeSeconds: number,
  refresher: 'us' | 'peer',
  peerKnows: boolean,
  refreshAtMs: number | null,
  expiryAtMs: number | null,
]

export class SessionTimer implements TimerOwner {
  readonly leg: Leg
  seconds = bound('sessionExpiresSeconds')
  minSeSeconds = bound('minSeSeconds')
  refresher: 'us' | 'peer' = 'us'
  #peerKnows = false
  #timer: Timer | undefined
  #expiry: Timer | undefined

  constructor(leg: Leg) {
    this.leg = leg
  }

  get call(): Call {
    return this.leg.call
  }

  get running(): boolean {
    return this.#timer !== undefined || this.#expiry !== undefined
  }

  /**
   * We answer 2xx to a request that begins or refreshes the session (section 9): agrees on the interval, starts anew, and
   * gives the fields of the answer.
   */
  accept(request: SipMessage): Headers {
    const asked = sessionExpiresOf(request)
    this.#peerKnows = knowsTimer(request)
    this.minSeSeconds = Math.max(this.minSeSeconds, minSeOf(request))
    const wanted = Math.min(asked?.seconds ?? bound('sessionExpiresSeconds'), bound('sessionExpiresSeconds'))
    this.seconds = Math.max(wanted, this.minSeSeconds)
    const refresher = this.#peerKnows ? (asked?.refresher ?? 'uac') : 'uas'
    this.refresher = refresher === 'uac' ? 'peer' : 'us'
    this.restart()
    const expires = ['Session-Expires', `${this.seconds};refresher=${refresher}`] as const
    const supported = ['Supported', 'timer'] as const
    return this.#peerKnows ? [supported, ['Require', 'timer'], expires] : [supported, expires]
  }

  /** The peer answered 2xx to a request of ours (section 7.2); without Session-Expires we refresh by ourselves. */
  learn(response: SipMessage): void {
    const agreed = sessionExpiresOf(response)
    this.#peerKnows = agreed !== undefined
    if (agreed !== undefined && agreed.seconds >= bound('minSeSeconds')) this.seconds = agreed.seconds
    this.refresher = agreed?.refresher === 'uas' ? 'peer' : 'us'
    this.restart()
  }

  /** Fields of a request of ours inside the dialog that refreshes the session, relayed or our own. */
  offer(): Headers {
    return [
      ['Supported', 'timer'],
      ...sessionOffer(this.seconds, this.minSeSeconds, this.refresher === 'us' ? 'uac' : 'uas'),
    ]
  }

  /** The session was refreshed now. */
  restart(): void {
    this.stop()
    const { clock, timers } = this.leg.call.context
    const nowMs = clock.nowMs()
    // The refresher has half the interval; the other one hangs up a little before the end (section 10).
    const refreshMs = this.seconds * 500
    const expiryMs = this.seconds * 1_000 - Math.min(32_000, this.seconds * 333)
    if (this.refresher === 'us') this.#timer = timers.start(nowMs, refreshMs, this, refreshKind)
    else this.#expiry = timers.start(nowMs, expiryMs, this, expiryKind)
  }

  /** A refresh of ours failed, but the dialog may live: once more after `delayMs`, and the end if that fails, too. */
  retryIn(delayMs: number): void {
    const { clock, timers } = this.leg.call.context
    const nowMs = clock.nowMs()
    timers.stop(this.#timer)
    this.#timer = timers.start(nowMs, delayMs, this, refreshKind)
    const leftMs = this.seconds * 500 - Math.min(32_000, this.seconds * 333)
    this.#expiry ??= timers.start(nowMs, Math.max(leftMs, delayMs), this, expiryKind)
  }

  /** For `unpack`. */
  pack(): PackedSession {
    const { timers } = this.leg.call.context
    const dueMs = (timer: Timer | undefined): number | null =>
      timer === undefined ? null : Math.ceil(timers.dueMs(timer))
    const { seconds, minSeSeconds, refresher } = this
    return [seconds, minSeSeconds, refresher, this.#peerKnows, dueMs(this.#timer), dueMs(this.#expiry)]
  }

  /** Becomes what was packed, and runs as that ran. */
  unpack([seconds, minSeSeconds, refresher, peerKnows, refreshAtMs, expiryAtMs]: PackedSession): void {
    const { clock, timers } = this.leg.call.context
    const nowMs = clock.nowMs()
    this.seconds = seconds
    this.minSeSeconds = minSeSeconds
    this.refresher = refresher
    this.#peerKnows = peerKnows
    if (refreshAtMs !== null) this.#timer = timers.start(nowMs, refreshAtMs - nowMs, this, refreshKind)
    if (expiryAtMs !== null) this.#expiry = timers.start(nowMs, expiryAtMs - nowMs, this, expiryKind)
  }

  stop(): void {
    const { timers } = this.leg.call.context
    timers.stop(this.#timer)
    timers.stop(this.#expiry)
    this.#timer = undefined
    this.#expiry = undefined
  }

  onTimer(kind: number): void {
    if (kind === refreshKind) {
      this.#timer = undefined
      refreshSession(this.leg)
      return
    }
    this.#expiry = undefined
    this.expire(`nobody refreshed the session on the ${this.leg.side} leg within ${this.seconds} s`)
  }

  /** The session is over: BYE to both sides. */
  expire(detail: string): void {
    this.stop()
    this.leg.call.end({ outcome: 'answered', reason: 'session expired', by: 'edge', detail })
  }
}
