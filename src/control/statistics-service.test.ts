import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { Fault } from '../base/fault.ts'
import { bound } from '../base/limits.ts'
import type { CallRecord } from '../call/record.ts'
import type { ScopeUse } from '../edge/seam.ts'
import { databaseFileName } from '../store/backup.ts'
import { attemptRecord, callRecord } from '../../test/kit/call-records.ts'
import { withControl } from '../../test/kit/control-rig.ts'
import type { ControlRig } from '../../test/kit/control-rig.ts'
import type { Control } from './open-control.ts'
import type { Records } from './record-service.ts'
import { metricValue } from './statistics-service.ts'
import type { Statistics } from './statistics-service.ts'

const minuteMs = 60_000
const hourMs = 3_600_000
const acme = { accountId: 'car_acme', side: 'gateway' } as const
const statisticsOf = (control: Control): Statistics => control.statistics as Statistics

let number = 0
/** Answered calls of one minute at these times. */
async function callsAt(control: Control, times: readonly number[], change: Partial<CallRecord> = {}): Promise<void> {
  control.records.add(
    times.map((startedAt) => callRecord((number += 1), { startedAt, ...change })),
    0,
  )
  await (control.records as Records).flush()
}

/** Rows kept by the minute and by the hour. */
async function rowsBy({ dataDir }: ControlRig): Promise<readonly number[]> {
  const database = new DatabaseSync(join(dataDir, databaseFileName))
  const count = (step: number): number =>
    Number(database.prepare('select count(*) as count from statistics where step = ?').get(step)?.['count'])
  const rows = [count(60), count(3_600)]
  database.close()
  return rows
}

/** The wall clock on a full hour. */
const onTheHour = ({ clock }: ControlRig): number => {
  clock.advance(hourMs - (clock.wallMs() % hourMs))
  return clock.wallMs()
}

test('without any call every step is there: counts 0, ratios null', () =>
  withControl(async (rig) => {
    const now = onTheHour(rig)
    const { step, from, to, points, totals } = await rig.control.statistics.series({ side: 'caller' })
    assert.deepEqual([step, from, to, points.length], ['minute', now - hourMs, now, 60])
    assert.deepEqual(
      (['attempts', 'asr', 'acdSeconds', 'pddMs', 'channelsPeak'] as const).map((name) => metricValue(name, totals)),
      [0, null, null, null, 0],
    )
    assert.deepEqual([...totals.codes], [])
  }))

test('a call on the first millisecond of an hour is in that hour, the one before it is not', () =>
  withControl(async (rig) => {
    const now = onTheHour(rig)
    const hour = now - 2 * hourMs
    await callsAt(rig.control, [hour - 1, hour, hour + hourMs - 1, hour + hourMs])
    const series = await rig.control.statistics.series({ ...acme, from: hour, to: hour + hourMs, step: 'hour' })
    assert.deepEqual(
      series.points.map(({ at, figures }) => [at, figures.attempts]),
      [[hour, 2]],
    )
    const minutes = await rig.control.statistics.series({ ...acme, from: hour - 1, to: hour + 1, step: 'minute' })
    assert.deepEqual(
      minutes.points.map(({ at, figures }) => [at - hour, figures.attempts]),
      [
        [-minuteMs, 1],
        [0, 1],
      ],
    )
  }))

test('totals of any time span by hours and minutes are the calls in it', () =>
  withControl(async (rig) => {
    const now = onTheHour(rig)
    const first = now - 5 * hourMs
    const times = Array.from({ length: 300 }, (_, i) => first + i * minuteMs + (i % 60) * 1_000)
    await callsAt(rig.control, times)
    for (const [from, to] of [
      [first, now],
      [first + 7 * minuteMs, now - 13 * minuteMs],
      [first + hourMs, first + 2 * hourMs],
      [first + 10 * minuteMs, first + 20 * minuteMs],
      [first + 50 * minuteMs, first + 70 * minuteMs],
      [now, now + hourMs],
    ] as const) {
      const { attempts } = await rig.control.statistics.total(acme, { from, to })
      assert.equal(attempts, times.filter((time) => time >= from && time < to).length, `${from - first} ${to - first}`)
    }
  }))

test('steps, times and their number are checked', () =>
  withControl(async (rig) => {
    const now = onTheHour(rig)
    const { statistics } = rig.control
    const pathsOf = async (query: object): Promise<string[]> => {
      const error: unknown = await statistics.series({ side: 'caller', ...query }).catch((fault: unknown) => fault)
      assert.ok(error instanceof Fault)
      return error.errors.map(({ path }) => path)
    }
    assert.deepEqual(await pathsOf({ from: now, to: now }), ['from'])
    assert.deepEqual(await pathsOf({ from: now - 49 * hourMs, to: now, step: 'minute' }), ['from'])
    assert.deepEqual(await pathsOf({ from: now - 401 * 24 * hourMs, to: now }), ['from'])
    const gone = { from: now - 50 * hourMs, to: now - 49 * hourMs }
    assert.deepEqual(await pathsOf({ ...gone, step: 'minute' }), ['from'], 'no zeros for minutes that are forgotten')
    assert.equal((await statistics.series({ side: 'caller', ...gone })).step, 'hour')
    const days = await statistics.series({ side: 'caller', from: now - 48 * hourMs, to: now, step: 'minute' })
    assert.equal(days.points.length, 2_880)
    const years = await statistics.series({ side: 'caller', from: now - 400 * 24 * hourMs, to: now })
    assert.deepEqual([years.step, years.points.length], ['hour', 9_600])
  }))

