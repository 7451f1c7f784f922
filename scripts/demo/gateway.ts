// A gateway of the demo: rings, answers most calls, refuses some, hangs up some; and can fall silent for a while.
import { randomBelow } from '../../src/base/random.ts'
import type { Random } from '../../src/base/random.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import { buildResponse } from '../../src/sip/respond.ts'
import { Peer, sdp } from './peer.ts'
import { sipPort } from './places.ts'

interface GatewayCall {
  readonly invite: SipMessage
  readonly from: { readonly address: string; readonly port: number }
  readonly toTag: string
  state: 'ringing' | 'answered' | 'refused'
}

export class Gateway {
  readonly #peer: Peer
  readonly #calls = new Map<string, GatewayCall>()
  /** Hears nothing and says nothing while true. */
  silent = false

  constructor(address: string, random: Random) {
    this.#peer = new Peer(address, random)
  }

  open(): Promise<void> {
    return this.#peer.open((message, from) => {
      if (!this.silent && message.kind === 'request') this.#onRequest(message, from)
    })
  }

  close(): void {
    this.#peer.close()
  }

  #onRequest(request: SipMessage, from: { address: string; port: number }): void {
    const call = this.#calls.get(request.callId)
    switch (request.method) {
      case 'INVITE':
        if (call === undefined) this.#ring(request, from)
        break
      case 'ACK':
        if (call?.state === 'refused') this.#calls.delete(request.callId)
        break
      case 'CANCEL':
        this.#peer.send(buildResponse(request, { status: 200 }), from)
        if (call?.state === 'ringing') this.#refuse(call, 487)
        break
      case 'BYE':
        this.#calls.delete(request.callId)
        this.#peer.send(buildResponse(request, { status: call === undefined ? 481 : 200 }), from)
        break
      default:
        this.#peer.send(buildResponse(request, { status: request.method === 'OPTIONS' ? 200 : 405 }), from)
    }
  }

  #ring(invite: SipMessage, from: { address: string; port: number }): void {
    const call: GatewayCall = { invite, from, toTag: this.#peer.token(), state: 'ringing' }
    this.#calls.set(invite.callId, call)
    this.#answer(call, 100)
    const fate = randomBelow(this.#peer.random, 100)
    if (fate < 6) return this.#peer.after(200, () => this.#refuse(call, 404))
    this.#peer.after(300, () => this.#answer(call, 180))
    if (fate < 16) return this.#peer.after(1_500, () => this.#refuse(call, 486))
    // One call in ten is never answered: its caller gives up.
    if (fate < 26) return undefined
    return this.#peer.after(1_000 + randomBelow(this.#peer.random, 3_000), () => this.#pickUp(call))
  }

  #answer(call: GatewayCall, status: number): void {
    if (this.silent || call.state === 'refused') return
    const { invite, from } = call
    const address = this.#peer.address
    this.#peer.send(
      buildResponse(invite, {
        status,
        ...(status === 100 ? {} : { toTag: call.toTag }),
        copyRecordRoute: true,
        headers: status === 100 ? [] : [['Contact', `<sip:demo@${address}:${sipPort}>`]],
        ...(status === 200 ? { body: Buffer.from(sdp(address)), contentType: 'application/sdp' } : {}),
      }),
      from,
    )
  }

  #refuse(call: GatewayCall, status: number): void {
    if (call.state !== 'ringing') return
    this.#answer(call, status)
    call.state = 'refused'
    this.#forgetLater(call, 5_000)
  }

  #pickUp(call: GatewayCall): void {
    if (call.state !== 'ringing' || this.silent) return
    call.state = 'answered'
    this.#answer(call, 200)
    if (randomBelow(this.#peer.random, 3) === 0)
      this.#peer.after(5_000 + randomBelow(this.#peer.random, 15_000), () => this.#hangUp(call))
    this.#forgetLater(call, 120_000)
  }

  #hangUp(call: GatewayCall): void {
    const { invite, from, toTag } = call
    if (!this.#calls.delete(invite.callId)) return
    const tag = invite.fromTag === undefined ? '' : `;tag=${invite.fromTag}`
    this.#peer.request(
      {
        method: 'BYE',
        uri: invite.contact?.uri ?? invite.from.uri,
        branch: this.#peer.branch(),
        from: `<${invite.to.uri}>;tag=${toTag}`,
        to: `<${invite.from.uri}>${tag}`,
        callId: invite.callId,
        cseq: 1,
      },
      from,
    )
  }

  #forgetLater(call: GatewayCall, ms: number): void {
    this.#peer.after(ms, () => this.#calls.delete(call.invite.callId))
  }
}
