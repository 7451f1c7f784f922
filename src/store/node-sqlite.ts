// Lets Kysely's SqliteDialect drive node:sqlite: the two differ only in how parameters are passed and in `reader`.
// Opens the file for its owner alone; SQLite gives its WAL and shared-memory files the mode of the database.
import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue } from 'node:sqlite'
import { Kysely, SqliteDialect } from 'kysely'
import type { SqliteDatabase, SqliteStatement } from 'kysely'
import { bound } from '../base/limits.ts'

const nothing: SqliteStatement = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [].values(),
}

function adapt(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare(text): SqliteStatement {
      // SQLite ends a transaction by itself when the disk fails; a rollback of nothing would hide why.
      if (text === 'rollback' && !database.isTransaction) return nothing
      const statement = database.prepare(text)
      const bind = (parameters: ReadonlyArray<unknown>) => parameters as ReadonlyArray<SQLInputValue>
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...bind(parameters)),
        run: (parameters) => statement.run(...bind(parameters)),
        iterate: (parameters) => statement.iterate(...bind(parameters)),
      }
    },
  }
}

export interface Sqlite<Tables> {
  /** The typed way; Kysely lets one query or transaction at a time through to the connection. */
  readonly kysely: Kysely<Tables>
  /** The same connection, for prepared batches; only while Kysely's connection is held. */
  readonly connection: DatabaseSync
}

/**
 * Opens or creates the file with mode 0600, in WAL mode, every commit synchronised to the disk. Numbers and ids of call records
 * land all over their indexes: with the 2 MB cache and the log of 1,000 pages that SQLite starts with, a record cost 44 us of
 * CPU in a table of 120,000; with these and indexes that grow at their end (ids of calls, numbers that were rewritten) 20 us.
 * `alone`: no other connection gets at it, and the index of the WAL lies in memory. In a mapped file, as for several, a disk
 * that turns read-only would end the process (SIGBUS), and its calls with it.
 */
export function openSqlite<Tables>(file: string, alone = false): Sqlite<Tables> {
  closeSync(openSync(file, 'a', 0o600))
  const connection = new DatabaseSync(file)
  if (alone) connection.exec('PRAGMA locking_mode = EXCLUSIVE')
  connection.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 1000; ' +
      `PRAGMA cache_size = -${bound('databaseCacheBytes') / 1_024}; PRAGMA wal_autocheckpoint = ${bound('databaseLogPages')}`,
  )
  return { connection, kysely: new Kysely<Tables>({ dialect: new SqliteDialect({ database: adapt(connection) }) }) }
}
