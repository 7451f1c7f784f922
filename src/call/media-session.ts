// The media of one attempt in the relay: session descriptions are handed to it in the order they came and cross as it
// gives them back, so that neither side sees the other's addresses and each talks RTP or SRTP as its entry says.
import { headerIds } from '../sip/header.ts'
import type { SipMessage } from '../sip/message.ts'
import { findSdp, isSecureSdp } from '../sip/sdp.ts'
import type { LegSide } from './leg.ts'

type MediaProtocol = 'RTP/AVP' | 'RTP/SAVP'
type MediaReply = { readonly sdp: Buffer } | MediaFault

/** Why a description cannot cross, and what that is to whoever offered it. */
export interface MediaFault {
  readonly status: 488 | 503
  readonly detail: string
}

/** The relay, as far as calls use it (`media/ng-client.ts`). */
export interface MediaRelay {
  /** Why it cannot be asked now; undefined = it can. */
  readonly trouble: string | undefined
  ask(
    question: {
      readonly command: 'offer' | 'answer' | 'delete'
      readonly callId: string
      readonly fromTag: string
      readonly toTag?: string
      readonly sdp?: Buffer
      readonly protocol?: MediaProtocol
    },
    /** Told once, later. */
    done: (reply: MediaReply) => void,
  ): void
}

/** A message on its way from one side; `tag` is the gateway's, because forks are different sides. */
export interface MediaPassage {
  readonly from: LegSide
  readonly tag: string
  readonly message: SipMessage
  readonly isAnswer: boolean
}

/** `fault` = the description cannot cross; `message` is without a body then. */
export type Passed = (message: SipMessage, fault: MediaFault | undefined) => void

const nothing = Buffer.alloc(0)

export class MediaSession {
  readonly #relay: MediaRelay
  readonly #callId: string
  readonly #secure: Readonly<Record<LegSide, boolean>>
  readonly #queue: { readonly passage: MediaPassage; readonly done: Passed }[] = []
  /** Who made the offer that is answered next, and answers to it that were given already (18x, 2xx, again). */
  #offerer = ''
  #answers: { readonly tag: string; readonly given: Buffer; readonly made: Buffer }[] = []
  /** What came out of it, which may be handed in again (a 2xx that was held back). */
  readonly #made = new WeakSet<SipMessage>()
  #busy = false
  #known = false
  #closed = false

  constructor(relay: MediaRelay, callId: string, secure: Readonly<Record<LegSide, boolean>>) {
    this.#relay = relay
    this.#callId = callId
    this.#secure = secure
  }

  /** Hands the message on: at once if it describes no media and none waits before it. */
  pass(passage: MediaPassage, done: Passed): void {
    if (this.#busy) this.#queue.push({ passage, done })
    else this.#start(passage, done)
  }

  #start({ from, tag, message, isAnswer }: MediaPassage, done: Passed): void {
    const place = findSdp(message.value(headerIds.contentType) ?? '', message.body)
    if (place === undefined || this.#closed || this.#made.has(message)) return done(message, undefined)
    const given = message.body.subarray(place.start, place.end)
    const passOn = (made: Buffer): void => {
      const { body } = message
      const crossed = message.withBody(Buffer.concat([body.subarray(0, place.start), made, body.subarray(place.end)]))
      this.#made.add(crossed)
      done(crossed, undefined)
    }
    const side = from === 'inbound' ? 'caller' : `gateway-${tag}`
    const before = isAnswer ? this.#answers.find((one) => one.tag === side && one.given.equals(given)) : undefined
    if (before !== undefined) return passOn(before.made)
    if (this.#secure[from] && !isSecureSdp(given))
      return done(message.withBody(nothing), {
        status: 488,
        detail: `the ${from === 'inbound' ? 'caller' : 'gateway'} does not describe SRTP`,
      })
    if (!isAnswer) {
      this.#offerer = side
      this.#answers = []
    }
    this.#busy = true
    this.#known = true
    const other: LegSide = from === 'inbound' ? 'outbound' : 'inbound'
    const names = { callId: this.#callId, fromTag: this.#offerer, sdp: given }
    const question = isAnswer
      ? ({ ...names, command: 'answer', toTag: side } as const)
      : ({ ...names, command: 'offer', protocol: this.#secure[other] ? 'RTP/SAVP' : 'RTP/AVP' } as const)
    this.#relay.ask(question, (reply) => {
      if ('sdp' in reply && isAnswer) this.#answers.push({ tag: side, given, made: reply.sdp })
      if ('sdp' in reply) passOn(reply.sdp)
      else done(message.withBody(nothing), reply)
      this.#next()
    })
  }

  #next(): void {
    this.#busy = false
    while (!this.#busy) {
      const waiting = this.#queue.shift()
      if (waiting === undefined) break
      this.#start(waiting.passage, waiting.done)
    }
    if (this.#closed && !this.#busy) this.#delete()
  }

  /** The dialog is gone: the relay forgets it, after what it is doing for it now. Idempotent. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (!this.#busy) this.#delete()
  }

  #delete(): void {
    if (!this.#known) return
    this.#known = false
    this.#relay.ask({ command: 'delete', callId: this.#callId, fromTag: this.#offerer }, () => undefined)
  }
}
