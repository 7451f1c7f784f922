// HTTP API: alerts that were raised, what became of telling somebody, and accounts that are suspended.
import { z } from 'zod'
import { alertKindName } from './alert-rule.ts'
import { instant, listQuery } from './api-common.ts'

/** Why an account is out at the moment, and until when; null = until it is lifted. */
export const suspension = z
  .object({
    /** `penalty`: no call in either direction. `credit`: no call goes to it. */
    kind: z.enum(['penalty', 'credit']),
    reason: z.string(),
    until: instant.nullable(),
  })
  .meta({ id: 'Suspension' })

const alertDelivery = z
  .object({
    /** A mailbox, or the URL of a webhook. */
    to: z.string(),
    /** Which of the two messages of an alert. */
    event: z.enum(['raised', 'recovered', 'test']),
    /** When it was tried last. */
    at: instant,
    ok: z.boolean(),
    /** What the other side said, or why it failed; and whether it is tried again. */
    detail: z.string(),
  })
  .meta({ id: 'AlertDelivery' })

/** One episode: raised once, recovered once. */
export const alertView = z
  .object({
    id: z.string(),
    accountId: z.string(),
    account: z.string(),
    accountKind: z.enum(['carrier', 'customer']),
    /** Of the rule. */
    name: z.string(),
    kind: alertKindName,
    /** `gatewayRed`: gateway and target, as in `acme-1 udp:192.0.2.10:5060`. */
    subject: z.string().nullable(),
    state: z.enum(['open', 'closed']),
    /** What was measured when it was raised. Null: nothing that is a number. */
    value: z.number().nullable(),
    threshold: z.number().nullable(),
    openedAt: instant,
    closedAt: instant.nullable(),
    /** For people: why it was raised, and how it ended. */
    text: z.string(),
    deliveries: z.array(alertDelivery),
  })
  .meta({
    id: 'Alert',
    examples: [
      {
        id: '6f1c2e0a',
        accountId: 'a1',
        account: 'Acme',
        accountKind: 'carrier',
        name: 'Gateway red',
        kind: 'gatewayRed',
        subject: 'acme-1 udp:192.0.2.10:5060',
        state: 'open',
        value: null,
        threshold: null,
        openedAt: '2026-01-31T12:00:00.000Z',
        closedAt: null,
        text: 'carrier Acme: gateway acme-1 udp:192.0.2.10:5060 is red: connection refused',
        deliveries: [
          {
            to: 'noc@example.com',
            event: 'raised',
            at: '2026-01-31T12:00:01.000Z',
            ok: true,
            detail: '250 accepted',
          },
        ],
      },
    ],
  })

/** `account`: id or name. */
export const alertQuery = listQuery.safeExtend({
  account: z.string().max(200).optional(),
  state: z.enum(['open', 'closed']).optional(),
})

/**
 * Sends what the rule of this name would send, marked as a test; nothing is raised. `accountId`: id or name; without it the
 * rule for all accounts.
 */
export const alertTestInput = z
  .strictObject({ accountId: z.string().min(1).max(200).optional(), name: z.string().min(1).max(100) })
  .meta({ examples: [{ accountId: 'Acme', name: 'Low ASR' }] })

export const alertTestAnswer = z.object({ deliveries: z.array(alertDelivery) }).meta({ id: 'AlertTest' })

/** The secret that signs webhooks: told here and never again; the one before is void at once. */
export const webhookSecretAnswer = z.object({ secret: z.string() }).meta({ id: 'WebhookSecret' })

export type AlertItem = z.output<typeof alertView>
export type AlertDeliveryItem = z.output<typeof alertDelivery>
export type SuspensionItem = z.output<typeof suspension>
export type AlertTestRequest = z.input<typeof alertTestInput>
