import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CallRecord } from '../call/record.ts'
import type { Happening } from '../store/statistics-rows.ts'
import { attemptRecord, callRecord } from '../../test/kit/call-records.ts'
import { endingOf, happeningsOf } from './happenings.ts'

const of = (record: CallRecord): Happening[] => happeningsOf([{ record, charge: undefined }])

const short = (happenings: readonly Happening[]): unknown[] =>
  happenings.map(({ subject, figures }) => [
    `${subject.kind}/${subject.id}`,
    figures.attempts,
    figures.answered,
    figures.failed,
    figures.cancelled,
    Object.fromEntries(figures.codes),
  ])

const failed = attemptRecord({
  endpointId: 'ep_bad',
  accountId: 'car_bad',
  status: 503,
  reason: '503 from the gateway',
})

test('a call counts once for its caller, with entry and SIP user, and once for each attempt at a gateway and its account', () => {
  assert.deepEqual(short(of(callRecord(1, { attempts: [failed, attemptRecord()] }))), [
    ['system/', 1, 1, 0, 0, { 200: 1 }],
    ['fromAccount/cus_pbx', 1, 1, 0, 0, { 200: 1 }],
    ['sender/ep_pbx', 1, 1, 0, 0, { 200: 1 }],
    ['gateway/ep_bad', 1, 0, 1, 0, { 503: 1 }],
    ['toAccount/car_bad', 1, 0, 1, 0, { 503: 1 }],
    ['gateway/ep_acme1', 1, 1, 0, 0, { 200: 1 }],
    ['toAccount/car_acme', 1, 1, 0, 0, { 200: 1 }],
  ])
})

test('a refused call counts for its caller only, of an unknown caller for the system only', () => {
  const refused = { outcome: 'refused', status: 403, answeredAt: null, talkMs: 0, attempts: [] } as const
  assert.deepEqual(short(of(callRecord(1, refused))), [
    ['system/', 1, 0, 1, 0, { 403: 1 }],
    ['fromAccount/cus_pbx', 1, 0, 1, 0, { 403: 1 }],
    ['sender/ep_pbx', 1, 0, 1, 0, { 403: 1 }],
  ])
  const user = { callerEndpointId: null, callerSipUserId: 'sip_1', callerSipUser: '441' }
  assert.deepEqual(short(of(callRecord(1, { ...refused, ...user }))).at(-1), ['sipUser/sip_1', 1, 0, 1, 0, { 403: 1 }])
  const nobody = { callerAccountId: null, callerEndpointId: null }
  assert.deepEqual(short(of(callRecord(1, { ...refused, ...nobody }))), [['system/', 1, 0, 1, 0, { 403: 1 }]])
})

test('what the caller stops is cancelled where it was under way, and failed where it had failed before', () => {
  const open = attemptRecord({ status: null, reason: 'cancelled' })
  const cancelled = { outcome: 'cancelled', status: 487, answeredAt: null, talkMs: 0 } as const
  const call = callRecord(1, { ...cancelled, attempts: [failed, open] })
  assert.deepEqual(
    call.attempts.map((attempt) => endingOf(call, attempt)),
    ['failed', 'cancelled'],
  )
  const between = callRecord(1, { ...cancelled, attempts: [failed], detail: 'the caller cancelled' })
  assert.equal(endingOf(between, failed), 'failed')
  const lost = attemptRecord({ status: null, reason: 'the caller cannot be reached' })
  const gone = callRecord(1, { ...cancelled, attempts: [lost], detail: 'the caller cannot be reached' })
  assert.equal(endingOf(gone, lost), 'cancelled')
  const [, , , gateway] = of(callRecord(1, { ...cancelled, attempts: [open] }))
  assert.deepEqual(Object.fromEntries(gateway?.figures.codes ?? []), { 0: 1 })
})

test('talk time and setup time belong to who answered; times are where the call began', () => {
  const start = Date.UTC(2026, 0, 1)
  const call = callRecord(0, {
    startedAt: start,
    answeredAt: start + 4_000,
    talkMs: 12_345.6,
    attempts: [
      { ...failed, ringingAt: null, startedAt: start + 5 },
      attemptRecord({ startedAt: start + 3_000, ringingAt: null }),
    ],
  })
  const happenings = of(call)
  assert.ok(happenings.every(({ at }) => at === start))
  const [, , , bad, , good] = happenings
  assert.deepEqual([bad?.figures.talkMs, bad?.figures.setups], [0, 0])
  assert.deepEqual([good?.figures.talkMs, good?.figures.setupMs, good?.figures.setups], [12_346, 1_000, 1])
})

test('a clock that was set back makes no negative time', () => {
  const call = callRecord(1, { attempts: [attemptRecord({ startedAt: 10_000, ringingAt: 5_000 })] })
  assert.ok(of(call).every(({ figures }) => figures.setupMs >= 0))
})

test('the cost is charged to the gateway and the account that answered, as a figure', () => {
  const charge = { cost: 123n, currency: 'USD', prefix: '44' }
  const happenings = happeningsOf([{ record: callRecord(1, { attempts: [failed, attemptRecord()] }), charge }])
  assert.deepEqual(
    happenings.map(({ figures }) => figures.cost),
    [0, 0, 0, 0, 0, 123, 123],
  )
})

test('a test call counts for nobody; what it costs does', () => {
  const ofTest = callRecord(1, { callerAccountId: null, callerAccount: 'test call', attempts: [attemptRecord()] })
  assert.deepEqual(of(ofTest), [])
  const charge = { cost: 12n } as NonNullable<Parameters<typeof happeningsOf>[0][number]['charge']>
  const paid = happeningsOf([{ record: ofTest, charge }])
  assert.deepEqual(
    paid.map(({ subject, figures }) => [subject.kind, figures.attempts, figures.answered, figures.cost]),
    [
      ['gateway', 0, 0, 12],
      ['toAccount', 0, 0, 12],
    ],
  )
})
