import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fault } from '../base/fault.ts'
import type { AttemptRecord, CallRecord } from '../call/record.ts'
import { attemptRecord, callRecord } from '../../test/kit/call-records.ts'
import { withControl } from '../../test/kit/control-rig.ts'
import type { ControlRig } from '../../test/kit/control-rig.ts'
import { suspicious, windowsAt } from './account-reports.ts'
import type { Records } from './record-service.ts'

const dayMs = 86_400_000
const iso = (ms: number): string => new Date(ms).toISOString()

const of = (name: string, change: Partial<AttemptRecord> = {}): AttemptRecord =>
  attemptRecord({
    accountId: `car_${name}`,
    account: name,
    endpointId: `ep_${name}`,
    gateway: `${name}-1`,
    startedAt: 0,
    ...change,
  })
const failing = (name: string, status: number | null = 503): AttemptRecord =>
  of(name, {
    status,
    ringingAt: null,
    reason: status === null ? 'no reply within 3000 ms' : `${status} from the gateway`,
  })

let number = 0
/** One call now; its attempts begin when it does. */
const call = (rig: ControlRig, attempts: readonly AttemptRecord[], change: Partial<CallRecord> = {}): CallRecord => {
  const startedAt = change.startedAt ?? rig.clock.wallMs()
  return callRecord((number += 1), {
    startedAt,
    answeredAt: startedAt + 1_000,
    attempts: attempts.map((attempt) => ({ ...attempt, startedAt })),
    ...change,
  })
}

async function write(rig: ControlRig, records: readonly CallRecord[]): Promise<void> {
  rig.control.records.add(records, 0)
  await (rig.control.records as Records).flush()
}

const lost = { outcome: 'failed', answeredAt: null, talkMs: 0, status: 404 } as const

test('day, week and month begin in UTC: the week on Monday, also over the turn of a year and of summer time', () => {
  const startsAt = (text: string): string[] =>
    windowsAt(Date.parse(text)).map(({ name, span }) => `${name} ${iso(span.from)}`)
  assert.deepEqual(startsAt('2026-01-01T00:00:00.000Z'), [
    '24h 2025-12-31T00:01:00.000Z',
    'day 2026-01-01T00:00:00.000Z',
    'week 2025-12-29T00:00:00.000Z',
    'month 2026-01-01T00:00:00.000Z',
  ])
  assert.deepEqual(startsAt('2026-03-29T23:59:59.999Z').slice(1), [
    'day 2026-03-29T00:00:00.000Z',
    'week 2026-03-23T00:00:00.000Z',
    'month 2026-03-01T00:00:00.000Z',
  ])
  assert.deepEqual(startsAt('2026-03-30T00:00:00.000Z').slice(1, 3), [
    'day 2026-03-30T00:00:00.000Z',
    'week 2026-03-30T00:00:00.000Z',
  ])
})

test('an account without calls has summaries of zeros and an empty report', () =>
  withControl(async ({ control }) => {
    const rows = await control.reports.summary('car_nobody', 'gateway')
    assert.deepEqual(
      rows.map(({ name, figures, cost, codes }) => [name, figures.attempts, cost, codes?.notFound, codes?.complete]),
      ['24h', 'day', 'week', 'month'].map((name) => [name, 0, 0, 0, true]),
    )
    const report = await control.reports.failovers('car_nobody', {})
    assert.deepEqual(
      [report.failed, report.answeredElsewhere, report.rows, report.hints, report.complete],
      [0, 0, [], [], true],
    )
  }))

test('a summary holds what began in its time', () =>
  withControl(async (rig) => {
    rig.clock.advance(40 * dayMs)
    const now = rig.clock.wallMs()
    const month = Date.UTC(new Date(now).getUTCFullYear(), new Date(now).getUTCMonth(), 1)
    await write(rig, [
      call(rig, [of('A')]),
      call(rig, [of('A')], { startedAt: now - 2 * 3_600_000 }),
      call(rig, [of('A')], { startedAt: month }),
      call(rig, [of('A')], { startedAt: month - 1 }),
    ])
    const rows = await rig.control.reports.summary('car_A', 'gateway')
    const attempts = Object.fromEntries(rows.map(({ name, figures }) => [name, figures.attempts]))
    assert.deepEqual([attempts['24h'], attempts['month']], [2, 3])
  }))

