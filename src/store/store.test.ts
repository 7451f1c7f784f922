import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { Fault } from '../base/fault.ts'
import { schemaVersion } from './migrations.ts'
import { databaseFileName, keyFileName } from './backup.ts'
import { putMeta, Store } from './store.ts'

async function withDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const parent = mkdtempSync(join(tmpdir(), 'tollgate-store-'))
  try {
    await work(join(parent, 'data'))
  } finally {
    rmSync(parent, { recursive: true })
  }
}

const unavailable = (detail: RegExp) => (error: unknown) =>
  error instanceof Fault && error.code === 'store_unavailable' && detail.test(error.message)

const openAndClose = async (directory: string): Promise<void> => (await Store.open(directory, 0)).close()

test('directory 0700, database and key 0600, and a second opening finds what the first wrote', () =>
  withDirectory(async (directory) => {
    const store = await Store.open(directory, 5)
    await store.setMeta('a', '1')
    await store.setMeta('a', '2')
    assert.equal(statSync(directory).mode & 0o777, 0o700)
    for (const name of [databaseFileName, keyFileName])
      assert.equal(statSync(join(directory, name)).mode & 0o777, 0o600, name)
    await store.close()
    const again = await Store.open(directory, 6)
    assert.equal(await again.findMeta('a'), '2')
    assert.equal(await again.findMeta('b'), undefined)
    await again.close()
  }))

test('migrations run once, and a newer schema is refused with both versions named', () =>
  withDirectory(async (directory) => {
    await openAndClose(directory)
    await openAndClose(directory)
    const database = new DatabaseSync(join(directory, databaseFileName))
    assert.equal(database.prepare('select version from schema_migrations').all().length, schemaVersion)
    database.prepare('insert into schema_migrations values (?, ?, ?)').run(schemaVersion + 7, 'future', 0)
    database.close()
    await assert.rejects(
      Store.open(directory, 0),
      unavailable(new RegExp(`schema ${schemaVersion + 7}.*newer version.*up to ${schemaVersion}`)),
    )
  }))

test('a missing key and a key of another database stop the start clearly', () =>
  withDirectory(async (directory) => {
    await openAndClose(directory)
    renameSync(join(directory, keyFileName), join(directory, 'kept'))
    await assert.rejects(Store.open(directory, 0), unavailable(/key is missing/))
    writeFileSync(join(directory, keyFileName), Buffer.alloc(32, 7).toString('base64'))
    await assert.rejects(Store.open(directory, 0), unavailable(/cannot be read with this key/))
    renameSync(join(directory, 'kept'), join(directory, keyFileName))
    await openAndClose(directory)
  }))

test('a file that is no database and a directory that is a file are faults, not crashes', () =>
  withDirectory(async (directory) => {
    mkdirSync(directory)
    writeFileSync(join(directory, databaseFileName), 'no database at all, but long enough to be read as a page')
    await assert.rejects(Store.open(directory, 0), unavailable(/cannot be opened as a database/))
    writeFileSync(join(directory, 'file'), '')
    await assert.rejects(Store.open(join(directory, 'file', 'data'), 0), unavailable(/cannot be made/))
  }))

test('a transaction is all or nothing, and so is a batch', () =>
  withDirectory(async (directory) => {
    const store = await Store.open(directory, 0)
    await assert.rejects(
      store.write(async (transaction) => {
        await putMeta(transaction, 'a', '1')
        throw new Error('stop')
      }),
      /stop/,
    )
    await assert.rejects(
      store.batch((connection) => {
        connection.exec("insert into meta values ('a', '1')")
        connection.exec("insert into meta values ('a', '2')")
      }),
      unavailable(/UNIQUE/),
    )
    assert.equal(await store.findMeta('a'), undefined)
    await store.close()
  }))

test('a batch waits for an open transaction instead of falling into it', () =>
  withDirectory(async (directory) => {
    const store = await Store.open(directory, 0)
    const order: string[] = []
    const slow = store.write(async (transaction) => {
      await putMeta(transaction, 'a', '1')
      order.push('transaction')
      await putMeta(transaction, 'b', '1')
      throw new Error('undone')
    })
    const batch = store.batch((connection) => {
      order.push('batch')
      connection.exec("insert into meta values ('c', '1')")
    })
    await assert.rejects(slow, /undone/)
    await batch
    assert.deepEqual(order, ['transaction', 'batch'])
    assert.equal(await store.findMeta('b'), undefined)
    assert.equal(await store.findMeta('c'), '1')
    await store.close()
  }))
