import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { CallRecord } from '../call/record.ts'
import { attemptRecord, callRecord } from '../../test/kit/call-records.ts'
import { deleteRecords, findRecord, listRecords, writeRecords } from './record-rows.ts'
import type { RecordFilter } from './record-rows.ts'
import { Store } from './store.ts'

const uncharged = (records: readonly CallRecord[]) => records.map((record) => ({ record, charge: undefined }))

async function withRecords(records: readonly CallRecord[], work: (store: Store) => Promise<void>): Promise<void> {
  const parent = mkdtempSync(join(tmpdir(), 'tollgate-records-'))
  const store = await Store.open(join(parent, 'data'), 0)
  try {
    await store.batch((connection) => writeRecords(connection, uncharged(records)))
    await work(store)
  } finally {
    await store.close()
    rmSync(parent, { recursive: true })
  }
}

async function idsOf(store: Store, filter: RecordFilter): Promise<string[]> {
  const { records, total } = await store.read((database) => listRecords(database, filter, 100, undefined))
  assert.equal(total, records.length)
  return records.map((record) => record.id)
}

const name = (text: string, ...ids: string[]) => ({ text, ids })

test('a record comes back as it was, with its attempts in order', () => {
  const second = attemptRecord({ endpointId: 'ep_acme2', gateway: 'acme-2', status: null, firstReplyAt: null })
  const record = callRecord(1, { attempts: [attemptRecord(), second], detail: "'; drop table call_records; --" })
  const refused = callRecord(2, { callerAccountId: null, answeredAt: null, attempts: [], explanation: '' })
  return withRecords([record, refused], async (store) => {
    assert.deepEqual(await store.read((database) => findRecord(database, 'call_1')), { ...record, charge: undefined })
    assert.deepEqual(await store.read((database) => findRecord(database, 'call_2')), { ...refused, charge: undefined })
    assert.equal(await store.read((database) => findRecord(database, 'call_3')), undefined)
  })
})

test('the explanation of an earlier version, kept as JSON, reads like one of today', () =>
  withRecords([callRecord(1, { explanation: 'rank one\nadmit two' })], async (store) => {
    const read = async () => (await store.read((database) => findRecord(database, 'call_1')))?.explanation
    assert.equal(await read(), 'rank one\nadmit two')
    const kept = JSON.stringify([
      { step: 'rank', text: 'one' },
      { step: 'admit', text: 'of\ntwo' },
    ])
    await store.batch((connection) => connection.prepare('update call_records set explanation = ?').run(kept))
    assert.equal(await read(), 'rank one\nadmit of\\ntwo')
  }))

test('writing a batch twice writes it once', () =>
  withRecords([callRecord(1), callRecord(2)], async (store) => {
    await store.batch((connection) => writeRecords(connection, uncharged([callRecord(2), callRecord(3)])))
    assert.deepEqual(await idsOf(store, {}), ['call_3', 'call_2', 'call_1'])
    const record = await store.read((database) => findRecord(database, 'call_2'))
    assert.equal(record?.attempts.length, 1)
  }))

test('newest first, in pages that neither repeat nor leave out, also where calls started together', () => {
  const records = Array.from({ length: 25 }, (_, i) => callRecord(i, { startedAt: Math.floor(i / 3) }))
  return withRecords(records, async (store) => {
    const seen: string[] = []
    let after: { startedAt: number; seq: number } | undefined
    do {
      const page = await store.read((database) => listRecords(database, {}, 4, after))
      assert.equal(page.total, 25)
      seen.push(...page.records.map((record) => record.id))
      after = page.next ?? undefined
    } while (after !== undefined)
    assert.equal(seen.length, 25)
    assert.equal(new Set(seen).size, 25)
    assert.equal(seen[0], 'call_24')
    assert.equal(seen.at(-1), 'call_0')
  })
})

test('filters: account and gateway by id or former name, outcome, number, time', () => {
  const records = [
    callRecord(1),
    callRecord(2, { outcome: 'failed', callerAccountId: 'cus_other', callerAccount: 'Other', attempts: [] }),
    callRecord(3, {
      dialled: '+33100',
      destination: '33100',
      cli: '100%_',
      attempts: [attemptRecord({ accountId: 'car_b', account: 'Beta', endpointId: 'ep_b', gateway: 'beta-1' })],
    }),
  ]
  return withRecords(records, async (store) => {
    assert.deepEqual(await idsOf(store, { account: name('Acme', 'car_acme') }), ['call_1'])
    assert.deepEqual(await idsOf(store, { account: name('PBX', 'cus_pbx') }), ['call_3', 'call_1'])
    assert.deepEqual(await idsOf(store, { account: name('Other') }), ['call_2'])
    assert.deepEqual(await idsOf(store, { account: name('Beta') }), ['call_3'])
    assert.deepEqual(await idsOf(store, { gateway: name('acme-1', 'ep_acme1') }), ['call_1'])
    assert.deepEqual(await idsOf(store, { gateway: name('beta-1') }), ['call_3'])
    assert.deepEqual(await idsOf(store, { gateway: name('nobody', 'ep_x') }), [])
    assert.deepEqual(await idsOf(store, { outcome: 'failed' }), ['call_2'])
    assert.deepEqual(await idsOf(store, { number: '33' }), ['call_3'])
    assert.deepEqual(await idsOf(store, { number: '+33' }), ['call_3'])
    assert.deepEqual(await idsOf(store, { number: '0044' }), ['call_2', 'call_1'])
    assert.deepEqual(await idsOf(store, { number: '%' }), [])
    assert.deepEqual(await idsOf(store, { number: "' or 1=1 --" }), [])
    const [, second] = records
    assert.deepEqual(await idsOf(store, { from: second?.startedAt ?? 0, to: (second?.startedAt ?? 0) + 1 }), ['call_2'])
  })
})

test('the number and time filters read an index, not the whole table', () =>
  withRecords([callRecord(1)], (store) =>
    store.batch((connection) => {
      const plan = (query: string): string =>
        connection
          .prepare(`explain query plan select seq from call_records where ${query}`)
          .all()
          .map((row) => String(row['detail']))
          .join('; ')
      assert.match(plan("destination >= '44' and destination < '44z'"), /SEARCH.*call_records_destination/)
      const byNumber =
        "(destination >= '44' and destination < '44z') or (dialled >= '44' and dialled < '44z' and dialled <> destination)"
      assert.match(plan(byNumber), /MULTI-INDEX OR.*SEARCH.*call_records_destination.*SEARCH.*call_records_dialled/)
      assert.match(
        plan('1 order by started_at desc, seq desc limit 5'),
        /SCAN call_records USING.*call_records_started/,
      )
      assert.match(plan("caller_account_id in ('a') order by started_at"), /SEARCH.*call_records_account/)
    }),
  ))

test('old records go in bounded steps, with their attempts', () => {
  const records = Array.from({ length: 5 }, (_, i) => callRecord(i))
  return withRecords(records, async (store) => {
    const before = callRecord(3).startedAt
    assert.equal(await store.batch((connection) => deleteRecords(connection, before, 2)), 2)
    assert.equal(await store.batch((connection) => deleteRecords(connection, before, 2)), 1)
    assert.deepEqual(await idsOf(store, {}), ['call_4', 'call_3'])
    await store.batch((connection) =>
      assert.deepEqual({ ...connection.prepare('select count(*) as count from call_attempts').get() }, { count: 2 }),
    )
  })
})
