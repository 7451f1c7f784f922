// One process for one data directory. SQLite's own lock on an empty file: the system lets go of it when the process is
// gone, whatever ended it.
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Fault } from '../base/fault.ts'

export interface DataLock {
  /** Idempotent. */
  release(): void
}

/** Keeps the connections alive: one that nobody refers to is closed by the garbage collector, and its lock with it. */
const held = new Set<DatabaseSync>()

/** Fault store_unavailable while another process, or another store of this one, holds the directory. */
export function lockDirectory(directory: string): DataLock {
  const file = join(directory, 'lock')
  closeSync(openSync(file, 'a', 0o600))
  const connection = new DatabaseSync(file)
  try {
    connection.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE')
  } catch (cause) {
    connection.close()
    const message = `the data directory ${directory} is in use by another Tollgate; each needs its own TOLLGATE_DATA_DIR`
    throw new Fault('store_unavailable', message, { cause })
  }
  held.add(connection)
  return {
    release: () => {
      if (held.delete(connection)) connection.close()
    },
  }
}
