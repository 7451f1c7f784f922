// Backup and restore: what is taken is consistent; what is given back is opened, checked and compiled beside what is in
// use before anything is exchanged.
import type { Readable } from 'node:stream'
import { sql } from 'kysely'
import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import type { Random } from '../base/random.ts'
import { appendAudit } from '../store/audit-rows.ts'
import { raiseRevision } from '../store/config-rows.ts'
import { decideRestore, discardUnpacked, openBackup, unpackBackup } from '../store/backup.ts'
import type { Unpacked } from '../store/backup.ts'
import { Store } from '../store/store.ts'
import { diskFault } from '../store/write-watch.ts'
import { ConfigEngine } from './config-engine.ts'
import { Mutex } from './mutex.ts'
import type { BackupService, RestoredBackup, WriteOptions } from './services.ts'

interface BackupOptions {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly dataDir: string
  /** Of Tollgate, for the manifest. */
  readonly version: string
  readonly revision: () => number
  readonly engineOptions: Omit<Parameters<typeof ConfigEngine.open>[0], 'store'>
}

type Author = Pick<WriteOptions, 'actor' | 'reason'>

const auditBase = (at: number, { actor, reason }: Author) => ({
  at,
  actor: actor.name,
  actorKind: actor.kind,
  actorId: actor.id,
  address: actor.address,
  kind: 'configuration',
  reason: reason ?? null,
  before: null,
})

export class Backups implements BackupService {
  readonly #options: BackupOptions
  readonly #one = new Mutex()

  constructor(options: BackupOptions) {
    this.#options = options
  }

  /** One at a time; what the disk does not take is told in words. */
  async #run<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await this.#one.run(work)
    } catch (error) {
      throw diskFault(error)
    }
  }

  create(author: Author): Promise<Readable> {
    return this.#run(async () => {
      const { store, clock, dataDir, version, revision } = this.#options
      const at = clock.wallMs()
      const manifest = { version, revision: revision(), takenAt: new Date(at).toISOString() }
      const entry = { ...auditBase(at, author), action: 'backup', name: `revision ${manifest.revision}`, after: null }
      await store.write((transaction) => appendAudit(transaction, [entry]))
      return openBackup(dataDir, (file) => store.snapshot(file), manifest)
    })
  }

  restore(tar: Readable, author: Author): Promise<RestoredBackup> {
    return this.#run(async () => {
      const { dataDir } = this.#options
      const unpacked = await unpackBackup(dataDir, tar)
      try {
        const revision = await this.#check(unpacked, author)
        decideRestore(dataDir, unpacked.folder)
        const { version, takenAt } = unpacked.manifest
        return { revision, version, takenAt: Date.parse(takenAt) }
      } catch (error) {
        discardUnpacked(unpacked.folder)
        throw error
      }
    })
  }

  /** Opens it as a start would: schema, key, configuration. Nobody is told of it but its own audit. */
  async #check({ folder, manifest }: Unpacked, author: Author): Promise<number> {
    const { clock, engineOptions, revision } = this.#options
    const refuse = (cause: unknown): Fault => {
      if (cause instanceof Fault && cause.code === 'store_full') return cause
      const message = `the backup cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`
      return new Fault('invalid', message, { cause, errors: [{ path: '', message }] })
    }
    const store = await Store.open(folder, clock.wallMs(), { mayCreate: false }).catch((error: unknown) => {
      throw refuse(error)
    })
    try {
      const [found] = (
        await store.read((database) => sql<{ quick_check: string }>`pragma quick_check`.execute(database))
      ).rows
      if (found?.quick_check !== 'ok') throw new Fault('invalid', `damaged: ${found?.quick_check ?? 'unreadable'}`)
      const { configuration } = await ConfigEngine.open({ ...engineOptions, store })
      const at = clock.wallMs()
      const next = Math.max(configuration.revision, revision()) + 1
      const summary = `restore of the backup taken ${manifest.takenAt} (its revision ${configuration.revision})`
      const name = `revision ${configuration.revision}, taken ${manifest.takenAt}`
      const entry = { ...auditBase(at, author), action: 'restore', name, after: null }
      await store.write(async (transaction) => {
        await raiseRevision(transaction, { revision: next, at, actor: author.actor.name, summary })
        await appendAudit(transaction, [entry])
        await transaction.deleteFrom('sessions').execute()
      })
      return configuration.revision
    } catch (error) {
      throw refuse(error)
    } finally {
      await store.close()
    }
  }
}
