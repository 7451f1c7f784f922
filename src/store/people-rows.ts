// Users, sessions and API keys as rows. Passwords come hashed, tokens and keys as SHA-256: nothing here can sign in.
import type { Kysely, Transaction } from 'kysely'
import type { Tables } from './schema.ts'

export interface UserRow {
  readonly id: string
  readonly username: string
  readonly role: string
  readonly passwordHash: string
  readonly createdAt: number
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

export const listUsers = (database: Database): Promise<UserRow[]> =>
  database.selectFrom('users').select(userColumns).orderBy('username').execute()

/** Names are compared without regard to case. */
export const findUserByName = (database: Database, username: string): Promise<UserRow | undefined> =>
  database.selectFrom('users').select(userColumns).where('username', '=', username).executeTakeFirst()

export async function insertUser(transaction: Change, user: UserRow): Promise<void> {
  const { id, username, role, passwordHash, createdAt } = user
  await transaction
    .insertInto('users')
    .values({ id, username, role, password_hash: passwordHash, created_at: createdAt })
    .execute()
}

export async function setPasswordHash(transaction: Change, id: string, hash: string): Promise<void> {
  await transaction.updateTable('users').set({ password_hash: hash }).where('id', '=', id).execute()
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
      return { hash, userId: user.id, createdAt: since, seenAt, address, user }
    })

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
