// All live calls of the thread, found by id, by a local tag of one of their legs, or by the identity of their INVITE.
import { assert } from '../base/assert.ts'
import { flat } from '../base/flat.ts'
import { TextTable } from '../base/text-table.ts'
import type { SipMessage } from '../sip/message.ts'
import type { Call } from './call.ts'
import type { Leg } from './leg.ts'

/** Call-ID, From tag and CSeq number: what a merged request shares with its first copy (RFC 3261 8.2.2.2). */
const inviteKey = (request: SipMessage): string =>
  flat(`${request.callId}\n${request.fromTag ?? ''}\n${request.cseq.number}`)

/** A leg, or a call whose legs are folded. */
export interface LegHolder {
  legUnder(tag: string): Leg | undefined
}

export class CallTable {
  readonly #calls = new TextTable<Call>({ keepsOrder: true })
  readonly #legs = new TextTable<LegHolder>()
  readonly #invites = new TextTable<Call>()
  /** Told of every leg that begins. */
  onLeg: ((leg: Leg) => void) | undefined

  get count(): number {
    return this.#calls.size
  }

  /** Legs that in-dialog requests can find; 0 when no call lives. */
  get legCount(): number {
    return this.#legs.size
  }

  get pendingInvites(): number {
    return this.#invites.size
  }

  /** All as they are now, the oldest first. */
  values(): Call[] {
    return this.#calls.values()
  }

  /** Any one that fits. */
  findCall(fits: (call: Call) => boolean): Call | undefined {
    return this.#calls.findValue(fits)
  }

  find(id: string): Call | undefined {
    return this.#calls.get(id)
  }

  add(call: Call): void {
    assert(!this.#calls.has(call.id), 'a call is added once')
    this.#calls.set(call.id, call)
    const key = inviteKey(call.request)
    this.#invites.set(key, call)
    call.inviteKey = key
  }

  remove(call: Call): void {
    this.#calls.delete(call.id)
    this.settleInvite(call)
  }

  /** The INVITE has its final response: another copy of it may now come by another way. */
  settleInvite(call: Call): void {
    const { inviteKey: key } = call
    if (key === undefined) return
    call.inviteKey = undefined
    if (this.#invites.get(key) === call) this.#invites.delete(key)
  }

  /** The call whose INVITE this is another copy of, if that one has no final response yet. */
  findMerged(request: SipMessage): Call | undefined {
    return this.#invites.get(inviteKey(request))
  }

  addLeg(tag: string, leg: Leg): void {
    this.#legs.set(tag, leg)
    this.onLeg?.(leg)
  }

  /** Where a leg can be found, it is found with this one from now on. */
  moveLeg(leg: Leg, holder: LegHolder): void {
    for (const tag of [leg.localTag, ...leg.otherLocalTags]) if (this.#legs.has(tag)) this.#legs.set(tag, holder)
  }

  removeLeg(leg: Leg): void {
    this.#legs.delete(leg.localTag)
    for (const tag of leg.otherLocalTags) this.#legs.delete(tag)
  }

  /** The leg of a request inside a dialog: Call-ID and both tags must fit (12.2.2). */
  findLeg(request: SipMessage): Leg | undefined {
    const tag = request.toTag
    if (tag === undefined) return undefined
    const leg = this.#legs.get(tag)?.legUnder(tag)
    if (leg === undefined || leg.callId !== request.callId) return undefined
    const remoteTag = request.fromTag ?? ''
    return leg.remoteTag === remoteTag ? leg : leg.forks?.find((fork) => fork.remoteTag === remoteTag)
  }
}
