// SIP users, one at a time. Only hashes of a password are kept, and they hold the username: a new name needs a new password.
import { Fault } from '../base/fault.ts'
import { randomBelow } from '../base/random.ts'
import type { Random } from '../base/random.ts'
import { sipUserInput } from '../contract/account.ts'
import { sipPasswordInput } from '../contract/api-config.ts'
import { displayName, findSipUser, findTwin, put, remove, unwritten } from './configuration.ts'
import type { Configuration, Draft, SipUserRow } from './configuration.ts'
import type { ConfigEngine } from './config-engine.ts'
import { commitRow, found, patched } from './config-writes.ts'
import { checkEtag } from './conflicts.ts'
import { invalid, parseInput } from './input-errors.ts'
import { sealSipUser, sipPasswordFault } from './row-secrets.ts'
import { resolveSecret } from './secret-input.ts'
import type { SecretInput } from './secret-input.ts'
import type { WriteOptions } from './services.ts'
import { isObject } from './sparse.ts'

/** By id or by username. */
export const getSipUser = (configuration: Configuration, idOrName: string): SipUserRow =>
  found(configuration.sipUsers.get(idOrName) ?? findSipUser(configuration, idOrName), `SIP user ${idOrName}`)

function clearOf(input: SecretInput): string {
  const resolved = resolveSecret(input)
  const message = resolved.kind === 'missing' ? resolved.message : sipPasswordFault(resolved.clear)
  if (resolved.kind === 'missing' || message !== undefined)
    throw invalid([{ path: 'password', message: message ?? 'missing' }])
  return resolved.clear
}

interface NewPassword {
  readonly clear: string
  /** What is kept now, and how long the password before stays valid (milliseconds since 1970). */
  readonly present: string | null
  readonly previousUntil?: number | null
}

function sealed(
  engine: ConfigEngine,
  draft: Draft,
  user: Pick<SipUserRow, 'id' | 'config'>,
  secret: NewPassword,
): string {
  const { clear, present, previousUntil = null } = secret
  const { realm } = draft.system.config
  const named = { id: user.id, username: user.config.username, realm, clear }
  return sealSipUser(engine.store.secrets, named, present, previousUntil)
}

function putUser(draft: Draft, row: SipUserRow): void {
  const twin = findTwin(draft, row)
  const other = twin === undefined || twin === row.id ? undefined : draft.sipUsers.get(twin)
  if (other !== undefined) {
    const owner = draft.accounts.get(other.accountId)
    const whose = owner === undefined ? '' : ` of ${owner.kind} ${owner.config.name}`
    const message = `Duplicate User Detected: there is already a SIP user ${row.config.username}${whose}`
    throw new Fault('conflict', message, { errors: [{ path: 'username', message }] })
  }
  put(draft, row)
}

export function createSipUser(
  engine: ConfigEngine,
  accountId: string,
  input: unknown,
  options: WriteOptions,
): Promise<SipUserRow> {
  return engine.change(async (draft) => {
    const account = found(draft.accounts.get(accountId), `account ${accountId}`)
    const { password, ...config } = parseInput(sipUserInput, input)
    const id = engine.newId(draft, 'sipUser')
    const secret =
      password === null || password === undefined
        ? null
        : sealed(engine, draft, { id, config }, { clear: clearOf(password), present: null })
    const row: SipUserRow = { ...unwritten, kind: 'sipUser', id, accountId: account.id, sealed: secret, config }
    putUser(draft, row)
    await commitRow(engine, draft, row, options)
    return getSipUser(engine.configuration, id)
  })
}

/** Puts the SIP user with these changes into the draft. The password is write-only: absent keeps it, null removes it. */
export function changeSipUser(engine: ConfigEngine, draft: Draft, old: SipUserRow, input: unknown): SipUserRow {
  const { password, ...config } = patched(sipUserInput, old.config, input)
  const removes = isObject(input) && input['password'] === null
  const renamed = config.username !== old.config.username
  const given = password === null || password === undefined ? undefined : clearOf(password)
  if (renamed && given === undefined && !removes && old.sealed !== null)
    throw invalid([{ path: 'username', message: 'the password is hashed with the username: give a new password too' }])
  const present = renamed ? null : old.sealed
  const kept = removes ? null : old.sealed
  const secret = given === undefined ? kept : sealed(engine, draft, { id: old.id, config }, { clear: given, present })
  const row: SipUserRow = { ...old, sealed: secret, config }
  putUser(draft, row)
  return row
}

export function updateSipUser(
  engine: ConfigEngine,
  idOrName: string,
  input: unknown,
  options: WriteOptions,
): Promise<SipUserRow> {
  return engine.change(async (draft) => {
    const old = getSipUser(draft, idOrName)
    await checkEtag(engine, old, options, input)
    await commitRow(engine, draft, changeSipUser(engine, draft, old, input), options)
    return getSipUser(engine.configuration, old.id)
  })
}

/** Fault conflict while a route names the user. */
export function removeSipUser(engine: ConfigEngine, idOrName: string, options: WriteOptions): Promise<void> {
  return engine.change(async (draft) => {
    const row = getSipUser(draft, idOrName)
    await checkEtag(engine, row, options)
    const routes = [...draft.routes.values()].filter((route) =>
      route.config.targets.some((target) => target.sipUserId === row.id),
    )
    if (routes.length > 0)
      throw new Fault(
        'conflict',
        `routes name ${row.config.username}: ${routes.map((route) => displayName(draft, route)).join(', ')}`,
      )
    remove(draft, row)
    await commitRow(engine, draft, row, options)
  })
}

const kinds = ['abcdefghijkmnopqrstuvwxyz', 'ABCDEFGHJKLMNPQRSTUVWXYZ', '23456789', '-_.!+*'] as const
const generatedLength = 20

/** At least one of each kind of character, none that is easily mistaken for another; more than 110 random bits. */
function generatePassword(random: Random): string {
  const all = kinds.join('')
  const draw = (from: string): string => from.charAt(randomBelow(random, from.length))
  for (;;) {
    const text = Array.from({ length: generatedLength }, () => draw(all)).join('')
    if (sipPasswordFault(text) === undefined) return text
  }
}

export interface PasswordReset {
  readonly row: SipUserRow
  /** Only when it was generated: it is told once and kept nowhere. */
  readonly generated: string | null
  /** Milliseconds since 1970; null = the password before is void at once. */
  readonly previousUntil: number | null
}

/** `overlapSeconds` lets the password before go on being valid for so long. */
export function resetSipPassword(
  engine: ConfigEngine,
  idOrName: string,
  input: unknown,
  options: WriteOptions,
): Promise<PasswordReset> {
  return engine.change(async (draft) => {
    const old = getSipUser(draft, idOrName)
    await checkEtag(engine, old, options, input)
    const { password, overlapSeconds } = parseInput(sipPasswordInput, input)
    const generated = password === undefined ? generatePassword(engine.random) : null
    const until = overlapSeconds === 0 || old.sealed === null ? null : engine.wallMs() + overlapSeconds * 1_000
    const clear = generated ?? clearOf(password ?? '')
    const secret = sealed(engine, draft, old, { clear, present: old.sealed, previousUntil: until })
    const row: SipUserRow = { ...old, sealed: secret }
    putUser(draft, row)
    await commitRow(engine, draft, row, options)
    return { row: getSipUser(engine.configuration, old.id), generated, previousUntil: until }
  })
}
