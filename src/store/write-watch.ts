// Whether the disk takes what is written: errors of SQLite and of the file system in words for people, and the state that
// they leave, for whoever watches it.
import { Fault } from '../base/fault.ts'

/** Primary result codes of SQLite that the disk causes, or another program; all others are a fault of ours. */
const sqliteTexts: Readonly<Record<number, (detail: string) => string>> = {
  5: () => 'another program holds the database',
  8: () => 'the database is read-only',
  10: (detail) => `the disk of the data directory reports an error, or is read-only (${detail})`,
  11: (detail) => `the database is damaged (${detail})`,
  13: () => 'the disk of the data directory is full',
  14: () => 'files cannot be opened in the data directory',
  26: (detail) => `the database is damaged (${detail})`,
}

const systemTexts: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk of the data directory is full',
  EDQUOT: 'the disk of the data directory is full (quota)',
  EROFS: 'the data directory is read-only',
  EACCES: 'the data directory may not be written',
  EPERM: 'the data directory may not be written',
  EIO: 'the disk of the data directory reports an error',
  EFBIG: 'the disk of the data directory reports an error (file too large)',
}

const isFull = ({ errcode, code }: ErrorCodes): boolean =>
  (errcode ?? 0) % 256 === 13 || code === 'ENOSPC' || code === 'EDQUOT'

interface ErrorCodes {
  /** `ENOSPC`; of SQLite always `ERR_SQLITE_ERROR`. */
  readonly code?: unknown
  /** Extended result code of SQLite. */
  readonly errcode?: number
}

/** What the disk did, in words; undefined = this error is not the disk's. */
function diskText(error: Error): string | undefined {
  const { code, errcode = 0 } = error as ErrorCodes
  if (code === 'ERR_SQLITE_ERROR') return sqliteTexts[errcode % 256]?.(error.message)
  return typeof code === 'string' && 'syscall' in error ? systemTexts[code] : undefined
}

/** A Fault for errors of SQLite and of a disk; anything else stays as it is. */
export function diskFault(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const text = diskText(error)
  if (text !== undefined)
    return new Fault(isFull(error as ErrorCodes) ? 'store_full' : 'store_unavailable', text, { cause: error })
  if (!('code' in error) || error.code !== 'ERR_SQLITE_ERROR') return error
  return new Fault('store_unavailable', `database: ${error.message}`, { cause: error })
}

/** Whether a fault tells of the disk, and not of a statement that is wrong. */
const tellsOfDisk = (fault: unknown): fault is Fault =>
  fault instanceof Fault && fault.cause instanceof Error && diskText(fault.cause) !== undefined

export class WriteWatch {
  #trouble: string | undefined
  /** Told when writes begin to fail, and when one succeeds again (undefined). */
  onChange: ((trouble: string | undefined) => void) | undefined

  /** Why the last write failed; undefined = it did not. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  failed(fault: unknown): void {
    if (tellsOfDisk(fault)) this.#set(fault.message)
  }

  succeeded(): void {
    this.#set(undefined)
  }

  #set(trouble: string | undefined): void {
    const before = this.#trouble
    this.#trouble = trouble
    if ((before === undefined) !== (trouble === undefined)) this.onChange?.(trouble)
  }
}
