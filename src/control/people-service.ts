// PeopleService (services.ts): set-up, users, sessions, API keys. Answers about wrong credentials never say which half
// was wrong. Every change and every sign-in is in the audit.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Fault } from '../base/fault.ts'
import type { Clock } from '../base/clock.ts'
import { sha256Hex } from '../base/hash.ts'
import { randomToken } from '../base/random.ts'
import type { Random } from '../base/random.ts'
import { appendAudit } from '../store/audit-rows.ts'
import * as rows from '../store/people-rows.ts'
import type { ApiKeyRow, UserRow } from '../store/people-rows.ts'
import { putMeta } from '../store/store.ts'
import type { Store } from '../store/store.ts'
import { BackOff } from './back-off.ts'
import { invalid } from './input-errors.ts'
import { Mutex } from './mutex.ts'
import { Passwords, passwordFault } from './passwords.ts'
import { peopleAudit } from './people-audit.ts'
import type { Author } from './people-audit.ts'
import type {
  Actor,
  ApiKeyView,
  Identity,
  PasswordChange,
  PeopleService,
  Role,
  SessionInfo,
  UserView,
} from './services.ts'
import { changePassword, endSessions, getUser, listSessions, resetAdministrator, updateUser } from './user-changes.ts'
import type { UserChanges } from './user-changes.ts'
import { TokenFile } from './token-file.ts'

const idleMs = 30 * 60_000
const absoluteMs = 12 * 3_600_000
const touchEveryMs = 60_000
/** Failures before a wait: of one name from one address, of one address, of one name from anywhere. */
const rules = { pair: { free: 5 }, address: { free: 20 }, name: { free: 50 } }
const usernamePattern = /^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,63}$/u
const usernameFault = {
  path: 'username',
  message: '1 to 64 letters, digits, . _ @ + -, beginning with a letter or digit',
}
const doneKey = 'setupDone'

export interface PeopleOptions {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly dataDir: string
}

interface NewUser {
  readonly username: string
  readonly password: string
  readonly role: Role
}

const systemActor: Actor = { kind: 'system', id: null, name: 'start', address: null }
const newSecret = (): string => randomBytes(32).toString('base64url')
const userView = ({ id, username, role, createdAt, disabled }: UserRow, sessions = 0): UserView => ({
  id,
  username,
  role: role as Role,
  disabled,
  createdAt,
  sessions,
})

function keyView(row: ApiKeyRow): ApiKeyView {
  const { hash: _, role, ...key } = row
  return { ...key, role: role as Role }
}

const identityOf = (user: UserRow, address: string): Identity => ({
  actor: { kind: 'user', id: user.id, name: user.username, address },
  role: user.role as Role,
})

export class People implements PeopleService {
  readonly #store: Store
  readonly #clock: Clock
  readonly #random: Random
  readonly #token: TokenFile
  readonly #hostToken: TokenFile
  readonly #passwords = new Passwords()
  readonly #backOff = new BackOff()
  readonly #writers = new Mutex()
  /** When sessions were used, in milliseconds since 1970, while the disk takes nothing. */
  readonly #seen = new Map<string, number>()
  #setupDone: boolean

  private constructor(options: PeopleOptions, setupDone: boolean) {
    this.#store = options.store
    this.#clock = options.clock
    this.#random = options.random
    this.#token = new TokenFile(join(options.dataDir, 'setup-token'))
    this.#hostToken = new TokenFile(join(options.dataDir, 'host-token'))
    this.#setupDone = setupDone
  }

