import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { sql } from 'kysely'
import { Fault } from '../base/fault.ts'
import { bound } from '../base/limits.ts'
import { forwardLog } from '../base/log.ts'
import { readTotals } from '../store/ledger-rows.ts'
import { readStatistics } from '../store/statistics-rows.ts'
import { databaseFileName } from '../store/backup.ts'
import { Store } from '../store/store.ts'
import { attemptRecord, callRecord } from '../../test/kit/call-records.ts'
import { applied, exampleFile, withControl } from '../../test/kit/control-rig.ts'
import { FakeClock } from '../../test/kit/fake-clock.ts'
import { Records } from './record-service.ts'

interface Rig {
  readonly directory: string
  readonly store: Store
  readonly records: Records
  readonly clock: FakeClock
  readonly logLines: string[]
}

async function withRecords(work: (rig: Rig) => Promise<void>): Promise<void> {
  const parent = mkdtempSync(join(tmpdir(), 'tollgate-records-'))
  const directory = join(parent, 'data')
  const store = await Store.open(directory, 0)
  const clock = new FakeClock()
  const logLines: string[] = []
  const log = forwardLog((level, event) => void logLines.push(`${level} ${event}`))
  const names = { accountIds: () => [], gatewayIds: () => [], recordsDays: () => 2 }
  const records = new Records({ store, clock, log, names, tariffOf: () => undefined })
  try {
    await work({ directory, store, records, clock, logLines })
  } finally {
    await records.close()
    await store.close()
    rmSync(parent, { recursive: true, force: true })
  }
}

/** Outside of any transaction, where SQLite takes them. */
const pragma = (store: Store, text: string): Promise<unknown> =>
  store.read((database) => sql.raw(`pragma ${text}`).execute(database))
/** What a full disk looks like to SQLite: SQLITE_FULL. */
const setPages = (store: Store, count: number) => pragma(store, `max_page_count = ${count}`)
const setReadOnly = (store: Store, on: 0 | 1) => pragma(store, `query_only = ${on}`)

const countOf = async (records: Records): Promise<number> => (await records.list({ limit: 1 })).total
const many = (count: number, from = 0) => Array.from({ length: count }, (_, i) => callRecord(from + i))

test('records are written by themselves, and close writes what waits', () =>
  withRecords(async ({ records, store }) => {
    records.add(many(600), 0)
    const flushed = records.flush()
    records.add(many(400, 600), 0)
    await flushed
    assert.equal(await countOf(records), 1_000)
    records.add(many(7, 1_000), 0)
    assert.equal(records.waitingCount, 7)
    await records.close()
    const rows = await store.read((database) => database.selectFrom('call_records').select('id').execute())
    assert.equal(rows.length, 1_007)
  }))

test('a timer writes a small batch without being asked', () =>
  withRecords(async ({ records, store }) => {
    const written = new Promise<void>((resolve) => {
      const batch = store.batch.bind(store)
      store.batch = async (work) => {
        const result = await batch(work)
        resolve()
        return result
      }
    })
    records.add([callRecord(1)], 0)
    await written
    assert.equal(await countOf(records), 1)
  }))

test('a full database keeps records waiting with one alarm, and they are written when there is room', () =>
  withRecords(async ({ records, store, logLines }) => {
    const pages = await store.batch((connection) =>
      Number(connection.prepare('pragma page_count').get()?.['page_count']),
    )
    await setPages(store, pages)
    records.add(many(500), 0)
    await records.flush()
    records.add(many(500, 500), 0)
    await records.flush()
    assert.equal(records.waitingCount, 1_000)
    assert.equal(await countOf(records), 0)
    assert.deepEqual(logLines, ['error call records cannot be written; they wait'])
    await setPages(store, 1_000_000)
    await records.flush()
    assert.equal(records.waitingCount, 0)
    assert.equal(await countOf(records), 1_000)
    assert.deepEqual(logLines.slice(1), ['warn call records are written again'])
  }))

test('a database that another process holds keeps records waiting', () =>
  withRecords(async ({ records, directory }) => {
    const other = new DatabaseSync(join(directory, databaseFileName))
    other.exec('begin immediate')
    records.add(many(10), 0)
    await records.flush()
    assert.equal(records.waitingCount, 10)
    other.exec('rollback')
    other.close()
    await records.flush()
    assert.equal(await countOf(records), 10)
  }))

test('a database that cannot be written at all never reaches the caller of add', () =>
  withRecords(async ({ records, store, logLines }) => {
    await setReadOnly(store, 1)
    records.add(many(3), 0)
    await records.flush()
    assert.equal(records.waitingCount, 3)
    await setReadOnly(store, 0)
    await records.flush()
    assert.equal(records.waitingCount, 0)
    assert.equal(logLines.length, 2)
  }))

