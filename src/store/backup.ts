// A backup: a tar with what it is (manifest), a consistent copy of the database and the key file. And the way back: all
// of it is unpacked beside what is in use, and takes its place in steps that may be cut off anywhere.
import {
  chmodSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { extract, pack, type Entry, type Pack } from 'tar-stream'
import { Fault } from '../base/fault.ts'
import { bound } from '../base/limits.ts'
import { schemaVersion } from './migrations.ts'
import { diskFault } from './write-watch.ts'

export const databaseFileName = 'tollgate.db'
export const keyFileName = 'key'
const manifestName = 'manifest.json'
const pendingName = 'restore-pending'
const replacedName = 'replaced'
const format = 1

export interface Manifest {
  readonly format: number
  /** Of Tollgate. */
  readonly version: string
  readonly schema: number
  readonly revision: number
  /** ISO 8601. */
  readonly takenAt: string
}

const wrongFile = (message: string): Fault => new Fault('invalid', message, { errors: [{ path: '', message }] })

/** Nobody is signed in where the backup is put in force: those sessions may have ended since. */
function dropSessions(file: string): void {
  const database = new DatabaseSync(file)
  try {
    database.exec('PRAGMA journal_mode = DELETE; PRAGMA secure_delete = ON; DELETE FROM sessions')
  } finally {
    database.close()
  }
}

function addText(tar: Pack, name: string, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    tar.entry({ name, mode: 0o600 }, text, (error) => (error ? reject(error) : resolve()))
  })
}

async function addFile(tar: Pack, name: string, file: string): Promise<void> {
  await pipeline(
    createReadStream(file),
    tar.entry({ name, size: statSync(file).size, mode: 0o600 }, () => undefined),
  )
}

/**
 * The tar as a stream. @param snapshot makes a consistent copy of the database at this file
 */
export async function openBackup(
  directory: string,
  snapshot: (file: string) => Promise<void>,
  manifest: Omit<Manifest, 'format' | 'schema'>,
): Promise<Readable> {
  const folder = mkdtempSync(join(directory, 'backup-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  try {
    const copy = join(folder, databaseFileName)
    await snapshot(copy)
    chmodSync(copy, 0o600)
    dropSessions(copy)
    const tar = pack()
    const fill = async (): Promise<void> => {
      await addText(tar, manifestName, `${JSON.stringify({ format, schema: schemaVersion, ...manifest }, null, 2)}\n`)
      await addText(tar, keyFileName, readFileSync(join(directory, keyFileName), 'utf8'))
      await addFile(tar, databaseFileName, copy)
      tar.finalize()
    }
    fill().catch((error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))))
    return Readable.from(tar).once('close', remove)
  } catch (cause) {
    remove()
    throw new Fault('store_unavailable', `the backup cannot be made: ${String(cause)}`, { cause })
  }
}

const sizesMax: Readonly<Record<string, () => number>> = {
  [manifestName]: () => 65_536,
  [keyFileName]: () => 4_096,
  [databaseFileName]: () => bound('backupBytesMax'),
}

async function unpackEntry(entry: Entry, folder: string): Promise<void> {
  const { name, size, type } = entry.header
  const most = Object.hasOwn(sizesMax, name) && type === 'file' ? sizesMax[name]?.() : undefined
  if (most === undefined) throw wrongFile(`no backup of Tollgate: it has an entry "${name.slice(0, 100)}"`)
  if (size > most) throw wrongFile(`no backup of Tollgate: ${name} has ${size} bytes, at most ${most}`)
  await pipeline(entry, createWriteStream(join(folder, name), { mode: 0o600, flags: 'wx', flush: true }))
}

