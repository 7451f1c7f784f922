// The rules of a storm, judged at the wire in the moment when the edge sends something or has taken something.
import type { SipMessage } from '../../src/sip/message.ts'
import type { Sent } from './edge-rig.ts'
import type { Room, StormConfig } from './storm-config.ts'
import { londonPrefix, stormCallers } from './storm-config.ts'
import type { AttemptFacts, CallFacts, StormLedger } from './storm-ledger.ts'
import { holdsCaller, holdsGateway } from './storm-ledger.ts'
import type { Onlooker, StormWire } from './storm-wire.ts'

const isCaller = (address: string): boolean => address in stormCallers

interface Final {
  readonly status: number
  readonly bytes: Buffer
}

/** Asked when the edge has done with what it just got; a text is a broken rule. */
type Expectation = () => string | undefined

const firstReplyMs = 3_000
const progressMs = 5_000
/** The shorter of both carriers'. */
const ringMs = 12_000

export class StormRules implements Onlooker {
  /** The first broken rules, in words. */
  readonly broken: string[] = []
  readonly #ledger: StormLedger
  readonly #wire: StormWire
  readonly #finals = new Map<string, Final>()
  /** Requests that the edge has answered in any way: sender, method and branch. */
  readonly #answered = new Set<string>()
  readonly #attemptTimes = new Map<string, number[]>()
  readonly #acceptTimes = new Map<string, number[]>()
  #expectations: Expectation[] = []

  constructor(ledger: StormLedger, wire: StormWire) {
    this.#ledger = ledger
    this.#wire = wire
  }

  break(what: string): void {
    if (this.broken.length < 10) this.broken.push(`${this.#wire.nowMs - 1_000_000} ms: ${what}`)
  }

  /** Said of every final answer of the edge: by the branch of the request. */
  finalOf(address: string, method: string, branch: string): number | undefined {
    return this.#finals.get(`${address} ${method} ${branch}`)?.status
  }