test('what waits is bounded: the oldest go, with an alarm', () =>
  withRecords(async ({ records, store, logLines }) => {
    await setReadOnly(store, 1)
    const most = bound('recordQueueMax')
    records.add(many(10), 0)
    await records.flush()
    records.add(many(most, 10), 0)
    assert.equal(records.waitingCount, most)
    assert.ok(logLines.includes('error call records dropped: too many wait for the database'))
    records.add([], 5)
    assert.ok(logLines.includes('error call records lost on the signalling thread'))
    records.add(many(1, 0), 0)
    assert.equal(records.waitingCount, most)
  }))

test('records older than recordsDays are removed, newer ones stay', () =>
  withRecords(async ({ records, clock }) => {
    const day = 86_400_000
    const now = clock.wallMs()
    records.add(
      [1, 2, 3, 4].map((days) => callRecord(days, { startedAt: now - days * day + 1 })),
      0,
    )
    await records.flush()
    await records.cleanUp()
    assert.deepEqual(
      (await records.list({ limit: 9 })).items.map(({ id }) => id),
      ['call_1', 'call_2'],
    )
  }))

test('pages follow one another, and a foreign cursor is refused', () =>
  withRecords(async ({ records }) => {
    records.add(many(5), 0)
    await records.flush()
    const first = await records.list({ limit: 3 })
    assert.deepEqual(
      first.items.map(({ id }) => id),
      ['call_4', 'call_3', 'call_2'],
    )
    const second = await records.list({ limit: 3, cursor: first.nextCursor ?? '' })
    assert.deepEqual(
      [second.items.map(({ id }) => id), second.nextCursor, second.total],
      [['call_1', 'call_0'], null, 5],
    )
    await assert.rejects(records.list({ limit: 3, cursor: '1 or 1=1' }), Fault)
  }))

test('names in filters mean the accounts and gateways of today, by their ids', () =>
  withControl(async ({ control }) => {
    await applied(control, exampleFile)
    const account = await control.config.getAccount('carrier', 'Acme')
    const gateway = control.directory.endpoints.find((one) => one.name === 'acme-2')
    const attempts = [attemptRecord({ accountId: account.id, endpointId: gateway?.id ?? '', account: 'Former name' })]
    control.records.add([callRecord(1, { attempts }), callRecord(2)], 0)
    await (control.records as Records).flush()
    const ids = async (query: object): Promise<string[]> =>
      (await control.records.list({ limit: 9, ...query })).items.map(({ id }) => id)
    assert.deepEqual(await ids({ account: 'Acme' }), ['call_1'])
    assert.deepEqual(await ids({ gateway: 'acme-2' }), ['call_1'])
    assert.deepEqual(await ids({ gateway: gateway?.id }), ['call_1'])
    assert.deepEqual(await ids({ account: 'Former name' }), ['call_1'])
    assert.deepEqual(await ids({}), ['call_2', 'call_1'])
    assert.equal((await control.records.get('call_2'))?.id, 'call_2')
  }))

test('SIGKILL in the middle of writing loses no batch that was said to be safe and charges and counts each call once, three times in a row', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'tollgate-kill-'))
  const directory = join(parent, 'data')
  const script = new URL('../../test/kit/record-child.ts', import.meta.url).pathname
  const round = async (left: number): Promise<void> => {
    if (left === 0) return
    const child = spawn(process.execPath, [script, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
    let told = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      told += text
      if (told.split('\n').length > 15 + left) child.kill('SIGKILL')
    })
    await once(child, 'close')
    const safe = Number(told.split('\n').at(-2))
    assert.ok(safe >= 50)
    const store = await Store.open(directory, 0)
    const rows = await store.read((database) => database.selectFrom('call_records').select('id').execute())
    const ids = new Set(rows.map(({ id }) => id))
    for (let number = 0; number < safe; number++) assert.ok(ids.has(`call_${number}`), `call_${number} of ${safe}`)
    assert.equal(ids.size % 50, 0)
    // What was charged and counted is what is recorded, whatever batch the kill met.
    const totals = (await store.read((database) => readTotals(database, ['car_acme']))).get('car_acme')
    assert.equal(totals?.cost, BigInt(ids.size) * 600_000n)
    const forever = { from: 0, to: Number.MAX_SAFE_INTEGER }
    const counted = await store.read((database) =>
      readStatistics(database, { kind: 'toAccount', id: 'car_acme' }, 'hour', forever),
    )
    assert.equal(
      counted.reduce((sum, { figures }) => sum + figures.attempts, 0),
      ids.size,
    )
    await store.batch((connection) =>
      assert.deepEqual({ ...connection.prepare('pragma integrity_check').get() }, { integrity_check: 'ok' }),
    )
    await store.close()
    await round(left - 1)
  }
  await round(3)
  rmSync(parent, { recursive: true })
})