test('failed here and answered elsewhere, by gateway and reason, with calls to look at', () =>
  withControl(async (rig) => {
    await write(rig, [
      call(rig, [failing('A'), of('B')]),
      call(rig, [failing('A'), of('B')]),
      call(rig, [failing('A', null), failing('A'), of('B')]),
      call(rig, [of('A')]),
      call(rig, [failing('A')], lost),
      call(rig, [of('A', { status: null, reason: 'cancelled' })], { outcome: 'cancelled', answeredAt: null }),
      call(rig, [failing('B'), of('A')]),
    ])
    const report = await rig.control.reports.failovers('car_A', {})
    assert.deepEqual([report.failed, report.answeredElsewhere], [5, 4])
    assert.deepEqual(
      report.rows.map(({ gateway, reason, count, examples }) => [gateway, reason, count, examples.length]),
      [
        ['A-1', '503 from the gateway', 3, 3],
        ['A-1', 'no reply within 3000 ms', 1, 1],
      ],
    )
    const [example] = report.rows[0]?.examples ?? []
    assert.equal(example?.answeredBy, 'B/B-1')
    assert.ok((await rig.control.records.get(example?.id ?? '')) !== undefined)
    const past = await rig.control.reports.failovers('car_A', { to: rig.clock.wallMs() - dayMs })
    assert.equal(past.failed, 0)
    await assert.rejects(rig.control.reports.failovers('car_A', { from: 2, to: 1 }), Fault)
  }))

test('200 against 404: numbers that a carrier does not know and that it or another answers', () =>
  withControl(async (rig) => {
    const to = (destination: string) => ({ destination })
    await write(rig, [
      call(rig, [failing('A', 404)], { ...lost, ...to('441') }),
      call(rig, [failing('A', 404), of('B')], to('441')),
      call(rig, [failing('A', 404)], { ...lost, ...to('442') }),
      call(rig, [of('A')], to('442')),
      call(rig, [failing('A', 404)], { ...lost, ...to('443') }),
      call(rig, [failing('A', 503), of('B')], to('444')),
      call(rig, [failing('B', 404)], { ...lost, ...to('445') }),
      call(rig, [of('A')], to('445')),
    ])
    const [day] = await rig.control.reports.summary('car_A', 'gateway')
    assert.deepEqual(day?.codes, {
      notFound: 3,
      notFoundElsewhereAnswered: 1,
      notFoundHereAnswered: 1,
      examples: [
        { destination: '441', notFound: 2, answeredBy: ['B'] },
        { destination: '442', notFound: 1, answeredBy: ['A'] },
      ],
      complete: true,
    })
    const [caller] = await rig.control.reports.summary('car_A', 'caller')
    assert.equal(caller?.codes, null)
  }))

test('signs of false answers: short calls and answers without ringing, against what the others do; test calls are no sign', () =>
  withControl(async (rig) => {
    const fast = { talkMs: 2_000 }
    await write(rig, [
      ...Array.from({ length: 12 }, () => call(rig, [of('A')], fast)),
      ...Array.from({ length: 12 }, () => call(rig, [of('B')])),
      ...Array.from({ length: 50 }, () =>
        call(rig, [of('B')], { ...fast, callerAccountId: null, callerAccount: 'test call' }),
      ),
      ...Array.from({ length: 12 }, () => {
        const startedAt = rig.clock.wallMs()
        return call(rig, [of('C', { ringingAt: null })], { startedAt, answeredAt: startedAt + 400 })
      }),
      ...Array.from({ length: 9 }, () => call(rig, [of('D')], fast)),
    ])
    const kinds = async (account: string): Promise<unknown[]> =>
      (await rig.control.reports.failovers(account, {})).hints.map((hint) => [
        hint.kind,
        hint.count,
        hint.share,
        hint.examples.length,
      ])
    assert.deepEqual(await kinds('car_A'), [['shortCalls', 12, 1, 5]])
    assert.deepEqual(await kinds('car_B'), [])
    assert.deepEqual(await kinds('car_C'), [
      ['answeredAtOnce', 12, 1, 5],
      ['neverRang', 12, 1, 5],
    ])
    assert.deepEqual(await kinds('car_D'), [], 'nine calls say nothing')
  }))

test('a share that everybody has is no sign', () => {
  const row = (gatewayId: string, shortCalls: number) => ({
    gatewayId,
    accountId: 'car_A',
    gateway: gatewayId,
    answered: 100,
    shortCalls,
    answeredAtOnce: 0,
    neverRang: 0,
  })
  assert.deepEqual(suspicious([row('a', 40), row('b', 30)], 'car_A'), [])
  assert.deepEqual(
    suspicious([row('a', 40), row('b', 20)], 'car_A').map(({ gatewayId }) => gatewayId),
    ['a'],
  )
  assert.deepEqual(
    suspicious([row('a', 40)], 'car_A').map(({ othersShare }) => othersShare),
    [null],
  )
})
