// Users, sessions and API keys as rows. Passwords come hashed, tokens and keys as SHA-256: nothing here can sign in.
import type { Kysely, Transaction } from 'kysely'
import type { Tables } from './schema.ts'

export interface UserRow {
  readonly id: string
  readonly username: string
  readonly role: string
  readonly passwordHash: string
  readonly createdAt: number
  /** May not sign in. */
  readonly disabled: boolean
}

export interface ApiKeyRow {
  readonly id: string
  readonly name: string
  readonly role: string
  readonly prefix: string
  readonly hash: string
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly lastUsedAt: number | null
}

export interface SessionRow {
  readonly hash: string
  readonly userId: string
  readonly createdAt: number
  readonly seenAt: number
  readonly address: string
}

type Database = Kysely<Tables>
type Change = Transaction<Tables>

const userColumns = [
  'users.id as id',
  'users.username as username',
  'users.role as role',
  'users.password_hash as passwordHash',
  'users.created_at as createdAt',
  'users.disabled as disabled',
] as const

const keyColumns = [
  'id',
  'name',
  'role',
  'prefix',
  'hash',
  'created_at as createdAt',
  'expires_at as expiresAt',
  'last_used_at as lastUsedAt',
] as const

type StoredUser = Omit<UserRow, 'disabled'> & { readonly disabled: number }
const userOf = <Row extends StoredUser>(row: Row) => ({ ...row, disabled: row.disabled !== 0 })

export async function listUsers(database: Database): Promise<UserRow[]> {
  const found = await database.selectFrom('users').select(userColumns).orderBy('username').execute()
  return found.map((row) => userOf(row))
}

/** Names are compared without regard to case. */
export async function findUserByName(database: Database, username: string): Promise<UserRow | undefined> {
  const row = await database.selectFrom('users').select(userColumns).where('username', '=', username).executeTakeFirst()
  return row === undefined ? undefined : userOf(row)
}

export async function insertUser(transaction: Change, user: UserRow): Promise<void> {
  const { id, username, role, passwordHash, createdAt, disabled } = user
  await transaction
    .insertInto('users')
    .values({ id, username, role, password_hash: passwordHash, created_at: createdAt, disabled: disabled ? 1 : 0 })
    .execute()
}

/** Role, password and whether they may sign in; names stay. */
export async function updateUser(transaction: Change, { id, role, passwordHash, disabled }: UserRow): Promise<void> {
  await transaction
    .updateTable('users')
    .set({ role, password_hash: passwordHash, disabled: disabled ? 1 : 0 })
    .where('id', '=', id)
    .execute()
}

/** Takes the user's sessions with it. */
export async function deleteUser(transaction: Change, id: string): Promise<void> {
  await transaction.deleteFrom('users').where('id', '=', id).execute()
}

export async function countByRole(database: Database, role: string): Promise<{ users: number; keys: number }> {
  const count = async (table: 'users' | 'api_keys'): Promise<number> => {
    const row = await database
      .selectFrom(table)
      .select((select) => select.fn.countAll<number>().as('count'))
      .where('role', '=', role)
      .executeTakeFirstOrThrow()
    return row.count
  }
  return { users: await count('users'), keys: await count('api_keys') }
}

export async function insertSession(transaction: Change, session: SessionRow): Promise<void> {
  const { hash, userId, createdAt, seenAt, address } = session
  await transaction
    .insertInto('sessions')
    .values({ hash, user_id: userId, created_at: createdAt, seen_at: seenAt, address })
    .execute()
}

export const findSession = (database: Database, hash: string): Promise<(SessionRow & { user: UserRow }) | undefined> =>
  database
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select(userColumns)
    .select(['sessions.created_at as since', 'sessions.seen_at as seenAt', 'sessions.address as address'])
    .where('hash', '=', hash)
    .executeTakeFirst()
    .then((row) => {
      if (row === undefined) return undefined
      const { since, seenAt, address, ...user } = row
      return { hash, userId: user.id, createdAt: since, seenAt, address, user: userOf(user) }
    })

/** Most recently used first. */
export const listSessionsOf = (database: Database, userId: string): Promise<Omit<SessionRow, 'userId'>[]> =>
  database
    .selectFrom('sessions')
    .select(['hash', 'created_at as createdAt', 'seen_at as seenAt', 'address'])
    .where('user_id', '=', userId)
    .orderBy('seen_at', 'desc')
    .execute()

/** Open sessions by user. */
export async function countSessions(
  database: Database,
  since: { readonly seenAt: number; readonly createdAt: number },
): Promise<Map<string, number>> {
  const found = await database
    .selectFrom('sessions')
    .select((select) => ['user_id', select.fn.countAll<number>().as('count')])
    .where('seen_at', '>=', since.seenAt)
    .where('created_at', '>=', since.createdAt)
    .groupBy('user_id')
    .execute()
  return new Map(found.map((row) => [row.user_id, row.count]))
}

/** @param keep hash of the one that stays. */
export async function deleteSessionsOf(transaction: Change, userId: string, keep?: string): Promise<void> {
  const all = transaction.deleteFrom('sessions').where('user_id', '=', userId)
  await (keep === undefined ? all : all.where('hash', '!=', keep)).execute()
}

export async function touchSession(transaction: Change, hash: string, seenAt: number): Promise<void> {
  await transaction.updateTable('sessions').set({ seen_at: seenAt }).where('hash', '=', hash).execute()
}

export async function deleteSession(transaction: Change, hash: string): Promise<void> {
  await transaction.deleteFrom('sessions').where('hash', '=', hash).execute()
}

/** Sessions that were idle or open for too long. */
export async function deleteSessionsBefore(transaction: Change, seenAt: number, createdAt: number): Promise<void> {
  await transaction
    .deleteFrom('sessions')
    .where((where) => where.or([where('seen_at', '<', seenAt), where('created_at', '<', createdAt)]))
    .execute()
}

export const listApiKeys = (database: Database): Promise<ApiKeyRow[]> =>
  database.selectFrom('api_keys').select(keyColumns).orderBy('created_at').orderBy('id').execute()

export const findApiKey = (database: Database, hash: string): Promise<ApiKeyRow | undefined> =>
  database.selectFrom('api_keys').select(keyColumns).where('hash', '=', hash).executeTakeFirst()

export async function insertApiKey(transaction: Change, key: ApiKeyRow): Promise<void> {
  await transaction
    .insertInto('api_keys')
    .values({
      id: key.id,
      name: key.name,
      role: key.role,
      prefix: key.prefix,
      hash: key.hash,
      created_at: key.createdAt,
      expires_at: key.expiresAt,
      last_used_at: key.lastUsedAt,
    })
    .execute()
}

export async function touchApiKey(transaction: Change, id: string, at: number): Promise<void> {
  await transaction.updateTable('api_keys').set({ last_used_at: at }).where('id', '=', id).execute()
}

export async function deleteApiKey(transaction: Change, id: string): Promise<void> {
  await transaction.deleteFrom('api_keys').where('id', '=', id).execute()
}
