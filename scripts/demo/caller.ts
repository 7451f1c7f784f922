// A caller of the demo: starts calls, acknowledges, hangs up most of them itself, and gives up on phones nobody answers.
import { randomBelow } from '../../src/base/random.ts'
import type { Random } from '../../src/base/random.ts'
import { headerIds } from '../../src/sip/header.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import { buildResponse } from '../../src/sip/respond.ts'
import { Peer, sdp } from './peer.ts'
import { sipPort } from './places.ts'

interface CallerCall {
  readonly callId: string
  readonly branch: string
  readonly uri: string
  readonly from: string
  /** With the tag of the other side once it is known. */
  to: string
  remoteTarget: string
  state: 'calling' | 'answered' | 'ended'
}

export interface Outcomes {
  started: number
  answered: number
  refused: number
}

export class Caller {
  readonly #peer: Peer
  readonly #edge: { readonly address: string; readonly port: number }
  readonly #calls = new Map<string, CallerCall>()
  readonly outcomes: Outcomes = { started: 0, answered: 0, refused: 0 }

  constructor(address: string, edge: string, random: Random) {
    this.#peer = new Peer(address, random)
    this.#edge = { address: edge, port: sipPort }
  }

  open(): Promise<void> {
    return this.#peer.open((message, from) => {
      if (message.kind === 'response') this.#onResponse(message)
      else this.#onRequest(message, from)
    })
  }

  close(): void {
    this.#peer.close()
  }

  start(number: string): void {
    const call: CallerCall = {
      callId: `${this.#peer.token()}@demo`,
      branch: this.#peer.branch(),
      uri: `sip:${number}@${this.#edge.address}:${sipPort}`,
      from: `<sip:442079460${100 + randomBelow(this.#peer.random, 900)}@${this.#peer.address}>;tag=${this.#peer.token()}`,
      to: `<sip:${number}@${this.#edge.address}>`,
      remoteTarget: '',
      state: 'calling',
    }
    this.#calls.set(call.callId, call)
    this.outcomes.started += 1
    this.#send(call, 'INVITE', { branch: call.branch, uri: call.uri, cseq: 1, body: sdp(this.#peer.address) })
    this.#peer.after(8_000, () => {
      if (call.state === 'calling') this.#send(call, 'CANCEL', { branch: call.branch, uri: call.uri, cseq: 1 })
    })
    this.#peer.after(180_000, () => this.#calls.delete(call.callId))
  }

  #send(
    call: CallerCall,
    method: string,
    parts: { readonly branch: string; readonly uri: string; readonly cseq: number; readonly body?: string },
  ): void {
    this.#peer.request({ ...parts, method, from: call.from, to: call.to, callId: call.callId }, this.#edge)
  }

  #onResponse(response: SipMessage): void {
    const call = this.#calls.get(response.callId)
    if (call === undefined || response.cseq.method !== 'INVITE' || response.status < 200) return
    const to = response.value(headerIds.to) ?? call.to
    if (response.status >= 300) {
      // The ACK of a failure belongs to the INVITE's transaction: same branch, same Request-URI.
      this.#send({ ...call, to }, 'ACK', { branch: call.branch, uri: call.uri, cseq: 1 })
      if (call.state === 'calling') this.outcomes.refused += 1
      call.state = 'ended'
      return
    }
    call.to = to
    call.remoteTarget = response.contact?.uri ?? call.uri
    this.#send(call, 'ACK', { branch: this.#peer.branch(), uri: call.remoteTarget, cseq: 1 })
    if (call.state !== 'calling') return
    call.state = 'answered'
    this.outcomes.answered += 1
    this.#peer.after(4_000 + randomBelow(this.#peer.random, 20_000), () => this.#hangUp(call))
  }

  #hangUp(call: CallerCall): void {
    if (call.state !== 'answered') return
    call.state = 'ended'
    this.#send(call, 'BYE', { branch: this.#peer.branch(), uri: call.remoteTarget, cseq: 2 })
  }

  #onRequest(request: SipMessage, from: { address: string; port: number }): void {
    if (request.method === 'ACK') return
    const call = this.#calls.get(request.callId)
    if (request.method === 'BYE' && call !== undefined) call.state = 'ended'
    this.#peer.send(buildResponse(request, { status: call === undefined ? 481 : 200 }), from)
  }
}
