// What must be true of a storm as a whole: room held while it lasts, and at the end every call told once, nothing left.
import type { ToldRecord } from './edge-rig.ts'
import type { StormConfig } from './storm-config.ts'
import { stormCallers } from './storm-config.ts'
import type { AttemptFacts, CallFacts, StormLedger } from './storm-ledger.ts'
import { holdsCaller, holdsGateway } from './storm-ledger.ts'
import type { StormRules } from './storm-rules.ts'
import type { StormWire } from './storm-wire.ts'

export interface AuditParts {
  readonly wire: StormWire
  readonly ledger: StormLedger
  readonly rules: StormRules
}

/** How long the edge may hold room when a peer is gone: the longest call, then a BYE that nobody answers. */
const graceMs = 90_000

/** Room held at the edge against live dialogs as the peers know them: never less, and more only for a while. */
export function auditRoom({ wire, ledger, rules }: AuditParts, config: StormConfig): void {
  const { limits } = wire.rig.edge
  const held = (): Map<string, readonly string[]> =>
    new Map(limits.states(1_000).map((one) => [`${one.scope} ${one.id} ${one.kind}`, one.calls]))
  const compare = (scope: 'endpoint' | 'account', name: string, counts: { live: number; possible: number }): void => {
    const used = limits.usedChannels(scope, name)
    if (used < counts.live) rules.break(`${name}: ${counts.live} calls are live and the edge holds ${used} channels`)
    if (used <= counts.possible) return
    const numbers = held()
      .get(`${scope} ${name} channels`)
      ?.map((id) => wire.rig.edge.calls.find(id)?.dialled)
    rules.break(`${name}: the edge holds ${used} channels for at most ${counts.possible} calls (${numbers?.join(' ')})`)
  }
  const now = wire.nowMs
  const attempts = [...ledger.attempts.values()]
  for (const attempt of attempts) if (!holdsGateway(attempt)) attempt.freeAt ??= now
  for (const call of ledger.calls) if (call.acceptedAt !== undefined && !holdsCaller(call)) call.freeAt ??= now
  const recent = (one: AttemptFacts | CallFacts): boolean => one.freeAt === undefined || one.freeAt > now - graceMs
  for (const { name, address } of config.gateways) {
    const mine = attempts.filter((one) => one.address === address)
    const live = mine.filter(holdsGateway).length
    compare('endpoint', name, { live, possible: mine.filter(recent).length })
  }
  for (const [address, name] of Object.entries(stormCallers)) {
    const mine = ledger.calls.filter((one) => one.caller.plan.address === address && one.acceptedAt !== undefined)
    const live = mine.filter(holdsCaller).length
    compare('account', name, { live, possible: mine.filter(recent).length })
  }
}

/** A record that just came up against what the onlooker knows. */
export function auditRecord(parts: AuditParts, record: ToldRecord): void {
  const { ledger, rules, wire } = parts
  const found = ledger.calls.find((one) => one.caller.callId === record.callerCallId)
  if (found === undefined) return rules.break(`a record of ${record.callerCallId}, who never called`)
  const fault = findRecordFault(found, record, Date.UTC(2026, 0, 1) - 1_000_000)
  if (fault !== undefined) rules.break(`the record of ${found.number}: ${fault}`)
  const again = wire.rig.records.filter((one) => one.callerCallId === record.callerCallId).length
  if (again > 1) rules.break(`${again} records of one call`)
}

const outcomeOf = (call: CallFacts): ToldRecord['outcome'][] => {
  const status = call.final?.status ?? 0
  if (status >= 200 && status < 300) return ['answered']
  if (call.cancelledAt !== undefined) return ['cancelled']
  return call.acceptedAt === undefined ? ['refused'] : ['failed']
}

function findRecordFault(call: CallFacts, record: ToldRecord, wallOffset: number): string | undefined {
  const { final, attempts } = call
  if (final === undefined) return 'the caller has no final answer yet'
  if (record.status !== final.status) return `it says ${record.status}, the caller got ${final.status}`
  if (!outcomeOf(call).includes(record.outcome)) return `it says ${record.outcome}, the caller got ${final.status}`
  if (record.startedAt - wallOffset !== call.arrivedAt) return 'its start is not when the INVITE arrived'
  if (record.outcome === 'answered' && record.answeredAt !== final.at + wallOffset)
    return 'its answer is not when the 2xx left'
  if (record.attempts.length !== attempts.length)
    return `it has ${record.attempts.length} attempts, the gateways saw ${attempts.length}`
  for (const [index, row] of record.attempts.entries()) {
    const fault = findAttemptFault(attempts[index] as AttemptFacts, row, wallOffset)
    if (fault !== undefined) return `attempt ${index + 1}: ${fault}`
  }
  return record.outcome === 'answered' ? findEndFault(call, record) : undefined
}

function findAttemptFault(
  attempt: AttemptFacts,
  row: ToldRecord['attempts'][number],
  wallOffset: number,
): string | undefined {
  if (row.callId !== attempt.callId) return 'it has another Call-ID'
  if (row.target !== `udp:${attempt.address}:5060`) return `it went to ${attempt.address}, not to ${row.target}`
  if (row.startedAt !== attempt.sentAt + wallOffset) return 'it began at another time'
  if (attempt.heardAt !== undefined && row.firstReplyAt !== null && row.firstReplyAt !== attempt.heardAt + wallOffset)
    return 'its first reply was at another time'
  const failed = attempt.failedStatus
  if (row.status !== null && row.status >= 300 && row.status !== failed) return `it says ${row.status}, not ${failed}`
  if (failed !== undefined && attempt.givenUpAt === undefined && row.status !== failed)
    return `it says ${row.status}, the gateway sent ${failed}`
  return undefined
}

