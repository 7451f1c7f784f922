// What a disk does to a database, in words, and the state that it leaves.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { sql } from 'kysely'
import { Fault } from '../base/fault.ts'
import { databaseFileName } from './backup.ts'
import { putMeta, Store } from './store.ts'
import type { StoreOptions } from './store.ts'
import { diskFault } from './write-watch.ts'

async function withStore(work: (store: Store, directory: string) => Promise<void>, options?: StoreOptions) {
  const parent = mkdtempSync(join(tmpdir(), 'tollgate-writes-'))
  const directory = join(parent, 'data')
  const store = await Store.open(directory, 0, options)
  try {
    await work(store, directory)
  } finally {
    await store.close()
    rmSync(parent, { recursive: true })
  }
}

/** SQLITE_FULL, as a full disk gives it. */
const leaveNoPage = (store: Store) =>
  store.read(async (database) => {
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(database)
    await sql.raw(`pragma max_page_count = ${rows[0]?.page_count}`).execute(database)
  })

const large = 'x'.repeat(100_000)

test('a full database: the transaction says so although SQLite ended it by itself; the watch is told once each way', () =>
  withStore(async (store) => {
    const told: (string | undefined)[] = []
    store.writes.onChange = (trouble) => told.push(trouble)
    await leaveNoPage(store)
    const isFull = { code: 'store_full', message: 'the disk of the data directory is full' }
    await assert.rejects(
      store.write((transaction) => putMeta(transaction, 'a', large)),
      isFull,
    )
    await assert.rejects(store.setMeta('b', large), isFull)
    assert.equal(store.writes.trouble, isFull.message)
    assert.deepEqual(told, [isFull.message])
    assert.equal(await store.findMeta('a'), undefined)
    await store.read((database) => sql`pragma max_page_count = 1000000`.execute(database))
    await store.setMeta('a', large)
    assert.equal(await store.findMeta('a'), large)
    assert.deepEqual(told, [isFull.message, undefined])
  }))

test('a statement that is wrong is our fault and says nothing of the disk', () =>
  withStore(async (store) => {
    const twice = store.batch((connection) => connection.exec("insert into meta values ('keyCheck', 'x')"))
    await assert.rejects(twice, { code: 'store_unavailable', message: /^database: UNIQUE/ })
    assert.equal(store.writes.trouble, undefined)
  }))

test('alone, the database has no mapped file: a disk that turns read-only could end the process through it', async () => {
  await withStore(
    async (store, directory) => {
      await store.setMeta('a', '1')
      assert.equal(existsSync(join(directory, `${databaseFileName}-wal`)), true)
      assert.equal(existsSync(join(directory, `${databaseFileName}-shm`)), false)
    },
    { alone: true },
  )
})

test('errors of files are told in words, others stay as they are', () => {
  const systemError = (code: string): Error =>
    Object.assign(new Error(`${code}: x, open '/secret/place'`), { code, syscall: 'open' })
  const told = (code: string): unknown => {
    const fault = diskFault(systemError(code))
    return fault instanceof Fault ? [fault.code, fault.message] : fault
  }
  assert.deepEqual(told('ENOSPC'), ['store_full', 'the disk of the data directory is full'])
  assert.deepEqual(told('EDQUOT'), ['store_full', 'the disk of the data directory is full (quota)'])
  assert.deepEqual(told('EROFS'), ['store_unavailable', 'the data directory is read-only'])
  const other = systemError('ENOENT')
  assert.equal(diskFault(other), other)
  assert.equal(diskFault('text'), 'text')
})
