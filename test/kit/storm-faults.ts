// Planted faults: small sabotages of one edge, from outside, for one storm. Each is a mistake that somebody could make, and
// each must break a rule of the storm. What is replaced on a class is put back by whoever planted it.
import { Answer } from '../../src/call/answer.ts'
import { sendCancel } from '../../src/call/attempt-requests.ts'
import { Attempt } from '../../src/call/attempt.ts'
import { Call } from '../../src/call/call.ts'
import { SessionTimer } from '../../src/call/session-timer.ts'
import type { Permit } from '../../src/policy/verdict.ts'
import type { EdgeRig } from './edge-rig.ts'
import { stormCallers } from './storm-config.ts'

/** Returns what undoes it, if it reached beyond this edge. */
type Plant = (rig: EdgeRig) => (() => void) | void

export interface PlantedFault {
  readonly name: string
  readonly plant: Plant
}

/** Replaces one method for as long as the storm lasts. */
function replace<Owner extends object, Key extends keyof Owner>(
  owner: Owner,
  key: Key,
  make: (original: Owner[Key]) => Owner[Key],
): () => void {
  const original = owner[key]
  owner[key] = make(original)
  return () => {
    owner[key] = original
  }
}

/** True each `nth` time. */
function eachNth(nth: number): () => boolean {
  let count = 0
  return () => (count += 1) % nth === 0
}

const startOf = (bytes: Buffer): string => bytes.toString('latin1', 0, Math.min(8, bytes.length))

/** Drops what the edge sends, before it is counted or seen. */
const dropSent =
  (isLost: (bytes: Buffer, address: string) => boolean): Plant =>
  (rig) => {
    const { transport } = rig.edge.context
    const send = transport.send.bind(transport)
    transport.send = (bytes, target) => {
      if (!isLost(bytes, target.address)) send(bytes, target)
    }
  }

/** By what an ACK answers: Call-ID, CSeq and tags. */
function isRepeatedAck(): (bytes: Buffer) => boolean {
  const known = new Set<string>()
  return (bytes) => {
    if (!startOf(bytes).startsWith('ACK')) return false
    const key = (bytes.toString('latin1').match(/^(?:To|Call-ID|CSeq):.*$/gm) ?? []).join()
    if (known.has(key)) return true
    known.add(key)
    return false
  }
}

const onPermit =
  (change: (permit: Permit, rig: EdgeRig) => Permit): Plant =>
  (rig) => {
    const { limits } = rig.edge
    const admit = limits.admitGateway.bind(limits)
    limits.admitGateway = (...facts) => {
      const permit = admit(...facts)
      return 'kind' in permit ? permit : change(permit, rig)
    }
  }

const onPublish =
  (change: (publish: EdgeRig['edge']['publish'], ...given: Parameters<EdgeRig['edge']['publish']>) => void): Plant =>
  ({ edge }) => {
    const publish = edge.publish.bind(edge)
    edge.publish = (directory) => change(publish, directory)
  }

function forgetRelease(): Plant {
  const isOne = eachNth(30)
  return onPermit((permit) => (isOne() ? { release: () => undefined } : permit))
}

/** What a plain counter does when a call gives its room back twice: that of another call goes with it. */
function releaseTwice(): Plant {
  const held: Permit[] = []
  const isOne = eachNth(10)
  return onPermit((permit) => {
    held.push(permit)
    return {
      release: () => {
        permit.release()
        held.splice(held.indexOf(permit), 1)
        if (isOne()) held[0]?.release()
      },
    }
  })
}

function recordTwice(rig: EdgeRig): void {
  const { context } = rig.edge
  const isOne = eachNth(20)
  replace(context, 'onRecord', (onRecord) => (record) => {
    onRecord(record)
    if (isOne()) onRecord(record)
  })
}

function loseRecord(rig: EdgeRig): void {
  const isOne = eachNth(20)
  replace(rig.edge.context, 'onRecord', (onRecord) => (record) => (isOne() ? undefined : onRecord(record)))
}

