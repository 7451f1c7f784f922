// HTTP API: payments of an account and its balance. Amounts are decimal text; nothing is deleted, a payment is cancelled.
import { z } from 'zod'
import { instant, storedFields } from './api-common.ts'
import { amountText } from './money.ts'

const paymentStatus = z.enum(['completed', 'pending', 'cancelled'])
const description = z
  .string('1 to 500 characters')
  .trim()
  .min(1, '1 to 500 characters')
  .max(500, '1 to 500 characters')
  .regex(/^[^\p{Cc}]*$/u, 'no control characters')

export const paymentInput = z
  .strictObject({ description, amount: amountText, status: paymentStatus.default('completed') })
  .meta({ examples: [{ description: 'Bank transfer of May', amount: '500.00' }] })

/** The amount never changes: a wrong payment is cancelled and made anew. */
export const paymentChanges = z
  .strictObject({ description: description.optional(), status: paymentStatus.optional() })
  .meta({ examples: [{ status: 'cancelled' }] })

export const paymentView = z
  .object({
    ...storedFields,
    accountId: z.string(),
    description: z.string(),
    amount: z.string(),
    currency: z.string(),
    /** Only completed payments count in the balance. */
    status: paymentStatus,
    /** Who entered it. */
    createdBy: z.string(),
  })
  .meta({
    id: 'Payment',
    examples: [
      {
        id: 'p1',
        etag: '1',
        createdAt: '2026-05-31T12:00:00.000Z',
        updatedAt: '2026-05-31T12:00:00.000Z',
        accountId: 'a1',
        description: 'Bank transfer of May',
        amount: '500.00',
        currency: 'USD',
        status: 'completed',
        createdBy: 'admin',
      },
    ],
  })

/** `balance` = completed payments - cost of calls, exactly. */
export const balanceView = z
  .object({
    currency: z.string(),
    payments: z.string(),
    cost: z.string(),
    balance: z.string(),
    /** The account gets no calls because its balance is used up (`creditStop`). */
    stopped: z.boolean(),
    /** When the last call was charged. */
    chargedAt: instant.nullable(),
  })
  .meta({
    id: 'Balance',
    examples: [
      {
        currency: 'USD',
        payments: '500.00',
        cost: '123.456789',
        balance: '376.543211',
        stopped: false,
        chargedAt: '2026-05-31T12:00:00.000Z',
      },
    ],
  })

export type PaymentItem = z.output<typeof paymentView>
export type BalanceItem = z.output<typeof balanceView>