/** When the record of an answered call comes, each side has sent BYE, or got one, or has yet to send its ACK. */
function findEndFault(call: CallFacts, record: ToldRecord): string | undefined {
  const attempt = call.attempts.at(-1) as AttemptFacts
  const { byeToCallerAt, byeFromCallerAt, acknowledgedAt } = call
  const callerTold = byeToCallerAt !== undefined || byeFromCallerAt !== undefined
  if (!callerTold && call.unacknowledged.size === 0) return `no BYE to the caller (${record.releaseReason})`
  if (attempt.ended.size === 0 && attempt.unacknowledged.size === 0)
    return `no BYE to the gateway (${record.releaseReason})`
  if (record.releaseReason === 'caller BYE' && byeFromCallerAt === undefined) return 'the caller sent no BYE'
  if (record.releaseReason === 'missing ACK' && acknowledgedAt !== undefined && call.caller.requests.length === 1)
    return 'the caller did send its ACK'
  return undefined
}

/** Everybody has had time to finish. */
export function auditEnd(parts: AuditParts): void {
  const { wire, ledger, rules } = parts
  const { rig } = wire
  for (const call of ledger.calls) auditCall(parts, call)
  for (const attempt of ledger.attempts.values()) auditAttempt(rules, attempt)
  const left = rig.edge.leftovers()
  for (const [what, count] of Object.entries(left)) if (count !== 0) rules.break(`${count} ${what} are left`)
  for (const state of rig.edge.limits.states(3))
    if (state.kind === 'channels' && state.used !== 0)
      rules.break(`${state.scope} ${state.name} still holds ${state.used} channels`)
  auditMetrics(parts)
}

function auditCall({ rules, wire }: AuditParts, call: CallFacts): void {
  const { caller, final, arrivedAt } = call
  const records = wire.rig.records.filter((one) => one.callerCallId === caller.callId).length
  const expected = final === undefined ? 0 : 1
  if (records !== expected) rules.break(`${records} records of call ${call.number}, ${expected} expected`)
  if (arrivedAt !== undefined && final === undefined) rules.break(`call ${call.number} has no final answer`)
  if (caller.state === 'vanished') return
  if (caller.state !== 'over') rules.break(`call ${call.number} is still ${caller.state} for its caller`)
  for (const request of caller.requests) {
    if (request.final !== undefined) continue
    const sent = rules.finalOf(caller.plan.address, request.method, request.branch)
    if (sent === undefined && request === caller.requests[0] && arrivedAt === undefined) continue
    if (request.timedOut || sent === undefined)
      rules.break(`the ${request.method} of ${call.number} was never answered`)
  }
  const seen = caller.requests[0]?.final
  if (seen !== undefined && seen !== final?.status)
    rules.break(`the caller got ${seen}, the edge sent ${final?.status}`)
  auditConnection(rules, call)
}

/** The caller talked to the phone that the edge kept. */
function auditConnection(rules: StormRules, call: CallFacts): void {
  const { talksTo } = call.caller
  if (talksTo === undefined) return
  const dialog = call.attempts.at(-1)?.seen?.dialogs.find((one) => one.name === talksTo)
  if (dialog === undefined) rules.break(`the caller talked to ${talksTo}, which is not the last gateway asked`)
}

function auditAttempt(rules: StormRules, attempt: AttemptFacts): void {
  const { seen, address } = attempt
  if (seen === undefined || seen.state === 'vanished') return
  const { call } = attempt
  // Without an offer in the INVITE the gateway's 2xx waits for an ACK that such a caller never sends.
  if (call.caller.plan.lateOffer && call.acknowledgedAt === undefined) return
  for (const complaint of seen.complaints) rules.break(`${address} for ${attempt.call.number}: ${complaint}`)
  if (seen.state === 'pending') {
    const silent = attempt.provisionalAt === undefined
    if (!silent && !attempt.cancelled)
      rules.break(`${address} for ${attempt.call.number} still rings and got no CANCEL`)
  }
  for (const dialog of seen.dialogs)
    if (dialog.state === 'up')
      rules.break(`${address} for ${attempt.call.number} still thinks that it talks to somebody`)
}

function auditMetrics({ wire, rules, ledger }: AuditParts): void {
  const { rig } = wire
  const sums = new Map<string, number>()
  const add = (name: string, value: number): void => void sums.set(name, (sums.get(name) ?? 0) + value)
  for (const { metric, labels, values } of rig.edge.metrics.snapshot()) {
    if (metric === 'sipMessages') add(`messages ${labels[0]}`, values[0] ?? 0)
    else if (metric === 'callsActive' && values[0] !== 0)
      rules.break(`${values[0]} active calls of ${labels[0]} are counted`)
    else if (metric === 'callsTotal') add('calls', values[0] ?? 0)
    else if (metric === 'callSetupSeconds')
      add(
        'answered',
        values.slice(0, -1).reduce((sum, one) => sum + one, 0),
      )
  }
  const answered = ledger.calls.filter((one) => one.final !== undefined && one.final.status < 300).length
  const expected = [
    ['messages in', wire.received],
    ['messages out', wire.sent],
    ['calls', rig.records.length],
    ['answered', answered],
  ] as const
  for (const [name, count] of expected)
    if ((sums.get(name) ?? 0) !== count) rules.break(`${name} are counted as ${sums.get(name)}, there were ${count}`)
}
