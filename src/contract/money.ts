// Amounts of money: decimal text outside, whole millionths of the currency inside. No floating point anywhere.
import { z } from 'zod'

/** Whole millionths of a currency. */
export type Millionths = bigint

const unit = 1_000_000n
/** Largest amount of one payment, in whole units. */
const amountUnitsMax = 1_000_000_000
/** Largest price of a minute or of a connection, in whole units. */
const priceUnitsMax = 500_000

/** Parses `12`, `12.5`, `-0.000001`: at most 6 decimals, no exponent, no grouping; else undefined. */
export function parseMoney(text: string): Millionths | undefined {
  const match = /^(-?)(\d{1,15})(?:\.(\d{1,6}))?$/.exec(text)
  if (match === null) return undefined
  const [, sign, whole = '', decimals = ''] = match
  const value = BigInt(whole) * unit + BigInt(decimals.padEnd(6, '0'))
  return sign === '-' ? -value : value
}

/** Exact, with at least two decimals: `12.50`, `-0.000001`. */
export function formatMoney(value: Millionths): string {
  const size = value < 0n ? -value : value
  const decimals = (size % unit)
    .toString()
    .padStart(6, '0')
    .replace(/0{1,4}$/, '')
  return `${value < 0n ? '-' : ''}${size / unit}.${decimals}`
}

const decimalMessage = 'a decimal amount in quotes like "12.50", with at most 6 decimals'

/** Becomes the one way to write it: `1.5` -> `1.50`. */
function moneyText(
  check: (value: Millionths) => string | undefined,
): z.ZodPipe<z.ZodString, z.ZodTransform<string, string>> {
  return z.string(decimalMessage).transform((text, context) => {
    const value = parseMoney(text.trim())
    const fault = value === undefined ? `"${text.slice(0, 40)}" is no amount: ${decimalMessage}` : check(value)
    if (value !== undefined && fault === undefined) return formatMoney(value)
    context.addIssue({ code: 'custom', message: fault ?? decimalMessage })
    return z.NEVER
  })
}

const beyond = (value: Millionths, units: number): boolean => {
  const most = BigInt(units) * unit
  return value > most || value < -most
}

/** Of a payment; negative = money that goes back. */
export const amountText = moneyText((value) => {
  if (value === 0n) return 'an amount other than 0'
  return beyond(value, amountUnitsMax) ? `at most ${amountUnitsMax} in either direction` : undefined
})

const priceText = moneyText((value) => {
  if (value < 0n) return '0 or more'
  return beyond(value, priceUnitsMax) ? `at most ${priceUnitsMax}` : undefined
})

/** What a call costs that goes to this account with this prefix; the longest prefix of the number as sent counts. */
const rateLine = z.strictObject({
  /** Empty = all numbers without a line of their own. A leading + is ignored. */
  prefix: z
    .string()
    .max(32)
    .regex(/^\+?[0-9*#]*$/, 'digits, * and #, with or without a leading +')
    .transform((text) => text.replace(/^\+/, '')),
  pricePerMinute: priceText,
  connectFee: priceText.default('0.00'),
  /** What an answered call pays at least, and the steps after it. */
  firstIncrementSeconds: z.int().min(1).max(3_600).default(1),
  incrementSeconds: z.int().min(1).max(3_600).default(1),
})

const rateLinesMax = 5_000

export const rateLines = z
  .array(rateLine)
  .max(rateLinesMax, `at most ${rateLinesMax} lines`)
  .superRefine((lines, context) => {
    const first = new Map<string, number>()
    for (const [i, { prefix }] of lines.entries()) {
      const before = first.get(prefix)
      if (before === undefined) first.set(prefix, i)
      else
        context.addIssue({
          code: 'custom',
          path: [i, 'prefix'],
          message: `prefix "${prefix}" stands in rates[${before}] already`,
        })
    }
  })

export type RateLine = z.output<typeof rateLine>
