// A call that Tollgate makes by itself to one gateway, to test it. The caller's side is played here; everything toward the
// gateway is what any call does. It hangs up at its answer or after its longest time, takes the room that any call takes,
// and changes nothing that routing goes by: neither health nor consecutive failures.
import { assert } from '../base/assert.ts'
import type { Timer, TimerOwner } from '../base/timers.ts'
import type { GatewayTarget } from '../directory/directory.ts'
import { Failures } from '../policy/backoff.ts'
import type { Explanation } from '../policy/explanation.ts'
import { refuse, refuseLimit } from '../policy/refusals.ts'
import type { HuntTurn, Permit, Refusal } from '../policy/verdict.ts'
import type { ListenerInfo, Target } from '../sip/flow.ts'
import { parseFramed } from '../sip/parse.ts'
import { buildResponse } from '../sip/respond.ts'
import { Call } from './call.ts'
import { serverTransactionOf } from './call-parts.ts'
import type { CallContext, CallTransport, GatewayEvidence } from './context.ts'
import { refuseCall } from './deciding.ts'
import { Hunt } from './hunt.ts'
import { ownCaller, ownInvite, ownRoute } from './own-caller.ts'
import type { CallRecord } from './record.ts'

export interface OwnCallOrder {
  /** Of the call, its record and its trace. */
  readonly id: string
  readonly gateway: GatewayTarget
  readonly destination: string
  readonly cli: string
  readonly longestMs: number
  /** With the step that says who asked for it. */
  readonly explanation: Explanation
  /** @param ranOut it was ended because `longestMs` were over. */
  readonly onRecord: (record: CallRecord, ranOut: boolean) => void
}

const longest = 1
const react = 2

/** What a test meets is told to the person who tests, and to nobody else. */
const silent: GatewayEvidence = {
  onAttempt: () => undefined,
  onFirstReplyTimeout: () => undefined,
  onTransportError: () => undefined,
  onReply: () => undefined,
  onRetryAfter: () => undefined,
}

const statusOf = (bytes: Buffer): number => Number.parseInt(bytes.toString('latin1', 8, 11), 10)

export class OwnCall implements TimerOwner {
  readonly call: Call
  readonly #order: OwnCallOrder
  readonly #base: CallContext
  /** A listener of its own: what goes there goes to the caller that is played here, and to no wire. */
  readonly #listener: ListenerInfo
  /** Requests of the gateway that were relayed to the caller and wait for its answer. */
  #relayed: Buffer[] = []
  #longest: Timer | undefined
  #reacting = false
  #ranOut = false

  constructor(base: CallContext, listener: ListenerInfo, order: OwnCallOrder) {
    this.#base = base
    this.#order = order
    this.#listener = { ...listener }
    const { gateway, explanation, destination, cli, longestMs, id } = order
    const directory = base.directory()
    const account = directory.accounts[directory.endpoints[gateway.endpointIndex]?.accountIndex ?? -1]
    assert(account !== undefined, 'the gateway of a test call is in its directory')
    const request = ownInvite(this.#listener, base.random, { to: destination, cli })
    const flow = { listener: this.#listener, address: listener.address, port: listener.port, connection: 0 }
    this.call = new Call(this.#contextOver(base), {
      id,
      request,
      flow,
      caller: ownCaller(account, cli, longestMs),
      explanation,
      dialled: destination,
      serverTransaction: base.transactions.openServer({
        request,
        reliable: true,
        send: (bytes) => this.#onAnswer(bytes),
        user: undefined,
      }),
    })
    this.#start({ account, gateways: [gateway] })
  }

  #contextOver(base: CallContext): CallContext {
    return {
      ...base,
      transport: this.#transportOver(base.transport),
      // Red, held and failing gateways are what tests are for.
      health: { find: () => undefined },
      failures: new Failures(base.clock),
      evidence: silent,
      metrics: {
        onStart: () => undefined,
        onGatewayTaken: (name) => base.metrics.onGatewayTaken(name),
        onGatewayReturned: (name) => base.metrics.onGatewayReturned(name),
        onEnd: () => undefined,
      },
      onRecord: (record) => this.#onRecord({ ...record, callerAccountId: null, routePrefix: null }),
    }
  }