function readManifest(folder: string): Manifest {
  const missing = Object.keys(sizesMax).filter((name) => !existsSync(join(folder, name)))
  if (missing.length > 0) throw wrongFile(`no backup of Tollgate: it lacks ${missing.join(', ')}`)
  let read: Partial<Manifest>
  try {
    read = JSON.parse(readFileSync(join(folder, manifestName), 'utf8')) as Partial<Manifest>
  } catch (cause) {
    throw new Fault('invalid', `no backup of Tollgate: ${manifestName} is no JSON`, { cause })
  }
  const { format: written = 0, schema = 0, version = '', revision = 0, takenAt = '' } = read
  if (written > format || schema > schemaVersion)
    throw wrongFile(
      `the backup was made by a newer version of Tollgate (${version}, schema ${schema}); this one knows up to ${schemaVersion}`,
    )
  if (written !== format || !Number.isFinite(Date.parse(takenAt)))
    throw wrongFile('no backup of Tollgate: wrong manifest')
  return { format: written, schema, version, revision, takenAt }
}

export interface Unpacked {
  /** A data directory of its own, beside the one in use. */
  readonly folder: string
  readonly manifest: Manifest
}

/** Fault invalid when it is no backup, or one of a newer version; then nothing of it is left. */
export async function unpackBackup(directory: string, tar: Readable): Promise<Unpacked> {
  const folder = mkdtempSync(join(directory, 'restore-'))
  try {
    const reader = extract()
    const reading = (async (): Promise<void> => {
      for await (const entry of reader) await unpackEntry(entry, folder)
    })()
    // Both have to be over before the folder may go. What went wrong with an entry is why the rest broke off.
    const ends = await Promise.allSettled([reading, pipeline(tar, reader)])
    const failed = ends.find((end) => end.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    return { folder, manifest: readManifest(folder) }
  } catch (cause) {
    discardUnpacked(folder)
    const fault = diskFault(cause)
    if (fault instanceof Fault) throw fault
    throw new Fault('invalid', 'no backup of Tollgate: the file cannot be read as a tar', { cause })
  }
}

export const discardUnpacked = (folder: string): void => rmSync(folder, { recursive: true, force: true })

/** From now on the next `Store.open` of this directory opens what was unpacked. */
export function decideRestore(directory: string, folder: string): void {
  rmSync(join(folder, manifestName), { force: true })
  rmSync(join(directory, pendingName), { recursive: true, force: true })
  renameSync(folder, join(directory, pendingName))
}

/** Moves one file into place, keeping the one that was there. May run again after it was cut off. */
function exchange(directory: string, name: string): void {
  const fresh = join(directory, pendingName, name)
  if (!existsSync(fresh)) return
  if (name === databaseFileName)
    for (const rest of ['-wal', '-shm']) {
      const file = join(directory, name + rest)
      if (existsSync(file)) renameSync(file, join(directory, replacedName, name + rest))
    }
  const present = join(directory, name)
  if (existsSync(present)) renameSync(present, join(directory, replacedName, name))
  renameSync(fresh, present)
}

/** From now on the next `Store.open` opens what was there before the last restore. False = there is nothing to go back to. */
export function undoRestore(directory: string): boolean {
  const replaced = join(directory, replacedName)
  if (![databaseFileName, keyFileName].every((name) => existsSync(join(replaced, name)))) return false
  rmSync(join(directory, pendingName), { recursive: true, force: true })
  renameSync(replaced, join(directory, pendingName))
  return true
}

/** Finishes a restore that was decided; what was in use before stays in `replaced/`. Clears what was cut off. */
export function finishRestore(directory: string): void {
  for (const name of readdirSync(directory))
    if (/^(?:backup|restore)-(?!pending$)/.test(name)) rmSync(join(directory, name), { recursive: true, force: true })
  const pending = join(directory, pendingName)
  if (!existsSync(pending)) return
  const replaced = join(directory, replacedName)
  // The first file has not been moved: it has not begun, and what is in `replaced` is of an earlier restore.
  if (existsSync(join(pending, keyFileName)) && existsSync(join(directory, keyFileName)))
    rmSync(replaced, { recursive: true, force: true })
  mkdirSync(replaced, { recursive: true, mode: 0o700 })
  // A log that belongs to the database comes after it, when the one that was there is out of the way.
  for (const name of [keyFileName, databaseFileName, `${databaseFileName}-wal`]) exchange(directory, name)
  rmSync(pending, { recursive: true, force: true })
}
