// The database of one data directory: opened, migrated, guarded by its key. Errors of SQLite leave as Fault
// store_unavailable. One write at a time: Kysely holds the single connection for a whole transaction.
import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { Kysely, Transaction } from 'kysely'
import { Fault } from '../base/fault.ts'
import { migrate } from './migrations.ts'
import { openSqlite } from './node-sqlite.ts'
import type { Sqlite } from './node-sqlite.ts'
import type { Tables } from './schema.ts'
import { openKeyFile, SecretBox } from './secrets.ts'

export const databaseFileName = 'tollgate.db'
export const keyFileName = 'key'

function asFault(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_SQLITE_ERROR') return error
  return new Fault('store_unavailable', `database: ${error.message}`, { cause: error })
}

async function guarded<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw asFault(error)
  }
}

function openDirectory(directory: string): void {
  try {
    if (!existsSync(directory)) {
      mkdirSync(directory, { recursive: true, mode: 0o700 })
      chmodSync(directory, 0o700)
    }
  } catch (cause) {
    throw new Fault('store_unavailable', `the data directory ${directory} cannot be made: ${String(cause)}`, { cause })
  }
}

function openFile(file: string): Sqlite<Tables> {
  try {
    return openSqlite<Tables>(file)
  } catch (cause) {
    throw new Fault('store_unavailable', `${file} cannot be opened as a database: ${String(cause)}`, { cause })
  }
}

export class Store {
  readonly secrets: SecretBox
  readonly #sqlite: Sqlite<Tables>

  private constructor(sqlite: Sqlite<Tables>, secrets: SecretBox) {
    this.#sqlite = sqlite
    this.secrets = secrets
  }

  /** @param wallMs milliseconds since 1970, for the migration's date. */
  static async open(directory: string, wallMs: number): Promise<Store> {
    openDirectory(directory)
    const sqlite = openFile(join(directory, databaseFileName))
    try {
      await guarded(() => migrate(sqlite.kysely, wallMs))
      const check = await guarded(() =>
        sqlite.kysely.selectFrom('meta').select('value').where('key', '=', 'keyCheck').executeTakeFirst(),
      )
      const secrets = new SecretBox(openKeyFile(join(directory, keyFileName), check === undefined))
      if (check !== undefined) secrets.unseal('meta', 'keyCheck', check.value)
      const store = new Store(sqlite, secrets)
      if (check === undefined) await store.setMeta('keyCheck', secrets.seal('meta', 'keyCheck', 'tollgate'))
      return store
    } catch (error) {
      sqlite.connection.close()
      throw error
    }
  }

  read<Result>(work: (database: Kysely<Tables>) => Promise<Result>): Promise<Result> {
    return guarded(() => work(this.#sqlite.kysely))
  }

  /** One transaction: all of it or nothing. */
  write<Result>(work: (transaction: Transaction<Tables>) => Promise<Result>): Promise<Result> {
    return guarded(() => this.#sqlite.kysely.transaction().execute(work))
  }

  /** One transaction of prepared statements, without a pause in the middle; for batches whose cost counts. */
  batch<Result>(work: (connection: DatabaseSync) => Result): Promise<Result> {
    const { kysely, connection } = this.#sqlite
    return guarded(() =>
      kysely.connection().execute(async () => {
        connection.exec('begin immediate')
        try {
          const result = work(connection)
          connection.exec('commit')
          return result
        } catch (error) {
          if (connection.isTransaction) connection.exec('rollback')
          throw error
        }
      }),
    )
  }

  async findMeta(key: string): Promise<string | undefined> {
    const row = await this.read((database) =>
      database.selectFrom('meta').select('value').where('key', '=', key).executeTakeFirst(),
    )
    return row?.value
  }

  async setMeta(key: string, value: string): Promise<void> {
    await this.write((transaction) => putMeta(transaction, key, value))
  }

  async close(): Promise<void> {
    await this.#sqlite.kysely.destroy()
  }
}

export async function putMeta(transaction: Transaction<Tables>, key: string, value: string): Promise<void> {
  await transaction
    .insertInto('meta')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}
