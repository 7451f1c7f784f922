// The database of one data directory: opened, migrated, guarded by its key. Errors of SQLite leave as Fault
// store_unavailable. One write at a time: Kysely holds the single connection for a whole transaction.
import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { backup } from 'node:sqlite'
import type { DatabaseSync } from 'node:sqlite'
import type { Kysely, Transaction } from 'kysely'
import { Fault } from '../base/fault.ts'
import { databaseFileName, finishRestore, keyFileName } from './backup.ts'
import { lockDirectory } from './data-lock.ts'
import type { DataLock } from './data-lock.ts'
import { migrate } from './migrations.ts'
import { openSqlite } from './node-sqlite.ts'
import type { Sqlite } from './node-sqlite.ts'
import type { Tables } from './schema.ts'
import { openKeyFile, SecretBox } from './secrets.ts'
import { diskFault, WriteWatch } from './write-watch.ts'

async function guarded<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw diskFault(error)
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

function openFile(file: string, alone: boolean): Sqlite<Tables> {
  try {
    return openSqlite<Tables>(file, alone)
  } catch (cause) {
    throw new Fault('store_unavailable', `${file} cannot be opened as a database: ${String(cause)}`, { cause })
  }
}

/** Pages copied between two turns of the event loop: about 2 MiB. */
const snapshotPages = 500

export interface StoreOptions {
  /** A missing key file is made for a new database (true unless said); false where all has to be there already. */
  readonly mayCreate?: boolean
  /** No other program may look into the database meanwhile; in return a disk that fails cannot end this one. */
  readonly alone?: boolean
}

export class Store {
  readonly secrets: SecretBox
  /** Whether the disk takes what is written. */
  readonly writes = new WriteWatch()
  readonly #sqlite: Sqlite<Tables>
  readonly #lock: DataLock

  private constructor(sqlite: Sqlite<Tables>, lock: DataLock, secrets: SecretBox) {
    this.#sqlite = sqlite
    this.#lock = lock
    this.secrets = secrets
  }

  /**
   * A restore that was decided is finished first. @param wallMs milliseconds since 1970, for the migration's date
   */
  static async open(directory: string, wallMs: number, options: StoreOptions = {}): Promise<Store> {
    openDirectory(directory)
    const lock = await guarded(async () => lockDirectory(directory))
    try {
      finishRestore(directory)
      return await Store.#openLocked(directory, { wallMs, lock, ...options })
    } catch (error) {
      lock.release()
      throw diskFault(error)
    }
  }

  static async #openLocked(
    directory: string,
    { wallMs, lock, mayCreate = true, alone = false }: { wallMs: number; lock: DataLock } & StoreOptions,
  ): Promise<Store> {
    const sqlite = openFile(join(directory, databaseFileName), alone)
    try {
      await guarded(() => migrate(sqlite.kysely, wallMs))
      const check = await guarded(() =>
        sqlite.kysely.selectFrom('meta').select('value').where('key', '=', 'keyCheck').executeTakeFirst(),
      )
      const secrets = new SecretBox(openKeyFile(join(directory, keyFileName), mayCreate && check === undefined))
      if (check !== undefined) secrets.unseal('meta', 'keyCheck', check.value)
      const store = new Store(sqlite, lock, secrets)
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
    return this.#watched(() => this.#sqlite.kysely.transaction().execute(work))
  }

  /** One transaction of prepared statements, without a pause in the middle; for batches whose cost counts. */
  batch<Result>(work: (connection: DatabaseSync) => Result): Promise<Result> {
    const { kysely, connection } = this.#sqlite
    return this.#watched(() =>
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

  async #watched<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      const result = await guarded(work)
      this.writes.succeeded()
      return result
    } catch (error) {
      this.writes.failed(error)
      throw error
    }
  }

  /** A consistent copy of the database at this file, while work goes on. */
  async snapshot(file: string): Promise<void> {
    await guarded(async () => void (await backup(this.#sqlite.connection, file, { rate: snapshotPages })))
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
    this.#lock.release()
  }
}

export async function putMeta(transaction: Transaction<Tables>, key: string, value: string): Promise<void> {
  await transaction
    .insertInto('meta')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}
