// HTTP API: configured objects as they are returned, and what comes of applying a declarative file.
import { z } from 'zod'
import { carrierInput, customerInput, sipUserInput } from './account.ts'
import { suspension } from './api-alerts.ts'
import { inputError, instant, storedFields, warning } from './api-common.ts'
import { accountFigures } from './api-stats.ts'
import { blockInput, routeInput, systemInput } from './declarative.ts'
import { endpointInput } from './endpoint.ts'

const { password: _password, ...endpointFields } = endpointInput.shape

/** What is accepted but worth a look: of this object and what stands beside it. */
const warned = { warnings: z.array(warning) }

const liveAccountFields = {
  /** Calls in a row that failed at the account's gateways. */
  consecutiveFailures: z.int(),
  /** Null: it is not suspended. */
  suspension: suspension.nullable(),
}

export const carrierView = z
  .object({ ...storedFields, kind: z.literal('carrier'), ...liveAccountFields, ...carrierInput.shape, ...warned })
  .meta({ id: 'Carrier' })
/** As lists have it: with figures, without the rate lines. */
export const carrierRow = carrierView
  .omit({ rates: true })
  .extend({ summary: accountFigures })
  .meta({ id: 'CarrierRow' })
export const customerView = z
  .object({ ...storedFields, kind: z.literal('customer'), ...liveAccountFields, ...customerInput.shape, ...warned })
  .meta({ id: 'Customer' })
export const customerRow = customerView
  .omit({ rates: true })
  .extend({ summary: accountFigures })
  .meta({ id: 'CustomerRow' })

/** Of which account it is. `hasPassword` instead of the password. */
const ownedFields = {
  accountId: z.string(),
  account: z.string(),
  accountKind: z.enum(['carrier', 'customer']),
  hasPassword: z.boolean(),
}

export const endpointView = z
  .object({ ...storedFields, ...ownedFields, ...endpointFields, ...warned })
  .meta({ id: 'Endpoint' })
const { password: _sipPassword, ...sipUserFields } = sipUserInput.shape
export const sipUserView = z
  .object({ ...storedFields, ...ownedFields, ...sipUserFields, ...warned })
  .meta({ id: 'SipUser' })

/** Longest overlap of two passwords: a week. */
const overlapSecondsMax = 604_800

/** `generate`: the server makes one and tells it once. `overlapSeconds`: the password before stays valid for so long. */
export const sipPasswordInput = z
  .strictObject({
    generate: z.literal(true).optional(),
    password: z.string().min(1).max(256).optional(),
    overlapSeconds: z.int().min(0).max(overlapSecondsMax, 'at most 604800 seconds, a week').default(0),
  })
  .refine(({ generate, password }) => (generate === undefined) !== (password === undefined), {
    path: ['password'],
    message: 'exactly one of generate and password',
  })
  .meta({ examples: [{ generate: true, overlapSeconds: 3_600 }] })

export const sipPasswordAnswer = z
  .object({
    id: z.string(),
    username: z.string(),
    /** The one that was generated: told here and never again. Null when it was given. */
    password: z.string().nullable(),
    /** Until then the password before is valid too. */
    previousValidUntil: instant.nullable(),
  })
  .meta({ id: 'SipUserPassword' })

export const routeView = z.object({ ...storedFields, ...routeInput.shape, ...warned }).meta({ id: 'Route' })
export const blockView = z
  .object({
    ...storedFields,
    /** Made by Tollgate because the source failed again and again; ends by itself. */
    automatic: z.boolean(),
    ...blockInput.shape,
    ...warned,
  })
  .meta({ id: 'Block' })
export const systemView = z.object({ ...storedFields, ...systemInput.shape, ...warned }).meta({ id: 'System' })

/** The same change for several objects. */
export const bulkInput = z
  .strictObject({
    ids: z.array(z.string().min(1).max(200)).min(1).max(1_000),
    changes: z.record(z.string(), z.unknown()),
  })
  .meta({ examples: [{ ids: ['Acme'], changes: { status: 'inactive' } }] })

/** One row for each id, in the order asked for. All or nothing: `applied` is false when one row is wrong. */
export const bulkResult = z
  .object({
    applied: z.boolean(),
    /** The revision in force after the call. */
    revision: z.int(),
    items: z.array(
      z.object({ id: z.string(), ok: z.boolean(), code: z.string().nullable(), errors: z.array(inputError) }),
    ),
  })
  .meta({ id: 'BulkResult' })

const planLine = z
  .object({
    action: z.enum(['create', 'update', 'delete']),
    kind: z.enum(['system', 'carrier', 'customer', 'endpoint', 'sipUser', 'route', 'block']),
    name: z.string(),
    changes: z.array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() })),
  })
  .meta({ id: 'PlanLine' })

export const applyResult = z
  .object({
    applied: z.boolean(),
    dryRun: z.boolean(),
    /** The revision in force after the call. */
    revision: z.int(),
    plan: z.array(planLine),
    warnings: z.array(warning),
  })
  .meta({
    id: 'ApplyResult',
    examples: [
      {
        applied: true,
        dryRun: false,
        revision: 7,
        plan: [
          {
            action: 'update',
            kind: 'endpoint',
            name: 'Acme/acme-1',
            changes: [{ field: 'weight', before: 1, after: 10 }],
          },
        ],
        warnings: [],
      },
    ],
  })

export const revisionView = z
  .object({
    revision: z.int(),
    at: instant,
    actor: z.string(),
    summary: z.string(),
    /** In a list only with `?object=ID`, and then those of that object and what belongs to it. */
    changes: z.array(planLine).optional(),
  })
  .meta({ id: 'Revision' })

/** One revision with all that it changed. */
export const revisionDetail = revisionView.required().meta({ id: 'RevisionDetail' })
export const revisionParameter = z.object({ revision: z.coerce.number().int().min(1) })

/** The reply rules of an account, in the order in which they are read. */
export const replyRulesBody = z
  .strictObject({ replyRules: carrierInput.shape.replyRules })
  .meta({ id: 'ReplyRules', examples: [{ replyRules: [{ code: 404, action: 'failover' }] }] })

/** What a backup held, now that it is in force: the server starts again by itself. */
export const restoreResult = z
  .object({
    /** The revision of the configuration in the backup. */
    revision: z.int(),
    takenAt: instant,
    /** The version of Tollgate that took it. */
    version: z.string(),
  })
  .meta({ id: 'RestoreResult' })

/** Without a revision: the one before the present. `dryRun`: only the plan. */
export const rollbackInput = z
  .strictObject({ revision: z.int().min(1).optional(), dryRun: z.boolean().default(false) })
  .meta({ examples: [{ revision: 6 }] })

export type CarrierItem = z.output<typeof carrierView>
export type CarrierRowItem = z.output<typeof carrierRow>
export type EndpointItem = z.output<typeof endpointView>
export type SipUserItem = z.output<typeof sipUserView>
export type BlockItem = z.output<typeof blockView>
export type ApplyAnswer = z.output<typeof applyResult>
export type PlanItem = z.output<typeof planLine>
export type RouteItem = z.output<typeof routeView>
export type BulkAnswer = z.output<typeof bulkResult>
export type RestoreAnswer = z.output<typeof restoreResult>
export type RevisionDetail = z.output<typeof revisionDetail>
export type RevisionItem = z.output<typeof revisionView>
