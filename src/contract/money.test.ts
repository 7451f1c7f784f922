import assert from 'node:assert/strict'
import { test } from 'node:test'
import { amountText, formatMoney, parseMoney, rateLines } from './money.ts'

test('amounts are exact in both directions', () => {
  const vectors: [string, bigint, string][] = [
    ['0', 0n, '0.00'],
    ['12', 12_000_000n, '12.00'],
    ['12.5', 12_500_000n, '12.50'],
    ['0.000001', 1n, '0.000001'],
    ['-0.000001', -1n, '-0.000001'],
    ['-40.42', -40_420_000n, '-40.42'],
    ['0.012', 12_000n, '0.012'],
    ['0.1200', 120_000n, '0.12'],
    ['9007199254740993.000001', 0n, ''],
    ['999999999999999.999999', 999_999_999_999_999_999_999n, '999999999999999.999999'],
  ]
  for (const [text, value, shown] of vectors) {
    const parsed = parseMoney(text)
    if (shown === '') assert.equal(parsed, undefined, text)
    else {
      assert.equal(parsed, value, text)
      assert.equal(formatMoney(value), shown)
    }
  }
})

test('what is no plain decimal amount is refused', () => {
  for (const text of [
    '',
    ' ',
    '.5',
    '5.',
    '1,5',
    '1e3',
    '+1',
    '--1',
    '0x10',
    '1.0000001',
    'NaN',
    '１２',
    '1 000',
    '1\n',
  ])
    assert.equal(parseMoney(text), undefined, JSON.stringify(text))
})

test('every amount survives being written and read', () => {
  let state = 7n
  for (let i = 0; i < 2_000; i += 1) {
    state = (state * 6_364_136_223_846_793_005n + 1n) % 2n ** 64n
    const value = BigInt.asIntN(64, state) % 10n ** BigInt(1 + (i % 18))
    assert.equal(parseMoney(formatMoney(value)), value)
  }
})

const messagesOf = (result: ReturnType<typeof amountText.safeParse>): string =>
  result.success ? '' : result.error.issues.map(({ message }) => message).join('; ')

test('the amount of a payment says what is wrong with it', () => {
  assert.equal(amountText.parse(' 1.5 '), '1.50')
  assert.equal(amountText.parse('-1000000000'), '-1000000000.00')
  assert.match(messagesOf(amountText.safeParse('1000000000.000001')), /at most 1000000000/)
  assert.match(messagesOf(amountText.safeParse('0.00')), /other than 0/)
  assert.match(messagesOf(amountText.safeParse(12.5)), /in quotes/)
  assert.match(messagesOf(amountText.safeParse('twelve')), /"twelve" is no amount/)
})

test('a rate line has defaults, and each fault its path', () => {
  assert.deepEqual(rateLines.parse([{ prefix: '+44', pricePerMinute: '0.0120' }]), [
    { prefix: '44', pricePerMinute: '0.012', connectFee: '0.00', firstIncrementSeconds: 1, incrementSeconds: 1 },
  ])
  const result = rateLines.safeParse([
    { prefix: '44', pricePerMinute: '0.01' },
    { prefix: '+44', pricePerMinute: '0.02' },
    { prefix: 'x', pricePerMinute: '-1', incrementSeconds: 0 },
  ])
  assert.deepEqual(result.success ? [] : result.error.issues.map(({ path }) => path.join('.')).toSorted(), [
    '2.incrementSeconds',
    '2.prefix',
    '2.pricePerMinute',
  ])
  const twice = rateLines.safeParse([
    { prefix: '44', pricePerMinute: '0.01' },
    { prefix: '+44', pricePerMinute: '0.02' },
  ])
  assert.match(twice.success ? '' : (twice.error.issues[0]?.message ?? ''), /rates\[0\] already/)
})
