import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../base/random.ts'
import { formatMoney, rateLines } from '../contract/money.ts'
import { attemptRecord, callRecord } from '../../test/kit/call-records.ts'
import { counts, seeds } from '../../test/kit/counts.ts'
import { billedSeconds, rate, rated } from './rating.ts'

const tariffOf = (...lines: object[]) => ({ currency: 'USD', rates: rateLines.parse(lines) })
const costOf = (line: object, talkMs: number): string | undefined => {
  const charge = rate(tariffOf({ prefix: '', ...line }), '44178', talkMs)
  return charge === undefined ? undefined : formatMoney(charge.cost)
}

test('the time that is paid: the first increment at least, then whole further ones', () => {
  const vectors: [talkMs: number, first: number, next: number, seconds: number][] = [
    [0, 1, 1, 1],
    [1, 1, 1, 1],
    [1_000, 1, 1, 1],
    [1_001, 1, 1, 2],
    [1_000.4, 1, 1, 1],
    [59_999, 60, 60, 60],
    [60_000, 60, 60, 60],
    [60_001, 60, 60, 120],
    [30_000, 30, 6, 30],
    [30_001, 30, 6, 36],
    [36_000, 30, 6, 36],
    [36_001, 30, 6, 42],
    [1, 60, 1, 60],
    [604_800_000, 1, 1, 604_800],
  ]
  for (const [talkMs, first, next, seconds] of vectors)
    assert.equal(billedSeconds(talkMs, first, next), seconds, `${talkMs} ms at ${first}/${next}`)
})

test('the price of a call, exactly', () => {
  const vectors: [line: object, talkMs: number, cost: string][] = [
    [{ pricePerMinute: '0.06' }, 61_000, '0.061'],
    [{ pricePerMinute: '0.06', firstIncrementSeconds: 60, incrementSeconds: 60 }, 61_000, '0.12'],
    [{ pricePerMinute: '0.01' }, 1_000, '0.000167'],
    // 0.000001 * 30 / 60 is half a millionth: up. 29 seconds are less: down.
    [{ pricePerMinute: '0.000001' }, 30_000, '0.000001'],
    [{ pricePerMinute: '0.000001' }, 29_000, '0.00'],
    [{ pricePerMinute: '0.000001' }, 90_000, '0.000002'],
    [{ pricePerMinute: '0', connectFee: '0.05' }, 5_000, '0.05'],
    [{ pricePerMinute: '0.1', connectFee: '0.000001' }, 0, '0.001668'],
    [{ pricePerMinute: '0.0089', firstIncrementSeconds: 30, incrementSeconds: 6 }, 43_210, '0.00712'],
    [{ pricePerMinute: '500000', connectFee: '500000' }, 604_800_000, '5040500000.00'],
    [{ pricePerMinute: '0.00' }, 60_000, '0.00'],
  ]
  for (const [line, talkMs, cost] of vectors) assert.equal(costOf(line, talkMs), cost, JSON.stringify(line))
})

test('the longest prefix of the number as sent counts, with or without a leading +', () => {
  const tariff = tariffOf(
    { prefix: '44', pricePerMinute: '1' },
    { prefix: '447', pricePerMinute: '2' },
    { prefix: '#1#44', pricePerMinute: '3' },
  )
  const prefixOf = (number: string): string | undefined => rate(tariff, number, 1_000)?.prefix
  assert.equal(prefixOf('441782'), '44')
  assert.equal(prefixOf('+447700'), '447')
  assert.equal(prefixOf('#1#447700'), '#1#44')
  assert.equal(prefixOf('44'), '44')
  assert.equal(prefixOf('4'), undefined)
  assert.equal(prefixOf('49'), undefined)
  assert.equal(prefixOf(''), undefined)
  assert.equal(rate(tariffOf({ prefix: '', pricePerMinute: '1' }), 'alice', 1_000)?.prefix, '')
})

test('whoever answered is paid, at its own price, for the number that it got', () => {
  const first = attemptRecord({ accountId: 'car_bad', status: 503, reason: '503 from the gateway' })
  const second = attemptRecord({ accountId: 'car_good', destination: '990044' })
  const tariffs = new Map([
    ['car_bad', tariffOf({ prefix: '', pricePerMinute: '9' })],
    ['car_good', { ...tariffOf({ prefix: '99', pricePerMinute: '0.6' }), currency: 'EUR' }],
  ])
  const find = (id: string) => tariffs.get(id)
  const call = callRecord(1, { attempts: [first, second], destination: '0044', talkMs: 60_000 })
  assert.deepEqual(rated(call, find).charge, { cost: 600_000n, currency: 'EUR', prefix: '99' })
  for (const outcome of ['failed', 'cancelled', 'refused'] as const)
    assert.equal(rated({ ...call, outcome, talkMs: 0 }, find).charge, undefined)
  assert.equal(rated({ ...call, attempts: [] }, find).charge, undefined)
  assert.equal(rated(call, () => undefined).charge, undefined)
})

test('a longer call never costs less, and no rounding is off by more than half a millionth', () => {
  const random = seededRandom(seeds.prices)
  const next = (most: number): number => random.uint32() % most
  for (let run = 0; run < counts.prices; run += 1) {
    const line = {
      pricePerMinute: `${next(20)}.${String(next(1_000_000)).padStart(6, '0')}`,
      firstIncrementSeconds: 1 + next(90),
      incrementSeconds: 1 + next(90),
    }
    const talkMs = next(4_000_000)
    const tariff = tariffOf({ prefix: '', ...line })
    const cost = rate(tariff, '1', talkMs)?.cost ?? -1n
    const longer = rate(tariff, '1', talkMs + next(100_000))?.cost ?? -1n
    assert.ok(longer >= cost, JSON.stringify({ line, talkMs }))
    const seconds = BigInt(billedSeconds(talkMs, line.firstIncrementSeconds, line.incrementSeconds))
    const exactTimes60 = BigInt(line.pricePerMinute.replace('.', '')) * seconds
    const off = cost * 60n - exactTimes60
    assert.ok(off <= 30n && off > -30n, JSON.stringify({ line, talkMs, off: String(off) }))
  }
  console.log(`${counts.prices} calls priced, seed ${seeds.prices}`)
})
