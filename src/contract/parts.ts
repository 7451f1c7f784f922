// Schemas that several objects share.
import { z } from 'zod'

/** A whole number of calls, channels or calls per second; 0 means unlimited. */
export const limitNumber = z.int('a whole number, 0 = unlimited').min(0, '0 or more, 0 = unlimited').max(10_000_000)

export const nameText = z
  .string()
  .trim()
  .min(1, 'a name of 1 to 100 characters')
  .max(100, 'a name of 1 to 100 characters')
  .regex(/^[^\p{Cc}]+$/u, 'no control characters')

export const freeText = z.string().max(10_000)

export const portNumber = z
  .int('a port from 1 to 65535')
  .min(1, 'a port from 1 to 65535')
  .max(65_535, 'a port from 1 to 65535')

export const weightNumber = z.int().min(0, 'a weight from 0 to 65535').max(65_535, 'a weight from 0 to 65535')

export const transportName = z.enum(['udp', 'tcp', 'tls'])

/** Milliseconds after which an attempt is given up (product: failover, timeouts). */
export const timeouts = z.strictObject({
  firstReplyMs: z.int().min(100).max(60_000).default(3_000),
  progressMs: z.int().min(100).max(120_000).default(5_000),
  ringMs: z.int().min(1_000).max(600_000).default(60_000),
  huntMs: z.int().min(1_000).max(600_000).default(30_000),
})

/** A gateway's overrides: what is absent comes from its account. */
export const timeoutOverrides = z.strictObject({
  firstReplyMs: z.int().min(100).max(60_000).optional(),
  progressMs: z.int().min(100).max(120_000).optional(),
  ringMs: z.int().min(1_000).max(600_000).optional(),
})

const provisional = (code: number): boolean => code >= 180 && code <= 199
const finalFailure = (code: number): boolean => code >= 400 && code <= 699
const neverReplaced = new Set([401, 407, 420, 421, 422, 423])

/** One line of reply management: what to do when this code comes from a gateway. */
export const replyRule = z
  .strictObject({
    code: z.int('a code from 180 to 699').min(180, 'a code from 180 to 699').max(699, 'a code from 180 to 699'),
    action: z.enum(['default', 'failover', 'failoverGateway', 'replace']),
    newCode: z.int().min(180).max(699).optional(),
    newReason: z
      .string()
      .max(100)
      .regex(/^[^\p{Cc}]*$/u, 'no control characters')
      .optional(),
  })
  .superRefine((rule, context) => {
    const fault = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message })
    if (rule.code >= 200 && rule.code <= 399)
      fault('code', `${rule.code} cannot have a rule: only 180-199 and 400-699 can`)
    if (rule.action !== 'replace') {
      if (rule.newCode !== undefined) fault('newCode', 'only with action replace')
      if (rule.action !== 'default' && !finalFailure(rule.code))
        fault('action', 'failover only on final failures (400-699)')
      return
    }
    if (rule.newCode === undefined) return fault('newCode', 'action replace needs newCode')
    if (neverReplaced.has(rule.code) || neverReplaced.has(rule.newCode))
      return fault('newCode', '401, 407 and 420-423 are never replaced and never a replacement')
    const fits = provisional(rule.code) ? provisional(rule.newCode) : finalFailure(rule.newCode)
    if (!fits)
      fault(
        'newCode',
        `${rule.code} -> ${rule.newCode}: a provisional reply by a provisional one (180-199), a final failure by a final failure (400-699)`,
      )
  })

/** One row of parameter rewrite; each row works on the result of the one before, first match only. */
export const rewrite = z.strictObject({
  parameter: z.enum(['destination', 'cli']),
  pattern: z.string().min(1, 'a pattern').max(256, 'at most 256 characters'),
  replacement: z.string().max(256, 'at most 256 characters').default(''),
})

/** A password in a file: as text, or the name of an environment variable or file on the server that holds it. */
export const secretInput = z.union([
  z.string().min(1).max(256),
  z.strictObject({ env: z.string().min(1).max(200) }),
  z.strictObject({ file: z.string().min(1).max(4_096) }),
])

/** Where calls go that find no room: `sip:host`, `host:port`, or with a user that replaces the dialled number. */
export const overflowPeer = z
  .string()
  .max(512)
  .regex(
    /^(?:sips?:)?(?:[\w.!~*'()%+-]+@)?(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(?::\d{1,5})?(?:;[\w=;.-]+)?$/,
    'a host or SIP URI like sip:192.0.2.9:5060',
  )
  .nullish()
  .transform((peer) => peer ?? null)

export type ReplyRule = z.output<typeof replyRule>
export type Rewrite = z.output<typeof rewrite>