  #transportOver(inner: CallTransport): CallTransport {
    return {
      ...inner,
      send: (bytes: Buffer, target: Target) => {
        if (target.listener !== this.#listener) inner.send(bytes, target)
        else {
          this.#relayed.push(bytes)
          this.#reactSoon()
        }
      },
    }
  }

  #start(turn: HuntTurn): void {
    const { call } = this
    const { clock, timers } = this.#base
    const permit = this.#admit(turn)
    if ('kind' in permit) return refuseCall(call, permit)
    const { destination, cli, caller } = call
    call.parts.verdict = {
      kind: 'route',
      caller,
      route: ownRoute,
      destination,
      cli,
      hunt: [turn],
      exempt: false,
      permit,
    }
    const hunt = new Hunt(call, [turn])
    call.parts.hunt = hunt
    this.#longest = timers.start(clock.nowMs(), this.#order.longestMs, this, longest)
    hunt.start()
  }

  /** Room in the system; that of the gateway and its account is taken by the hunt, as for any call. */
  #admit({ account }: HuntTurn): Permit | Refusal {
    const { explanation, cli } = this.#order
    if (account.assertedIdentity === 'required' && cli === '') {
      const detail = `${account.name} requires a P-Asserted-Identity and the test call has none: give a CLI`
      explanation.add('rank', detail)
      return refuse('identity_required', { reasonPhrase: 'P-Asserted-Identity Required', detail })
    }
    const permit = this.#base.limits.admitSystem(this.call.id, this.call.directory)
    if (!('kind' in permit)) return permit
    explanation.add('admit', `refused: ${permit.detail}`)
    return refuseLimit(permit, this.call.directory)
  }

  /** Our answer to the INVITE, on its way to a caller who is not there. */
  #onAnswer(bytes: Buffer): void {
    if (statusOf(bytes) >= 200) this.#reactSoon()
  }

  /** Never inside the code that sends: it may not have finished with its own state. */
  #reactSoon(): void {
    const { clock, timers } = this.#base
    if (this.#reacting) return
    this.#reacting = true
    timers.start(clock.nowMs(), 0, this, react)
  }

  #onRecord(record: CallRecord): void {
    this.#base.timers.stop(this.#longest)
    this.#base.onRecord(record)
    this.#order.onRecord(record, this.#ranOut)
  }

  onTimer(kind: number): void {
    if (kind === longest) this.#runOut()
    else {
      this.#reacting = false
      this.#refuseRelayed()
      this.#hangUp()
    }
  }

  /** As if the caller had given up: CANCEL toward the gateway, ACK and BYE for an answer that crosses it. */
  #runOut(): void {
    this.#ranOut = true
    const detail = `the test call was over after ${this.#order.longestMs / 1_000} s`
    this.call.failToCaller(487, 'Request Terminated', { outcome: 'cancelled', reason: 'cancel', by: 'edge', detail })
  }

  /** The caller acknowledges its answer and hangs up, or takes note of its refusal. */
  #hangUp(): void {
    const { call } = this
    const { inboundLeg } = call
    if (call.state === 'hunting') return
    inboundLeg.answer?.stop()
    inboundLeg.gone = true
    call.end({ outcome: 'answered', reason: 'caller BYE', by: 'caller', detail: 'the test call hung up at its answer' })
    serverTransactionOf(call).terminate()
    call.releaseGone()
    call.finishIfDone()
  }

  /** This caller takes nothing inside its dialog, as its Allow says. */
  #refuseRelayed(): void {
    const relayed = this.#relayed
    this.#relayed = []
    for (const bytes of relayed) {
      const request = parseFramed(bytes)
      if (request.kind !== 'request' || request.method === 'ACK') continue
      const response = parseFramed(buildResponse(request, { status: 405 }))
      if (response.kind === 'response') this.#base.transactions.findClient(response)?.receive(response)
    }
  }
}