function confuseOutcome(rig: EdgeRig): void {
  replace(
    rig.edge.context,
    'onRecord',
    (onRecord) => (record) =>
      onRecord(record.outcome === 'cancelled' ? { ...record, outcome: 'failed', releaseReason: 'timeout' } : record),
  )
}

function forgetAttempt(rig: EdgeRig): void {
  replace(
    rig.edge.context,
    'onRecord',
    (onRecord) => (record) => onRecord({ ...record, attempts: record.attempts.slice(-1) }),
  )
}

/** Hunts on although a gateway has answered. */
const huntAfterAnswer: Plant = () =>
  replace(Call.prototype, 'onAnswered', (onAnswered) => {
    return function (this: Call, attempt, ...rest) {
      onAnswered.call(this, attempt, ...rest)
      const { state } = this
      this.state = 'hunting'
      this.parts.hunt?.onFailure(attempt, { kind: 'firstReplyTimeout' })
      this.state = state
    }
  })

/** A repeated 503 is taken for another one. */
const advanceTwice: Plant = (rig) => {
  const { transactions } = rig.edge
  replace(transactions, 'findClient', (findClient) => (response) => {
    const found = findClient.call(transactions, response)
    if (found?.state === 'completed' && response.status === 503 && found.user instanceof Attempt)
      if (found.user.call.state === 'hunting')
        found.user.call.parts.hunt?.onFailure(found.user, { kind: 'status', status: 503, response })
    return found
  })
}

/** A 2xx of an attempt that was given up makes the call after all. */
const connectLate: Plant = () =>
  replace(Attempt.prototype, 'onResponse', (onResponse) => {
    return function (this: Attempt, transaction, response) {
      if (this.state === 'givenUp' && response.status >= 200 && response.status < 300) this.state = 'ringing'
      onResponse.call(this, transaction, response)
    }
  })

const ignoreLate: Plant = () =>
  replace(Attempt.prototype, 'onResponse', (onResponse) => {
    return function (this: Attempt, transaction, response) {
      const isLate = this.state === 'givenUp' && response.status >= 200 && response.status < 300
      if (!isLate) onResponse.call(this, transaction, response)
    }
  })

const cancelUnheard: Plant = () =>
  replace(Attempt.prototype, 'giveUp', (giveUp) => {
    return function (this: Attempt, reason) {
      const unheard = this.firstReplyAt === null && !this.over
      giveUp.call(this, reason)
      if (unheard) sendCancel(this)
    }
  })

/** The session timer of a leg runs on when the call is over. */
const leakTimer: Plant = ({ edge: { timers } }) => {
  const stop = timers.stop.bind(timers)
  timers.stop = (timer) => {
    if (!(timer?.owner instanceof SessionTimer)) stop(timer)
  }
}

/** 18x go to the caller with the tag that the gateway gave them. */
const passTag: Plant = ({ edge: { context } }) => {
  let tag: string | undefined
  const { transport } = context
  const reply = transport.reply.bind(transport)
  transport.reply = (bytes, flow, port) => {
    const text = bytes.toString('latin1')
    const passed = tag === undefined ? bytes : Buffer.from(text.replace(/^(To:.*;tag=)[^;\r]*/m, `$1${tag}`), 'latin1')
    reply(passed, flow, port)
  }
  return replace(Call.prototype, 'answerCaller', (answerCaller) => {
    return function (this: Call, status, reasonPhrase, more) {
      tag = status < 200 ? more?.source?.toTag : undefined
      answerCaller.call(this, status, reasonPhrase, more)
      tag = undefined
    }
  })
}

/** Retransmitted INVITEs are taken for new calls. */
const answerCopies: Plant = ({ edge: { transactions, calls } }) => {
  const findServer = transactions.findServer.bind(transactions)
  transactions.findServer = (request) => (request.method === 'INVITE' ? undefined : findServer(request))
  calls.findMerged = () => undefined
}

