// What a call costs: the rate line with the longest prefix of the number as it was sent, time in increments, money in
// whole millionths. Pure; the rounding rule is written down in docs/guide/credit.md.
import type { CallRecord } from '../call/record.ts'
import { parseMoney } from '../contract/money.ts'
import type { Millionths, RateLine } from '../contract/money.ts'
import type { Charge } from '../store/charge.ts'
import type { RatedRecord } from '../store/record-rows.ts'

/** The prices of an account. */
export interface Tariff {
  readonly currency: string
  readonly rates: readonly RateLine[]
}

/** By account id; undefined = there is no such account any more. */
export type TariffOf = (accountId: string) => Tariff | undefined

interface Price {
  readonly prefix: string
  readonly perMinute: Millionths
  readonly connectFee: Millionths
  readonly firstSeconds: number
  readonly nextSeconds: number
}

/** Where integers of SQLite and JavaScript are the same; no call of the longest duration at the highest price comes near. */
const costMax = BigInt(Number.MAX_SAFE_INTEGER)

const pricesOf = (rates: readonly RateLine[]): ReadonlyMap<string, Price> =>
  new Map(
    rates.map((line) => [
      line.prefix,
      {
        prefix: line.prefix,
        perMinute: parseMoney(line.pricePerMinute) ?? 0n,
        connectFee: parseMoney(line.connectFee) ?? 0n,
        firstSeconds: line.firstIncrementSeconds,
        nextSeconds: line.incrementSeconds,
      },
    ]),
  )

/** Configured lists never change, so that each is indexed once. */
const indexes = new WeakMap<readonly RateLine[], ReadonlyMap<string, Price>>()

function indexOf(rates: readonly RateLine[]): ReadonlyMap<string, Price> {
  const known = indexes.get(rates)
  if (known !== undefined) return known
  const prices = pricesOf(rates)
  indexes.set(rates, prices)
  return prices
}

/** Longest prefix of a rate line. */
const prefixLengthMax = 32

function findPrice(rates: readonly RateLine[], number: string): Price | undefined {
  if (rates.length === 0) return undefined
  const prices = indexOf(rates)
  const bare = number.replace(/^\+/, '')
  for (let length = Math.min(bare.length, prefixLengthMax); length >= 0; length -= 1) {
    const price = prices.get(bare.slice(0, length))
    if (price !== undefined) return price
  }
  return undefined
}

/** Seconds that are paid for: the first increment at least, then whole further ones. */
export function billedSeconds(talkMs: number, firstSeconds: number, nextSeconds: number): number {
  const beyondMs = Math.max(0, Math.round(talkMs) - firstSeconds * 1_000)
  return firstSeconds + Math.ceil(beyondMs / (nextSeconds * 1_000)) * nextSeconds
}

/** Rounded half up to the millionth. */
function costOf(price: Price, talkMs: number): Millionths {
  const seconds = BigInt(billedSeconds(talkMs, price.firstSeconds, price.nextSeconds))
  const cost = price.connectFee + (price.perMinute * seconds + 30n) / 60n
  return cost < costMax ? cost : costMax
}

/** The charge for an answered call to this number; undefined when no line fits. */
export function rate({ currency, rates }: Tariff, number: string, talkMs: number): Charge | undefined {
  const price = findPrice(rates, number)
  return price === undefined ? undefined : { cost: costOf(price, talkMs), currency, prefix: price.prefix }
}

/** Only answered calls cost anything: whoever answered is paid. */
export function rated(record: CallRecord, tariffOf: TariffOf): RatedRecord {
  const attempt = record.outcome === 'answered' ? record.attempts.at(-1) : undefined
  const tariff = attempt === undefined ? undefined : tariffOf(attempt.accountId)
  if (attempt === undefined || tariff === undefined) return { record, charge: undefined }
  return { record, charge: rate(tariff, attempt.destination, record.talkMs) }
}
