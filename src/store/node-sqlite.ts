// Lets Kysely's SqliteDialect drive node:sqlite: the two differ only in how parameters are passed and in `reader`.
import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue } from 'node:sqlite'
import { Kysely, SqliteDialect } from 'kysely'
import type { SqliteDatabase, SqliteStatement } from 'kysely'

function adapt(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare(text): SqliteStatement {
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

export function openSqlite<Tables>(file: string): Kysely<Tables> {
  const database = new DatabaseSync(file)
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000',
  )
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: adapt(database) }) })
}
