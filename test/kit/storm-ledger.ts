// What an onlooker at the wire knows of every call of a storm: what reached the edge and what the edge sent, and when.
// Facts only; the rules that judge them are in storm-rules.ts.
import type { SipMessage } from '../../src/sip/message.ts'
import { parseUri } from '../../src/sip/uri.ts'
import type { Sent } from './edge-rig.ts'
import type { StormCaller } from './storm-caller.ts'
import type { StormConfig } from './storm-config.ts'
import type { GatewayCall } from './storm-gateway.ts'

/** One INVITE of the edge to one gateway. Times are those of the fake clock. */
export interface AttemptFacts {
  readonly call: CallFacts
  readonly callId: string
  readonly address: string
  readonly branch: string
  readonly sentAt: number
  /** First reply, first 1xx, first 18x, first 2xx, first failure that reached the edge. */
  heardAt: number | undefined
  provisionalAt: number | undefined
  ringingAt: number | undefined
  successAt: number | undefined
  /** To tag of that 2xx. */
  winner: string | undefined
  failedAt: number | undefined
  failedStatus: number | undefined
  /** The edge was told that the gateway refuses packets. */
  refusedAt: number | undefined
  /** The edge went on without it: another attempt, or the call was over. */
  givenUpAt: number | undefined
  /** It was given up before the edge had heard of it: its room was free from then on, whatever the gateway does. */
  unheard: boolean
  cancelled: boolean
  /** When its room was first seen to be free at the gateway. */
  freeAt: number | undefined
  /** By To tag of the gateway: ACKs and BYEs of the edge, and BYEs that it got. */
  readonly acknowledged: Map<string, number>
  readonly ended: Set<string>
  /** CSeq numbers of its re-INVITEs that the edge has answered by a 2xx and that have no ACK yet. */
  readonly unacknowledged: Set<number>
  /** Branches of the edge's re-INVITEs, and whether a 1xx to them came. */
  readonly reinvites: Map<string, boolean>
  seen: GatewayCall | undefined
}

/** One call of a caller. */
export interface CallFacts {
  readonly caller: StormCaller
  readonly number: string
  arrivedAt: number | undefined
  /** The edge sent 100 and took room for it. */
  acceptedAt: number | undefined
  cancelledAt: number | undefined
  /** To tag of the latest answer to its INVITE: of several early dialogs the one that the caller hears (15). */
  shownTag: string | undefined
  final: { readonly status: number; readonly at: number } | undefined
  acknowledgedAt: number | undefined
  /** CSeq numbers of INVITEs that the edge has answered by a 2xx and that have no ACK yet. */
  readonly unacknowledged: Set<number>
  byeFromCallerAt: number | undefined
  /** That BYE came before the final answer: it may end one early dialog only, also toward the gateway (15). */
  byeWasEarly: boolean
  byeToCallerAt: number | undefined
  /** When its room was first seen to be free at the caller. */
  freeAt: number | undefined
  readonly attempts: AttemptFacts[]
}

/** The configuration in force from a time on. */
interface InForce {
  readonly from: number
  readonly config: StormConfig
}

export class StormLedger {
  readonly calls: CallFacts[] = []
  readonly attempts = new Map<string, AttemptFacts>()
  readonly history: InForce[] = []
  readonly #byNumber = new Map<string, CallFacts>()
  readonly #byCallId = new Map<string, CallFacts>()
  readonly #nowMs: () => number

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  publish(config: StormConfig): void {
    this.history.push({ from: this.#nowMs(), config })
  }

  /** Every configuration that a call which began at `since` may still go by; one is published after what arrives then. */
  inForceSince(since: number): StormConfig[] {
    const first = this.history.findLastIndex((one) => one.from < since)
    return this.history.slice(Math.max(0, first)).map((one) => one.config)
  }

  addCall(caller: StormCaller): void {
    const call: CallFacts = {
      caller,
      number: caller.plan.number,
      arrivedAt: undefined,
      acceptedAt: undefined,
      cancelledAt: undefined,
      shownTag: undefined,
      final: undefined,
      acknowledgedAt: undefined,
      unacknowledged: new Set(),
      byeFromCallerAt: undefined,
      byeWasEarly: false,
      byeToCallerAt: undefined,
      freeAt: undefined,
      attempts: [],
    }
    this.calls.push(call)
    this.#byNumber.set(call.number, call)
    this.#byCallId.set(caller.callId, call)
  }

  callOf(message: SipMessage): CallFacts | undefined {
    return this.#byCallId.get(message.callId)
  }

  callOfNumber(invite: SipMessage): CallFacts | undefined {
    return this.#byNumber.get(parseUri(invite.requestUri)?.user ?? '')
  }

  addAttempt(call: CallFacts, { message, address }: Sent): AttemptFacts {
    const attempt: AttemptFacts = {
      call,
      callId: message.callId,
      address,
      branch: message.topVia.branch ?? '',
      sentAt: this.#nowMs(),
      heardAt: undefined,
      provisionalAt: undefined,
      ringingAt: undefined,
      successAt: undefined,
      winner: undefined,
      failedAt: undefined,
      failedStatus: undefined,
      refusedAt: undefined,
      givenUpAt: undefined,
      unheard: false,
      cancelled: false,
      freeAt: undefined,
      acknowledged: new Map(),
      ended: new Set(),
      unacknowledged: new Set(),
      reinvites: new Map(),
      seen: undefined,
    }
    call.attempts.push(attempt)
    this.attempts.set(attempt.callId, attempt)
    return attempt
  }

  /** The edge no longer waits for those of its attempts that have brought nothing final. */
  giveUp(call: CallFacts): void {
    for (const attempt of call.attempts)
      if (attempt.failedAt === undefined && attempt.successAt === undefined && attempt.refusedAt === undefined) {
        if (attempt.givenUpAt === undefined) attempt.unheard = attempt.heardAt === undefined
        attempt.givenUpAt ??= this.#nowMs()
      }
  }

  /** A reply to the INVITE of an attempt reached the edge. */
  hear(attempt: AttemptFacts, response: SipMessage): void {
    const now = this.#nowMs()
    const { status } = response
    attempt.heardAt ??= now
    if (status < 200) attempt.provisionalAt ??= now
    if (status > 100 && status < 200) attempt.ringingAt ??= now
    if (status >= 200 && status < 300 && attempt.failedAt === undefined) {
      attempt.successAt ??= now
      attempt.winner ??= response.toTag
    }
    if (status >= 300 && attempt.successAt === undefined && attempt.failedAt === undefined) {
      attempt.failedAt = now
      attempt.failedStatus = status
    }
  }
}

/** The gateway has a call, or will have one when the INVITE arrives, and the edge can know it. */
export const holdsGateway = (attempt: AttemptFacts): boolean =>
  attempt.refusedAt === undefined &&
  attempt.failedAt === undefined &&
  !attempt.unheard &&
  (attempt.seen === undefined || attempt.seen.isLive)

/** The caller has a call: from the 100 to the failure that the edge sends, or to the first BYE that the caller sees. */
export const holdsCaller = (call: CallFacts): boolean =>
  call.acceptedAt !== undefined &&
  (call.final === undefined || call.final.status < 300) &&
  (call.caller.state === 'calling' || call.caller.state === 'up') &&
  call.byeFromCallerAt === undefined