/** Another final answer follows the first. */
const answerAgain: Plant = ({ edge: { context } }) => {
  const { transport } = context
  const reply = transport.reply.bind(transport)
  const isOne = eachNth(10)
  transport.reply = (bytes, flow, port) => {
    reply(bytes, flow, port)
    if (!bytes.toString('latin1', 0, 11).startsWith('SIP/2.0 487') || !isOne()) return
    reply(Buffer.from(bytes.toString('latin1').replace('SIP/2.0 487', 'SIP/2.0 500'), 'latin1'), flow, port)
  }
}

/** A 100 with a To tag answers a re-INVITE. */
const keepTrying: Plant = ({ edge: { context } }) => {
  const { transport } = context
  const reply = transport.reply.bind(transport)
  transport.reply = (bytes, flow, port) => {
    const text = bytes.toString('latin1')
    if (!(text.startsWith('SIP/2.0 100') && /^To:.*;tag=/m.test(text))) reply(bytes, flow, port)
  }
}

const raiseLimits = onPublish((publish, directory) =>
  publish({
    ...directory,
    endpoints: directory.endpoints.map((one) =>
      one.channelsMax === 0 ? one : { ...one, channelsMax: one.channelsMax + 1 },
    ),
  }),
)

const ignoreRate = onPublish((publish, directory) =>
  publish({ ...directory, endpoints: directory.endpoints.map((one) => ({ ...one, callsPerSecondMax: 0 })) }),
)

const ignoreCallerLimits = onPublish((publish, directory) =>
  publish({
    ...directory,
    system: { ...directory.system, channelsMax: 0 },
    accounts: directory.accounts.map((one) => (one.kind === 'customer' ? { ...one, channelsMax: 0 } : one)),
  }),
)

const keepDirectory = onPublish(() => undefined)

const isCallers = (address: string): boolean => address in stormCallers

export const plantedFaults: readonly PlantedFault[] = [
  { name: 'the room of some attempts is never given back', plant: (rig) => forgetRelease()(rig) },
  { name: 'room is given back twice', plant: (rig) => releaseTwice()(rig) },
  { name: 'limits of gateways are off by one', plant: raiseLimits },
  { name: 'calls per second toward gateways are not counted', plant: ignoreRate },
  { name: 'channels of the system and of customers are not limited', plant: ignoreCallerLimits },
  { name: 'a published directory is not taken', plant: keepDirectory },
  { name: 'another gateway is asked after the 2xx', plant: huntAfterAnswer },
  { name: 'a repeated 503 advances the hunt', plant: advanceTwice },
  { name: 'CANCEL is lost', plant: dropSent((bytes) => startOf(bytes).startsWith('CANCEL')) },
  { name: 'CANCEL goes out before any reply', plant: cancelUnheard },
  {
    name: 'a CANCEL of the caller changes nothing',
    plant: () => replace(Call.prototype, 'onCancel', () => () => undefined),
  },
  { name: 'a late 2xx is connected', plant: connectLate },
  { name: 'a late 2xx is ignored', plant: ignoreLate },
  {
    name: 'the ACK of a repeated 2xx is not repeated',
    plant: (rig) => dropSent(isRepeatedAck())(rig),
  },
  {
    name: 'only the gateway gets BYE',
    plant: dropSent((bytes, address) => startOf(bytes).startsWith('BYE') && isCallers(address)),
  },
  {
    name: 'only the caller gets BYE',
    plant: dropSent((bytes, address) => startOf(bytes).startsWith('BYE') && !isCallers(address)),
  },
  { name: 'our 2xx is sent only once', plant: () => replace(Answer.prototype, 'onTimer', () => () => undefined) },
  { name: 'a re-INVITE gets no 100', plant: keepTrying },
  { name: 'a timer runs on after the call', plant: leakTimer },
  { name: 'some records come twice', plant: recordTwice },
  { name: 'some records never come', plant: loseRecord },
  { name: 'records call a cancelled call failed', plant: confuseOutcome },
  { name: 'records hold the last attempt only', plant: forgetAttempt },
  { name: 'the tag of the gateway reaches the caller', plant: passTag },
  { name: 'a retransmitted INVITE makes another call', plant: answerCopies },
  { name: 'a second final answer follows the first', plant: answerAgain },
]