test('a wall clock that goes back an hour loses no call and counts none twice', () =>
  withControl(async (rig) => {
    const now = onTheHour(rig)
    await callsAt(rig.control, [now - 10, now - 5])
    rig.clock.stepWall(-hourMs)
    await callsAt(rig.control, [now - hourMs + 1])
    await statisticsOf(rig.control).cleanUp()
    const { attempts } = await rig.control.statistics.total(acme, { from: now - 2 * hourMs, to: now })
    assert.equal(attempts, 3)
  }))

test('a call that ends days after it began counts in the hour in which it began', () =>
  withControl(async (rig) => {
    const now = onTheHour(rig)
    const began = now - 60 * hourMs
    await callsAt(rig.control, [began])
    assert.equal((await rig.control.statistics.total(acme, { from: began, to: began + hourMs })).attempts, 1)
  }))

test('statistics outlive the records and a restart; minutes go after 48 hours, hours after 400 days', () =>
  withControl(async (rig) => {
    const now = onTheHour(rig)
    await callsAt(rig.control, [now - minuteMs])
    rig.clock.advance(49 * hourMs)
    await rig.reopen()
    await statisticsOf(rig.control).cleanUp()
    const query = { ...acme, from: now - hourMs, to: now } as const
    assert.equal((await rig.control.statistics.series(query)).totals.attempts, 1)
    const rows = (): Promise<readonly number[]> => rowsBy(rig)
    assert.deepEqual(await rows(), [0, 5])
    rig.clock.advance(400 * 24 * hourMs)
    await statisticsOf(rig.control).cleanUp()
    assert.deepEqual(await rows(), [0, 0])
  }))

test('what the signalling thread measures is kept with the calls: peaks as the highest, breaches as a sum', () =>
  withControl(async (rig) => {
    const now = onTheHour(rig)
    let uses: ScopeUse[] = []
    await rig.control.attach({
      publish: async () => undefined,
      ask: async (name) => (name === 'usage' ? uses : []),
    })
    const use = (scope: ScopeUse['scope'], id: string, channelsPeak: number): ScopeUse => ({
      scope,
      id,
      channelsPeak,
      callsPerSecondPeak: channelsPeak / 2,
      breaches: 1,
    })
    const sampleMs = bound('statisticsSampleMs')
    for (const peak of [4, 8, 6]) {
      uses = [
        use('system', 'system', peak),
        use('account', 'car_acme', peak),
        use('endpoint', 'ep_acme1', peak),
        use('sipUser', 'sip_1', peak),
      ]
      rig.clock.advance(sampleMs)
      await statisticsOf(rig.control).sample()
    }
    await callsAt(rig.control, [now + 1])
    for (const scope of [
      { side: 'caller' },
      acme,
      { accountId: 'car_acme', side: 'caller' },
      { gatewayId: 'ep_acme1', side: 'gateway' },
      { senderId: 'ep_acme1', side: 'caller' },
      { sipUserId: 'sip_1', side: 'caller' },
    ] as const) {
      const { totals } = await rig.control.statistics.series({ ...scope, from: now, to: now + minuteMs })
      const { channelsPeak, callsPerSecondPeak, breaches } = totals
      assert.deepEqual([channelsPeak, callsPerSecondPeak, breaches], [8, 4, 3], JSON.stringify(scope))
    }
    const attemptsOf = async (scope: object): Promise<number> =>
      (await rig.control.statistics.series({ ...acme, ...scope, from: now, to: now + minuteMs })).totals.attempts
    assert.equal(await attemptsOf({}), 1)
    // A gateway's attempts are none of the calls that the same entry sends.
    assert.equal(await attemptsOf({ gatewayId: 'ep_acme1' }), 1)
    assert.equal(await attemptsOf({ senderId: 'ep_acme1' }), 0)
  }))

test('a signalling thread that does not answer costs one line in the log, not the statistics', () =>
  withControl(async (rig) => {
    await rig.control.attach({ publish: async () => undefined, ask: async () => Promise.reject(new Error('busy')) })
    const lines = (): number => rig.logLines.filter((line) => line.includes('statistics could not be sampled')).length
    await statisticsOf(rig.control).sample()
    await statisticsOf(rig.control).sample()
    assert.equal(lines(), 1)
  }))

test('the last hour of many accounts in one answer', () =>
  withControl(async (rig) => {
    const now = onTheHour(rig)
    const failed = {
      outcome: 'failed',
      answeredAt: null,
      talkMs: 0,
      attempts: [attemptRecord({ status: 486, ringingAt: null })],
    } as const
    await callsAt(rig.control, [now - 10 * minuteMs, now - 1, now - 90 * minuteMs])
    await callsAt(rig.control, [now - 5 * minuteMs], failed)
    const ids = ['car_acme', 'cus_pbx', 'car_none']
    const recent = await rig.control.statistics.lastHour('gateway', ids)
    assert.deepEqual([...recent.keys()], ['car_acme'])
    assert.deepEqual([...(await rig.control.statistics.lastHour('caller', ids)).keys()], ['cus_pbx'])
    const { asr, acdSeconds, pddMs } = recent.get('car_acme') ?? {}
    assert.deepEqual([asr, acdSeconds, pddMs], [2 / 3, 60, 95])
  }))
