// HTTP API: first set-up, signing in, users, API keys, audit.
import { z } from 'zod'
import { instant } from './api-common.ts'

const role = z.enum(['administrator', 'engineer', 'support'])

const username = z
  .string()
  .max(64)
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,63}$/u,
    '1 to 64 letters, digits, . _ @ + -, beginning with a letter or digit',
  )

/** 8 to 256 characters, any of them; 15 and more are recommended. */
const password = z.string().min(8, 'at least 8 characters').max(256, 'at most 256 characters')

export const setupInput = z
  .strictObject({ token: z.string().min(1).max(200), username, password })
  .meta({ examples: [{ token: 'the token that the start printed', username: 'admin', password: 'a long sentence' }] })

export const sessionInput = z
  .strictObject({ username: z.string().min(1).max(64), password: z.string().min(1).max(256) })
  .meta({ examples: [{ username: 'admin', password: 'a long sentence' }] })

/** Who is asking, as the server sees it. */
export const me = z
  .object({ kind: z.enum(['user', 'apiKey', 'system']), id: z.string().nullable(), name: z.string(), role })
  .meta({ id: 'Me', examples: [{ kind: 'user', id: 'u1', name: 'admin', role: 'administrator' }] })

export const userInput = z
  .strictObject({ username, password, role })
  .meta({ examples: [{ username: 'eve', password: 'a long sentence', role: 'support' }] })

export const userView = z
  .object({
    id: z.string(),
    username: z.string(),
    role,
    /** May not sign in; their sessions are ended. */
    disabled: z.boolean(),
    createdAt: instant,
    /** Open sessions. */
    sessions: z.int(),
  })
  .meta({ id: 'User' })

/** What an administrator changes of a user. A new password or a disabled user ends their sessions. */
export const userChanges = z
  .strictObject({ role, disabled: z.boolean(), password })
  .partial()
  .refine((changes) => Object.keys(changes).length > 0, 'at least one of role, disabled, password')
  .meta({ examples: [{ role: 'engineer' }] })

/** A change of one's own password. All other sessions end. */
export const passwordChange = z
  .strictObject({ current: z.string().min(1).max(256), password })
  .meta({ examples: [{ current: 'a long sentence', password: 'another long sentence' }] })

/** `token`: the content of the file `host-token` in the data directory of the server. */
export const adminResetInput = z
  .strictObject({ token: z.string().min(1).max(200), username: username.default('admin') })
  .meta({ examples: [{ token: 'what stands in data/host-token', username: 'admin' }] })

/** The password is told here and never again. */
export const adminResetResult = z
  .object({ username: z.string(), password: z.string() })
  .meta({ id: 'AdminResetResult' })

export const sessionView = z
  .object({
    id: z.string(),
    createdAt: instant,
    seenAt: instant,
    address: z.string(),
    /** The one that asks. */
    current: z.boolean(),
  })
  .meta({ id: 'Session' })

export const apiKeyInput = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    role,
    expiresAt: z.iso.datetime().nullable().default(null),
  })
  .meta({ examples: [{ name: 'deployment', role: 'engineer', expiresAt: '2027-01-01T00:00:00Z' }] })

export const apiKeyView = z
  .object({
    id: z.string(),
    name: z.string(),
    role,
    /** The first characters, to recognise it. */
    prefix: z.string(),
    createdAt: instant,
    expiresAt: instant.nullable(),
    lastUsedAt: instant.nullable(),
  })
  .meta({ id: 'ApiKey' })

/** The answer to the creation: the only time the key itself is shown. */
export const createdApiKey = apiKeyView.extend({ key: z.string() }).meta({ id: 'CreatedApiKey' })

export const auditEntry = z
  .object({
    id: z.string(),
    at: instant,
    actor: z.string(),
    actorKind: z.enum(['user', 'apiKey', 'system']),
    address: z.string().nullable(),
    action: z.string(),
    kind: z.string(),
    /** Of the object; null where it has none. */
    objectId: z.string().nullable(),
    name: z.string(),
    reason: z.string().nullable(),
    before: z.unknown(),
    after: z.unknown(),
  })
  .meta({ id: 'AuditEntry' })

export type Me = z.output<typeof me>
export type AdminResetAnswer = z.output<typeof adminResetResult>
export type UserItem = z.output<typeof userView>
export type SessionItem = z.output<typeof sessionView>
export type ApiKeyItem = z.output<typeof apiKeyView>
export type AuditItem = z.output<typeof auditEntry>
export type CreatedApiKey = z.output<typeof createdApiKey>