  static async open(options: PeopleOptions): Promise<People> {
    const done = await options.store.findMeta(doneKey)
    const people = new People(options, done !== undefined)
    if (people.#setupDone) people.#token.discard()
    else people.#token.renew()
    people.#hostToken.tryRenew()
    return people
  }

  setupRequired(): boolean {
    return !this.#setupDone
  }

  get setupToken(): string | undefined {
    return this.#token.token
  }

  get setupTokenFile(): string {
    return this.#token.file
  }

  async setup(input: { token: string; username: string; password: string }, address: string): Promise<Identity> {
    const refused = (): Fault => new Fault('forbidden', 'the set-up token is wrong or was used')
    if (this.#setupDone || !this.#token.accepts(input.token)) throw refused()
    const user = await this.#newUser({ ...input, role: 'administrator' })
    return this.#writers.run(async () => {
      if (this.#setupDone) throw refused()
      const actor: Actor = { kind: 'user', id: user.id, name: user.username, address }
      await this.#insertAdministrator(user, actor, 'setup')
      return identityOf(user, address)
    })
  }

  /** Unattended set-up: administrator `admin` with this password, if there is no administrator and there was none. */
  async ensureAdministrator(password: string): Promise<void> {
    const { users } = await this.#store.read((database) => rows.countByRole(database, 'administrator'))
    if (users > 0) return
    const user = await this.#newUser({ username: 'admin', password, role: 'administrator' })
    await this.#writers.run(() => this.#insertAdministrator(user, systemActor, 'setup'))
  }

  /** Unattended set-up: an administrator's API key with this content, if there is none. */
  async ensureApiKey(key: string): Promise<void> {
    if (key.length < 8 || key.length > 256)
      throw invalid([{ path: 'apiKey', message: 'an API key of 8 to 256 characters' }])
    const { keys } = await this.#store.read((database) => rows.countByRole(database, 'administrator'))
    if (keys > 0) return
    await this.#insertKey(key, { name: 'unattended', role: 'administrator', expiresAt: null }, systemActor)
    await this.#finishSetup()
  }

  async #finishSetup(): Promise<void> {
    if (this.#setupDone) return
    await this.#store.setMeta(doneKey, 'true')
    this.#setupDone = true
    this.#token.discard()
  }

  async #insertAdministrator(user: UserRow, actor: Actor, action: string): Promise<void> {
    await this.#store.write(async (transaction) => {
      await rows.insertUser(transaction, user)
      await putMeta(transaction, doneKey, 'true')
      await appendAudit(transaction, [this.#audit(actor, action, { kind: 'user', name: user.username })])
    })
    this.#setupDone = true
    this.#token.discard()
  }

  /** Checked and hashed, not yet stored. */
  async #newUser({ username, password, role }: NewUser): Promise<UserRow> {
    if (!usernamePattern.test(username)) throw invalid([usernameFault])
    const fault = passwordFault(password, username)
    if (fault !== undefined) throw invalid([fault])
    const passwordHash = await this.#passwords.hash(password)
    return { id: this.#newId('usr'), username, role, passwordHash, createdAt: this.#clock.wallMs(), disabled: false }
  }

