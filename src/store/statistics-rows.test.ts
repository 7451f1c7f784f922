import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  addStatistics,
  bucketOf,
  deleteStatistics,
  deleteSubjects,
  noFigures,
  readStatistics,
  steps,
} from './statistics-rows.ts'
import type { Figures, Happening } from './statistics-rows.ts'
import { counts, seeds } from '../../test/kit/counts.ts'
import { seededRandom } from '../base/random.ts'
import { Store } from './store.ts'

const hour = Date.UTC(2026, 2, 29, 1)
const minuteMs = 60_000
const hourMs = 3_600_000
const gateway = { kind: 'gateway', id: 'ep_1' } as const
const forever = { from: 0, to: Number.MAX_SAFE_INTEGER }

async function withStore(work: (store: Store, reopen: () => Promise<Store>) => Promise<void>): Promise<void> {
  const parent = mkdtempSync(join(tmpdir(), 'tollgate-statistics-'))
  let store = await Store.open(join(parent, 'data'), 0)
  try {
    await work(store, async () => {
      await store.close()
      store = await Store.open(join(parent, 'data'), 0)
      return store
    })
  } finally {
    await store.close()
    rmSync(parent, { recursive: true })
  }
}

const happening = (at: number, change: Partial<Figures> = {}, id = 'ep_1'): Happening => ({
  subject: { kind: 'gateway', id },
  at,
  figures: { ...noFigures(), attempts: 1, codes: new Map([[200, 1]]), ...change },
})

const add = (store: Store, happenings: readonly Happening[], oldestMinute = 0): Promise<void> =>
  store.batch((connection) => addStatistics(connection, happenings, oldestMinute))

const attemptsBy = async (store: Store, step: 'minute' | 'hour'): Promise<[number, number][]> =>
  (await store.read((database) => readStatistics(database, gateway, step, forever))).map(({ at, figures }) => [
    at,
    figures.attempts,
  ])

const sizes = (store: Store): Promise<unknown> =>
  store.batch((connection) =>
    connection
      .prepare(
        'select step, rows, (select count(*) from statistics as one where one.step = size.step) as counted from statistics_size as size',
      )
      .all()
      .map((row) => ({ ...row })),
  )

test('a minute and an hour begin at their first millisecond, in UTC', () => {
  assert.equal(bucketOf(hour, steps.hour), hour)
  assert.equal(bucketOf(hour - 1, steps.hour), hour - hourMs)
  assert.equal(bucketOf(hour + 59_999, steps.minute), hour)
  assert.equal(bucketOf(hour + 60_000, steps.minute), hour + minuteMs)
  assert.equal(bucketOf(-1, steps.minute), -minuteMs)
})

test('figures add up over batches and a restart, peaks stay the highest, codes are counted', () =>
  withStore(async (first, reopen) => {
    await add(first, [happening(hour - 1), happening(hour), happening(hour + 59_999, { channelsPeak: 7, talkMs: 10 })])
    const store = await reopen()
    await add(store, [happening(hour + 1, { channelsPeak: 3, talkMs: 5, codes: new Map([[404, 1]]) })])
    assert.deepEqual(await attemptsBy(store, 'minute'), [
      [hour - minuteMs, 1],
      [hour, 3],
    ])
    assert.deepEqual(await attemptsBy(store, 'hour'), [
      [hour - hourMs, 1],
      [hour, 3],
    ])
    const [, row] = await store.read((database) => readStatistics(database, gateway, 'minute', forever))
    assert.deepEqual([row?.figures.channelsPeak, row?.figures.talkMs], [7, 15])
    assert.deepEqual(Object.fromEntries(row?.figures.codes ?? []), { 200: 2, 404: 1 })
    assert.deepEqual(await sizes(store), [
      { step: 60, rows: 2, counted: 2 },
      { step: 3_600, rows: 2, counted: 2 },
    ])
  }))

test('a transaction that fails leaves nothing behind', () =>
  withStore(async (store) => {
    await add(store, [happening(hour)])
    await assert.rejects(
      store.batch((connection) => {
        addStatistics(connection, [happening(hour), happening(hour + minuteMs)], 0)
        throw new Error('the disk is full')
      }),
    )
    assert.deepEqual(await attemptsBy(store, 'minute'), [[hour, 1]])
  }))

test('a call that is told of after its minute is no longer kept counts in its hour', () =>
  withStore(async (store) => {
    await add(store, [happening(hour)], hour + minuteMs)
    assert.deepEqual(await attemptsBy(store, 'minute'), [])
    assert.deepEqual(await attemptsBy(store, 'hour'), [[hour, 1]])
  }))

test('old rows go by time, then by number, a few at once; subjects without rows are forgotten', () =>
  withStore(async (store) => {
    const happenings = Array.from({ length: 10 }, (_, i) => happening(hour + i * minuteMs))
    await add(store, [...happenings, happening(hour, {}, 'ep_2')])
    const remove = (before: number, rowsMax: number, most: number): Promise<number> =>
      store.batch((connection) => deleteStatistics(connection, steps.minute, { before, rowsMax, most }))
    assert.equal(await remove(hour, 100, 100), 0)
    assert.equal(await remove(hour + 2 * minuteMs, 100, 2), 2)
    assert.equal(await remove(hour + 2 * minuteMs, 100, 100), 1)
    assert.equal(await remove(0, 5, 2), 2)
    assert.equal(await remove(0, 5, 100), 1)
    assert.equal(await remove(0, 5, 100), 0)
    assert.deepEqual(
      (await attemptsBy(store, 'minute')).map(([at]) => (at - hour) / minuteMs),
      [5, 6, 7, 8, 9],
    )
    assert.deepEqual(await sizes(store), [
      { step: 60, rows: 5, counted: 5 },
      { step: 3_600, rows: 2, counted: 2 },
    ])
    const forget = (): Promise<void> => store.batch((connection) => deleteSubjects(connection))
    const subjects = () =>
      store.read((database) => database.selectFrom('statistics_subjects').select('subject').execute())
    await forget()
    assert.equal((await subjects()).length, 2)
    await store.batch((connection) =>
      deleteStatistics(connection, steps.hour, { before: hour + hourMs, rowsMax: 9, most: 9 }),
    )
    await forget()
    assert.deepEqual(
      (await subjects()).map(({ subject }) => subject),
      ['ep_1'],
    )
  }))

test('nothing is added for nothing', () =>
  withStore(async (store) => {
    await add(store, [])
    assert.deepEqual(await attemptsBy(store, 'hour'), [])
  }))

test('added in any order and in any parts, the sums are those of a naive count', () =>
  withStore(async (store) => {
    const random = seededRandom(seeds.statisticsBatches)
    const next = (most: number): number => random.uint32() % most
    const expected = new Map<number, number>()
    const batches = Array.from({ length: counts.statisticsBatches }, () =>
      Array.from({ length: next(30) }, () => {
        const at = hour + next(3 * hourMs)
        const minute = Math.floor(at / minuteMs) * minuteMs
        expected.set(minute, (expected.get(minute) ?? 0) + 1)
        return happening(at)
      }),
    )
    for (const batch of batches) await add(store, batch)
    assert.deepEqual(
      await attemptsBy(store, 'minute'),
      [...expected].toSorted(([left], [right]) => left - right),
    )
    const byHour = (await attemptsBy(store, 'hour')).reduce((sum, [, count]) => sum + count, 0)
    assert.equal(byHour, batches.flat().length)
  }))
