import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { sql } from 'kysely'
import { openSqlite } from './node-sqlite.ts'

interface Things {
  things: { id: number; text: string }
}

async function withDatabase(work: (sqlite: ReturnType<typeof openSqlite<Things>>, file: string) => Promise<void>) {
  const directory = mkdtempSync(join(tmpdir(), 'tollgate-sqlite-'))
  const file = join(directory, 'test.db')
  const sqlite = openSqlite<Things>(file)
  try {
    await sql`create table things (id integer primary key, text text not null) strict`.execute(sqlite.kysely)
    await work(sqlite, file)
  } finally {
    await sqlite.kysely.destroy()
    rmSync(directory, { recursive: true })
  }
}

test('the database is in WAL mode, synchronises every commit and enforces foreign keys', () =>
  withDatabase(async ({ connection }) => {
    assert.deepEqual({ ...connection.prepare('pragma journal_mode').get() }, { journal_mode: 'wal' })
    assert.deepEqual({ ...connection.prepare('pragma synchronous').get() }, { synchronous: 2 })
    assert.deepEqual({ ...connection.prepare('pragma foreign_keys').get() }, { foreign_keys: 1 })
  }))

test('database, WAL and shared memory are readable for their owner alone', () =>
  withDatabase(async (_sqlite, file) => {
    for (const name of [file, `${file}-wal`, `${file}-shm`]) assert.equal(statSync(name).mode & 0o777, 0o600, name)
  }))

test('Kysely reads, writes, returns rows and counts them through the adapter', () =>
  withDatabase(async ({ kysely }) => {
    const row = await kysely.insertInto('things').values({ id: 1, text: "it's" }).returningAll().executeTakeFirst()
    assert.deepEqual({ ...row }, { id: 1, text: "it's" })
    const updated = await kysely.updateTable('things').set({ text: 'b' }).where('id', '=', 1).executeTakeFirst()
    assert.equal(updated.numUpdatedRows, 1n)
    assert.deepEqual(
      (await kysely.selectFrom('things').selectAll().execute()).map((one) => one.text),
      ['b'],
    )
  }))

test('text with NUL and characters outside the basic plane comes back whole', () =>
  withDatabase(async ({ kysely }) => {
    const text = 'a\u0000b\u{1f4de}'
    await kysely.insertInto('things').values({ id: 1, text }).execute()
    assert.equal((await kysely.selectFrom('things').select('text').executeTakeFirst())?.text, text)
  }))

test('a failed transaction leaves nothing', () =>
  withDatabase(async ({ kysely }) => {
    await assert.rejects(
      kysely.transaction().execute(async (transaction) => {
        await transaction.insertInto('things').values({ id: 1, text: 'a' }).execute()
        await transaction.insertInto('things').values({ id: 1, text: 'again' }).execute()
      }),
    )
    assert.deepEqual(await kysely.selectFrom('things').selectAll().execute(), [])
  }))

test('a reader in another process sees what is committed while a transaction is open', () =>
  withDatabase(async ({ kysely }, file) => {
    await kysely.insertInto('things').values({ id: 1, text: 'a' }).execute()
    await kysely.transaction().execute(async (transaction) => {
      await transaction.insertInto('things').values({ id: 2, text: 'b' }).execute()
      const other = new DatabaseSync(file, { readOnly: true })
      assert.deepEqual({ ...other.prepare('select count(*) as count from things').get() }, { count: 1 })
      other.close()
    })
  }))
