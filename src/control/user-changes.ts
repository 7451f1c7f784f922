// What is changed of users that exist: role, whether they may sign in, passwords, sessions. The last administrator who
// may sign in stays one.
import { randomBytes } from 'node:crypto'
import { Fault } from '../base/fault.ts'
import type { Clock } from '../base/clock.ts'
import { sha256Hex } from '../base/hash.ts'
import { randomToken } from '../base/random.ts'
import type { Random } from '../base/random.ts'
import { appendAudit } from '../store/audit-rows.ts'
import * as rows from '../store/people-rows.ts'
import type { UserRow } from '../store/people-rows.ts'
import type { Store } from '../store/store.ts'
import { invalid } from './input-errors.ts'
import { peopleAudit } from './people-audit.ts'
import type { Author } from './people-audit.ts'
import { passwordFault } from './passwords.ts'
import type { Passwords } from './passwords.ts'
import type { Actor, PasswordChange, Role, SessionInfo } from './services.ts'

interface Tools {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly passwords: Passwords
}

export interface UserChanges {
  readonly role?: Role | undefined
  readonly disabled?: boolean | undefined
  readonly password?: string | undefined
}

/** Short enough to be shown, long enough to be one of a kind; nobody signs in with it. */
const sessionId = (hash: string): string => sha256Hex(hash).slice(0, 16)

async function hashed({ passwords }: Tools, password: string, username: string): Promise<string> {
  const fault = passwordFault(password, username)
  if (fault !== undefined) throw invalid([fault])
  return passwords.hash(password)
}

const mayAdminister = (user: UserRow): boolean => user.role === 'administrator' && !user.disabled

/** Fault not_found, or conflict when nobody would be left to administer. */
export async function getUser(
  { store }: Pick<Tools, 'store'>,
  id: string,
  willAdminister: (user: UserRow) => boolean,
): Promise<UserRow> {
  const users = await store.read(rows.listUsers)
  const user = users.find((one) => one.id === id)
  if (user === undefined) throw new Fault('not_found', `there is no user ${id}`)
  const others = users.some((one) => one.id !== id && mayAdminister(one))
  if (mayAdminister(user) && !others && !willAdminister(user))
    throw new Fault('conflict', `${user.username} is the last administrator`)
  return user
}

/** A new password or a disabled user ends the user's sessions. */
export async function updateUser(tools: Tools, id: string, changes: UserChanges, author: Author): Promise<UserRow> {
  const { store, clock } = tools
  const next = (user: UserRow): UserRow => ({
    ...user,
    role: changes.role ?? user.role,
    disabled: changes.disabled ?? user.disabled,
  })
  const old = await getUser(tools, id, (user) => mayAdminister(next(user)))
  const { password } = changes
  const passwordHash = password === undefined ? old.passwordHash : await hashed(tools, password, old.username)
  const user = { ...next(old), passwordHash }
  const secret = password === undefined ? {} : { password: '(secret)' }
  await store.write(async (transaction) => {
    await rows.updateUser(transaction, user)
    if (password !== undefined || user.disabled) await rows.deleteSessionsOf(transaction, id)
    const entry = peopleAudit(clock.wallMs(), author, 'update', {
      kind: 'user',
      objectId: id,
      name: user.username,
      before: { role: old.role, disabled: old.disabled },
      after: { role: user.role, disabled: user.disabled, ...secret },
    })
    await appendAudit(transaction, [entry])
  })
  return user
}

/** One's own password. The session that asks stays, all others end. */
export async function changePassword(tools: Tools, actor: Actor, input: PasswordChange): Promise<void> {
  const { store, clock, passwords } = tools
  const user = (await store.read(rows.listUsers)).find((one) => one.id === actor.id)
  if (user === undefined) throw new Fault('forbidden', 'an API key has no password')
  if (!(await passwords.verify(input.current.slice(0, 1_024), user.passwordHash)))
    throw invalid([{ path: 'current', message: 'this is not the present password' }])
  const passwordHash = await hashed(tools, input.password, user.username)
  await store.write(async (transaction) => {
    await rows.updateUser(transaction, { ...user, passwordHash })
    await rows.deleteSessionsOf(transaction, user.id, input.session === null ? undefined : sha256Hex(input.session))
    const what = { kind: 'user', objectId: user.id, name: user.username } as const
    await appendAudit(transaction, [peopleAudit(clock.wallMs(), actor, 'change password', what)])
  })
}

/** @param session the one that asks, or null. */
export async function listSessions(
  { store }: Pick<Tools, 'store'>,
  userId: string,
  session: string | null,
  openSince: { readonly seenAt: number; readonly createdAt: number },
): Promise<SessionInfo[]> {
  const found = await store.read((database) => rows.listSessionsOf(database, userId))
  const own = session === null ? undefined : sha256Hex(session)
  return found
    .filter(({ seenAt, createdAt }) => seenAt >= openSince.seenAt && createdAt >= openSince.createdAt)
    .map(({ hash, createdAt, seenAt, address }) => ({
      id: sessionId(hash),
      createdAt,
      seenAt,
      address,
      current: hash === own,
    }))
}

/** @param keep the session that stays, if one does. */
export async function endSessions(
  { store, clock }: Pick<Tools, 'store' | 'clock'>,
  userId: string,
  author: Author,
  keep?: string,
): Promise<void> {
  const user = (await store.read(rows.listUsers)).find(({ id }) => id === userId)
  if (user === undefined) throw new Fault('not_found', `there is no user ${userId}`)
  await store.write(async (transaction) => {
    await rows.deleteSessionsOf(transaction, userId, keep === undefined ? undefined : sha256Hex(keep))
    const what = { kind: 'user', objectId: userId, name: user.username } as const
    await appendAudit(transaction, [peopleAudit(clock.wallMs(), author, 'end sessions', what)])
  })
}

/** Makes this user an administrator who may sign in, with a password that is told once; makes the user if there is none. */
export async function resetAdministrator(tools: Tools, username: string, author: Author): Promise<string> {
  const { store, clock, random } = tools
  const password = randomBytes(18).toString('base64url')
  const old = await store.read((database) => rows.findUserByName(database, username))
  const passwordHash = await hashed(tools, password, username)
  const fresh = { id: `usr_${randomToken(random, 16)}`, username, createdAt: clock.wallMs() }
  const user: UserRow = { ...(old ?? fresh), role: 'administrator', disabled: false, passwordHash }
  await store.write(async (transaction) => {
    if (old === undefined) await rows.insertUser(transaction, user)
    else await rows.updateUser(transaction, user)
    await rows.deleteSessionsOf(transaction, user.id)
    const before = old === undefined ? null : { role: old.role, disabled: old.disabled }
    const after = { role: user.role, disabled: false, password: '(secret)' }
    const what = { kind: 'user', objectId: user.id, name: user.username, before, after } as const
    await appendAudit(transaction, [peopleAudit(clock.wallMs(), author, 'admin reset', what)])
  })
  return password
}