  #check(holds: boolean, what: string): void {
    if (!holds) this.break(what)
  }

  /** After each step: what should have followed from what arrived. */
  settle(): void {
    const expectations = this.#expectations
    this.#expectations = []
    for (const expectation of expectations) {
      const fault = expectation()
      if (fault !== undefined) this.break(fault)
    }
  }

  onEdgeSent(sent: Sent): void {
    const { message, address } = sent
    if (message.kind === 'response') this.#onAnswer(sent)
    else if (isCaller(address)) this.#onRequestToCaller(message)
    else if (message.method === 'OPTIONS') return
    else if (message.method === 'INVITE' && message.toTag === undefined) this.#onInvite(sent)
    else this.#onRequestToGateway(message)
    this.#checkHiding(message, address)
  }

  /** Nothing of one leg's identity shows on the other. */
  #checkHiding(message: SipMessage, address: string): void {
    const head = message.bytes.toString('latin1', 0, message.bytes.length - message.body.length)
    if (isCaller(address)) {
      const other = this.#ledger.callOf(message)?.attempts ?? []
      this.#check(!/GT\d/.test(head), `a tag of a gateway reaches the caller:\n${head}`)
      for (const { callId } of other)
        this.#check(!head.includes(callId), 'a Call-ID of a gateway leg reaches the caller')
    } else this.#check(!/CT\d|storm-\d/.test(head), `an identifier of the caller reaches a gateway:\n${head}`)
  }

  #onAnswer({ message, address }: Sent): void {
    const { status, method } = message
    const key = `${address} ${method} ${message.topVia.branch}`
    this.#answered.add(key)
    const before = this.#finals.get(key)
    if (before !== undefined)
      this.#check(before.bytes.equals(message.bytes), `two answers to one ${method}: ${before.status} and ${status}`)
    else if (status >= 200) this.#finals.set(key, { status, bytes: message.bytes })
    if (method !== 'INVITE') return
    const call = isCaller(address) ? this.#ledger.callOf(message) : undefined
    const side = call ?? this.#ledger.attempts.get(message.callId)
    if (status >= 200 && status < 300 && before === undefined) side?.unacknowledged.add(message.cseq.number)
    if (call === undefined) return
    if (message.topVia.branch !== call.caller.requests[0]?.branch) return
    if (message.toTag !== undefined) call.shownTag = message.toTag
    if (status < 200) this.#accept(call)
    else if (call.final === undefined) this.#onFinal(call, message)
  }

  #accept(call: CallFacts): void {
    if (call.acceptedAt !== undefined) return
    call.acceptedAt = this.#wire.nowMs
    for (const { name, room, members } of callerScopes(call)) {
      const limits = this.#ledger.inForceSince(call.arrivedAt ?? 0).map(room)
      const held = this.#ledger.calls.filter((one) => members(one) && holdsCaller(one)).length
      this.#checkRoom(name, limits, { held, times: this.#acceptTimes })
    }
  }

  #checkRoom(name: string, limits: Room[], use: { held: number; times: Map<string, number[]> }): void {
    const now = this.#wire.nowMs
    const times = (use.times.get(name) ?? []).filter((at) => at > now - 1_000)
    times.push(now)
    use.times.set(name, times)
    const most = (pick: (room: Room) => number): number =>
      Math.max(...limits.map((room) => pick(room) || Number.POSITIVE_INFINITY))
    const channels = most((room) => room.channelsMax)
    const perSecond = most((room) => room.callsPerSecondMax)
    this.#check(use.held <= channels, `${name} holds ${use.held} calls, its limit is ${channels}`)
    this.#check(times.length <= perSecond, `${name} got ${times.length} calls in a second, its limit is ${perSecond}`)
  }

  #onFinal(call: CallFacts, message: SipMessage): void {
    call.final = { status: message.status, at: this.#wire.nowMs }
    const attempt = call.attempts.at(-1)
    if (message.status >= 300 && attempt !== undefined && call.cancelledAt === undefined)
      this.#checkPatience(attempt, `the caller got ${message.status}`)
    this.#ledger.giveUp(call)
    if (message.status >= 300) return
    this.#check(attempt?.successAt !== undefined, 'the caller got a 2xx and no gateway sent one in time')
    this.#check(attempt?.givenUpAt === undefined, 'the caller was connected to an attempt that was given up')
  }

  #onRequestToCaller(message: SipMessage): void {
    const call = this.#ledger.callOf(message)
    if (call === undefined) return this.break(`a ${message.method} to the caller belongs to no call`)
    if (message.method === 'BYE') call.byeToCallerAt ??= this.#wire.nowMs
  }

  #onInvite(sent: Sent): void {
    const { message } = sent
    const known = this.#ledger.attempts.get(message.callId)
    if (known !== undefined) {
      this.#check(known.heardAt === undefined, 'an INVITE was sent again after a reply')
      this.#check(known.givenUpAt === undefined, 'an INVITE was sent again after it was given up')
      return
    }
    const call = this.#ledger.callOfNumber(message)
    if (call === undefined) return this.break(`an INVITE for ${message.requestUri}, which nobody dialled`)
    this.#checkTurn(call, sent.address)
    this.#ledger.giveUp(call)
    const attempt = this.#ledger.addAttempt(call, sent)
    this.#expectCancels(call)
    this.#checkGateway(attempt)
  }

  /** Whether it is time for another attempt. */
  #checkTurn(call: CallFacts, address: string): void {
    this.#check(
      call.final === undefined,
      `an INVITE to ${address} for ${call.number} after the caller had ${call.final?.status}`,
    )
    this.#check(call.cancelledAt === undefined, 'an INVITE after the caller had cancelled')
    for (const attempt of call.attempts) {
      this.#check(attempt.address !== address, `one call tries ${address} twice`)
      this.#check(attempt.successAt === undefined || isLate(attempt), `an INVITE to ${address} after a 2xx had come`)
    }
    const last = call.attempts.at(-1)
    if (last === undefined) return
    this.#checkPatience(last, 'the next attempt began')
    this.#check(last.failedAt !== undefined || last.ringingAt === undefined, 'an attempt began while one was ringing')
  }

  /** An attempt without a final response is waited for. */
  #checkPatience(attempt: AttemptFacts, what: string): void {
    if (attempt.failedAt !== undefined || attempt.refusedAt !== undefined) return
    const { heardAt, ringingAt, sentAt, address } = attempt
    const waited = this.#wire.nowMs - sentAt
    const least = ringingAt !== undefined ? ringMs : heardAt === undefined ? firstReplyMs : progressMs
    this.#check(waited >= least, `${what} when ${address} had had ${waited} ms, not ${least}`)
  }

  #checkGateway(attempt: AttemptFacts): void {
    const { call, address } = attempt
    const configs = this.#ledger.inForceSince(call.arrivedAt ?? 0)
    const find = (config: StormConfig) => config.gateways.find((one) => one.address === address)
    const usable = configs.some((config) => find(config)?.present === true && find(config)?.state === 'on')
    this.#check(usable, `an INVITE to ${address}, which is not configured or not on`)
    const name = find(configs[0] as StormConfig)?.carrier ?? ''
    const held = (within: (address: string) => boolean): number =>
      [...this.#ledger.attempts.values()].filter((one) => within(one.address) && holdsGateway(one)).length
    const times = this.#attemptTimes
    const none = { channelsMax: 0, callsPerSecondMax: 0 }
    this.#checkRoom(
      `gateway ${address}`,
      configs.map((config) => find(config) ?? none),
      { held: held((one) => one === address), times },
    )
    const network = address.slice(0, 5)
    const limits = configs.map((config) => config.carriers[name] ?? none)
    this.#checkRoom(`carrier ${name}`, limits, { held: held((one) => one.startsWith(network)), times })
  }

  /** RFC 3261 9.1, and two phones must not ring: what was given up after a 1xx and brought nothing final is cancelled. */
  #expectCancels(call: CallFacts): void {
    for (const attempt of call.attempts)
      if (attempt.givenUpAt !== undefined && attempt.failedAt === undefined && attempt.provisionalAt !== undefined)
        this.#expectations.push(() =>
          attempt.cancelled || attempt.successAt !== undefined
            ? undefined
            : `no CANCEL to ${attempt.address} for ${call.number}`,
        )
  }

  #onRequestToGateway(message: SipMessage): void {
    const attempt = this.#ledger.attempts.get(message.callId)
    if (attempt === undefined) return this.break(`a ${message.method} to a gateway belongs to no attempt`)
    const { method, toTag = '' } = message
    const branch = message.topVia.branch ?? ''
    if (method === 'INVITE') {
      if (!attempt.reinvites.has(branch)) attempt.reinvites.set(branch, false)
    } else if (method === 'CANCEL' && toTag !== '')
      this.#check(attempt.reinvites.get(branch) === true, 'a CANCEL of a re-INVITE before any 1xx, or of none')
    else if (method === 'CANCEL') {
      this.#check(attempt.provisionalAt !== undefined, 'a CANCEL before any 1xx')
      const repeated = attempt.cancelled
      this.#check(repeated || attempt.failedAt === undefined, 'a CANCEL after the final response')
      this.#check(message.topVia.branch === attempt.branch, 'a CANCEL with another branch than its INVITE')
      attempt.cancelled = true
    } else if (method === 'ACK') {
      const key = `${message.cseq.number} ${toTag}`
      attempt.acknowledged.set(key, (attempt.acknowledged.get(key) ?? 0) + 1)
    } else if (method === 'BYE') {
      this.#check(
        attempt.call.byeWasEarly || attempt.successAt !== undefined,
        'a BYE to a gateway that has not answered',
      )
      attempt.ended.add(toTag)
    }
  }

  onDelivered(message: SipMessage, address: string): void {
    if (message.kind === 'request' && message.method === 'INVITE') {
      const key = `${address} INVITE ${message.topVia.branch}`
      // 17.2.1: 100 at least, so that the sender waits.
      this.#expectations.push(() =>
        this.#answered.has(key) ? undefined : `no answer of any kind to an INVITE of ${address}`,
      )
    }
    if (isCaller(address)) this.#onFromCaller(message)
    else if (message.kind === 'response') this.#onReply(message)
    else this.#onGatewayRequest(message)
  }

  #onFromCaller(message: SipMessage): void {
    const call = this.#ledger.callOf(message)
    const now = this.#wire.nowMs
    if (call === undefined || message.kind === 'response') return
    if (message.method === 'INVITE') call.arrivedAt ??= now
    else if (message.method === 'ACK') {
      call.unacknowledged.delete(message.cseq.number)
      if (message.cseq.number === 1) call.acknowledgedAt ??= now
    } else {
      const early = call.final === undefined
      if (message.method === 'BYE') {
        call.byeFromCallerAt ??= now
        call.byeWasEarly ||= early
      }
      if (early && (message.method === 'CANCEL' || message.toTag === call.shownTag)) {
        call.cancelledAt ??= now
        this.#expectations.push(() =>
          call.final?.status === 487 ? undefined : `no 487 after a ${message.method} of ${call.number}`,
        )
        this.#expectLater(call)
      }
      const branch = message.topVia.branch ?? ''
      this.#expectations.push(() =>
        this.finalOf(call.caller.plan.address, message.method, branch) === undefined
          ? `no answer to a ${message.method} of ${call.number}`
          : undefined,
      )
    }
  }

  /** The CANCELs that must follow are known once the final answer is out. */
  #expectLater(call: CallFacts): void {
    this.#expectations.push(() => {
      const open = call.attempts.find(
        (one) =>
          one.provisionalAt !== undefined &&
          one.refusedAt === undefined &&
          one.failedAt === undefined &&
          one.successAt === undefined &&
          !one.cancelled,
      )
      return open === undefined ? undefined : `no CANCEL to ${open.address} after the caller's, for ${call.number}`
    })
  }

  #onReply(response: SipMessage): void {
    const attempt = this.#ledger.attempts.get(response.callId)
    if (attempt === undefined || response.cseq.method !== 'INVITE') return
    const { branch = '' } = response.topVia
    if (response.status < 200 && attempt.reinvites.has(branch)) attempt.reinvites.set(branch, true)
    if (branch !== attempt.branch) return
    const late = attempt.givenUpAt !== undefined
    this.#ledger.hear(attempt, response)
    if (response.status < 200) {
      if (late && attempt.failedAt === undefined && attempt.successAt === undefined) this.#expectCancels(attempt.call)
    } else if (response.status < 300) this.#expectAck(attempt, response, late)
  }

  /** 13.2.2.4: each copy of a 2xx gets an ACK, and a dialog that nobody wants a BYE, as long as its phone waits. */
  #expectAck(attempt: AttemptFacts, response: SipMessage, late: boolean): void {
    const tag = response.toTag ?? ''
    const dialog = attempt.seen?.dialogs.find((one) => one.tag === tag)
    if (dialog === undefined || dialog.acknowledged || dialog.state !== 'up') return
    const key = `1 ${tag}`
    const before = attempt.acknowledged.get(key) ?? 0
    const { call } = attempt
    const waits = call.caller.plan.lateOffer && attempt.winner === tag && !late && call.acknowledgedAt === undefined
    this.#expectations.push(() => {
      if (!waits && (attempt.acknowledged.get(key) ?? 0) === before)
        return `no ACK to a 2xx of ${attempt.address} for ${call.number}`
      if (late && !attempt.ended.has(tag)) return `a late 2xx of ${attempt.address} for ${call.number} was not ended`
      return undefined
    })
  }

  #onGatewayRequest(message: SipMessage): void {
    const attempt = this.#ledger.attempts.get(message.callId)
    if (message.method === 'ACK') attempt?.unacknowledged.delete(message.cseq.number)
    if (attempt === undefined || message.method !== 'BYE') return
    attempt.ended.add(message.fromTag ?? '')
    const branch = message.topVia.branch ?? ''
    this.#expectations.push(() =>
      this.finalOf(attempt.address, 'BYE', branch) === undefined ? 'no answer to a BYE of a gateway' : undefined,
    )
  }
}

const isLate = ({ successAt, givenUpAt }: AttemptFacts): boolean =>
  givenUpAt !== undefined && successAt !== undefined && givenUpAt <= successAt

interface CallerScope {
  readonly name: string
  readonly room: (config: StormConfig) => Room
  readonly members: (call: CallFacts) => boolean
}

function callerScopes({ caller, number }: CallFacts): CallerScope[] {
  const customer = stormCallers[caller.plan.address] ?? ''
  const none = { channelsMax: 0, callsPerSecondMax: 0 }
  const scopes: CallerScope[] = [
    { name: 'the system', room: (config) => config.system, members: () => true },
    {
      name: `customer ${customer}`,
      room: (config) => config.customers[customer] ?? none,
      members: (one) => stormCallers[one.caller.plan.address] === customer,
    },
  ]
  if (number.startsWith(londonPrefix))
    scopes.push({
      name: 'the London route',
      room: (config) => config.londonRoute,
      members: (one) => one.number.startsWith(londonPrefix),
    })
  return scopes
}