  #newId(prefix: string): string {
    return `${prefix}_${randomToken(this.#random, 16)}`
  }

  #audit(author: Actor | Author, action: string, what: Parameters<typeof peopleAudit>[3]) {
    return peopleAudit(this.#clock.wallMs(), author, action, what)
  }

  get #tools() {
    return { store: this.#store, clock: this.#clock, random: this.#random, passwords: this.#passwords }
  }

  /** Sessions that were used or begun before these moments are over (milliseconds since 1970). */
  #openSince(): { readonly seenAt: number; readonly createdAt: number } {
    const now = this.#clock.wallMs()
    return { seenAt: now - idleMs, createdAt: now - absoluteMs }
  }

  #throttle(username: string, address: string): string[] {
    const name = username.slice(0, 64).toLowerCase()
    const keys = { pair: `pair\n${name}\n${address}`, address: `address\n${address}`, name: `name\n${name}` }
    const now = this.#clock.nowMs()
    const wait = Math.max(...Object.values(keys).map((key) => this.#backOff.waitMs(key, now)))
    if (wait > 0) throw new Fault('too_many_requests', `too many attempts; wait ${Math.ceil(wait / 1_000)} s`)
    for (const [rule, key] of Object.entries(keys)) this.#backOff.fail(key, rules[rule as keyof typeof rules], now)
    return Object.values(keys)
  }

  async signIn(username: string, password: string, address: string): Promise<{ session: string; identity: Identity }> {
    const keys = this.#throttle(username, address)
    const user = await this.#store.read((database) => rows.findUserByName(database, username))
    const fits = await this.#passwords.verify(password.slice(0, 1_024), user?.passwordHash)
    if (user === undefined || !fits || user.disabled) {
      const actor: Actor = { kind: 'system', id: null, name: 'sign-in', address }
      const entry = this.#audit(actor, 'sign-in refused', { kind: 'user', name: username.slice(0, 64) })
      await this.#store.write((transaction) => appendAudit(transaction, [entry]))
      throw new Fault('unauthenticated', 'name or password is wrong')
    }
    for (const key of keys) this.#backOff.succeed(key)
    const session = newSecret()
    const identity = identityOf(user, address)
    const rehashed = this.#passwords.isOutdated(user.passwordHash) ? await this.#passwords.hash(password) : undefined
    const now = this.#clock.wallMs()
    await this.#store.write(async (transaction) => {
      const row = { hash: sha256Hex(session), userId: user.id, createdAt: now, seenAt: now, address }
      await rows.insertSession(transaction, row)
      await rows.deleteSessionsBefore(transaction, now - idleMs, now - absoluteMs)
      if (rehashed !== undefined) await rows.updateUser(transaction, { ...user, passwordHash: rehashed })
      await appendAudit(transaction, [this.#audit(identity.actor, 'sign-in', { kind: 'user', name: user.username })])
    })
    return { session, identity }
  }

  async signOut(session: string, actor?: Actor): Promise<void> {
    await this.#store.write(async (transaction) => {
      await rows.deleteSession(transaction, sha256Hex(session))
      if (actor === undefined) return
      const what = { kind: 'user', objectId: actor.id ?? undefined, name: actor.name } as const
      await appendAudit(transaction, [this.#audit(actor, 'sign-out', what)])
    })
  }

  async findSession(session: string, address: string): Promise<Identity | undefined> {
    const hash = sha256Hex(session)
    const row = await this.#store.read((database) => rows.findSession(database, hash))
    if (row === undefined || row.user.disabled) return undefined
    const now = this.#clock.wallMs()
    const seenAt = Math.max(row.seenAt, this.#seen.get(hash) ?? 0)
    if (now - seenAt > idleMs || now - row.createdAt > absoluteMs) {
      await this.#note((transaction) => rows.deleteSession(transaction, hash))
      return undefined
    }
    if (now - seenAt > touchEveryMs) {
      this.#seen.set(hash, now)
      if (await this.#note((transaction) => rows.touchSession(transaction, hash, now))) this.#seen.clear()
    }
    return identityOf(row.user, address)
  }

  /** Whether it was stored. A disk that takes nothing is no reason to lock anybody out. */
  async #note(
    write: (transaction: Parameters<Parameters<Store['write']>[0]>[0]) => Promise<unknown>,
  ): Promise<boolean> {
    try {
      await this.#store.write(write)
      return true
    } catch (error) {
      if (this.#store.writes.trouble === undefined) throw error
      return false
    }
  }

  async findApiKey(key: string, address: string): Promise<Identity | undefined> {
    const row = await this.#store.read((database) => rows.findApiKey(database, sha256Hex(key)))
    const now = this.#clock.wallMs()
    if (row === undefined || (row.expiresAt !== null && row.expiresAt <= now)) return undefined
    if (row.lastUsedAt === null || now - row.lastUsedAt > touchEveryMs)
      await this.#note((transaction) => rows.touchApiKey(transaction, row.id, now))
    return { actor: { kind: 'apiKey', id: row.id, name: row.name, address }, role: row.role as Role }
  }

  async listUsers(): Promise<readonly UserView[]> {
    const sessions = await this.#store.read((database) => rows.countSessions(database, this.#openSince()))
    return (await this.#store.read(rows.listUsers)).map((user) => userView(user, sessions.get(user.id)))
  }

  async createUser(input: NewUser, author: Actor | Author): Promise<UserView> {
    const user = await this.#newUser(input)
    return this.#writers.run(async () => {
      const twin = await this.#store.read((database) => rows.findUserByName(database, user.username))
      if (twin !== undefined) throw new Fault('conflict', `there is already a user ${user.username}`)
      await this.#store.write(async (transaction) => {
        await rows.insertUser(transaction, user)
        const what = { kind: 'user', objectId: user.id, name: user.username, after: { role: user.role } } as const
        await appendAudit(transaction, [this.#audit(author, 'create', what)])
      })
      return userView(user)
    })
  }

  removeUser(id: string, author: Actor | Author): Promise<void> {
    return this.#writers.run(async () => {
      const user = await getUser(this.#tools, id, () => false)
      await this.#store.write(async (transaction) => {
        await rows.deleteUser(transaction, id)
        const what = { kind: 'user', objectId: id, name: user.username, before: { role: user.role } } as const
        await appendAudit(transaction, [this.#audit(author, 'delete', what)])
      })
    })
  }

  updateUser(id: string, changes: UserChanges, author: Author): Promise<UserView> {
    return this.#writers.run(async () => userView(await updateUser(this.#tools, id, changes, author)))
  }

  async changePassword(actor: Actor, input: PasswordChange): Promise<void> {
    // A stolen session must not be a way to guess the password.
    const keys = this.#throttle(actor.name, actor.address ?? '')
    await this.#writers.run(() => changePassword(this.#tools, actor, input))
    for (const key of keys) this.#backOff.succeed(key)
  }

  listSessions(userId: string, session: string | null): Promise<readonly SessionInfo[]> {
    return listSessions(this.#tools, userId, session, this.#openSince())
  }

  endSessions(userId: string, author: Author, keep?: string): Promise<void> {
    return endSessions(this.#tools, userId, author, keep)
  }

  async resetAdministrator(token: string, username: string, address: string): Promise<string> {
    if (!this.#hostToken.accepts(token))
      throw new Fault('forbidden', 'this is not what stands in the file host-token of the data directory')
    if (!usernamePattern.test(username)) throw invalid([usernameFault])
    return this.#writers.run(async () => {
      const actor: Actor = { kind: 'system', id: null, name: 'host', address }
      const password = await resetAdministrator(this.#tools, username, { actor })
      this.#hostToken.tryRenew()
      await this.#finishSetup()
      return password
    })
  }

  async listApiKeys(): Promise<readonly ApiKeyView[]> {
    return (await this.#store.read(rows.listApiKeys)).map((key) => keyView(key))
  }

  async createApiKey(
    input: { name: string; role: Role; expiresAt: number | null },
    author: Actor | Author,
  ): Promise<ApiKeyView & { key: string }> {
    if (input.name.trim() === '' || input.name.length > 100)
      throw invalid([{ path: 'name', message: 'a name of 1 to 100 characters' }])
    if (input.expiresAt !== null && input.expiresAt <= this.#clock.wallMs())
      throw invalid([{ path: 'expiresAt', message: 'a time to come' }])
    const key = `tg_${newSecret()}`
    const row = await this.#insertKey(key, input, author)
    return { ...keyView(row), key }
  }

  async #insertKey(
    key: string,
    input: { name: string; role: Role; expiresAt: number | null },
    author: Actor | Author,
  ): Promise<ApiKeyRow> {
    const row: ApiKeyRow = {
      id: this.#newId('key'),
      name: input.name,
      role: input.role,
      prefix: key.slice(0, Math.min(7, key.length >> 1)),
      hash: sha256Hex(key),
      createdAt: this.#clock.wallMs(),
      expiresAt: input.expiresAt,
      lastUsedAt: null,
    }
    await this.#store.write(async (transaction) => {
      await rows.insertApiKey(transaction, row)
      const after = { role: row.role, prefix: row.prefix, expiresAt: row.expiresAt }
      const what = { kind: 'apiKey', objectId: row.id, name: row.name, after } as const
      await appendAudit(transaction, [this.#audit(author, 'create', what)])
    })
    return row
  }

  removeApiKey(id: string, author: Actor | Author): Promise<void> {
    return this.#writers.run(async () => {
      const key = (await this.#store.read(rows.listApiKeys)).find((one) => one.id === id)
      if (key === undefined) throw new Fault('not_found', `there is no API key ${id}`)
      await this.#store.write(async (transaction) => {
        await rows.deleteApiKey(transaction, id)
        const what = { kind: 'apiKey', objectId: id, name: key.name, before: { role: key.role } } as const
        await appendAudit(transaction, [this.#audit(author, 'delete', what)])
      })
    })
  }
}
