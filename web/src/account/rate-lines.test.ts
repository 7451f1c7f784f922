import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lineOfPath, parseRates, rateText } from './rate-lines.ts'

test('rate lines become text and text becomes rate lines', () => {
  const lines = [
    { prefix: '44', pricePerMinute: '0.0120' },
    { prefix: '', pricePerMinute: '0.5', connectFee: '0.05', firstIncrementSeconds: 30, incrementSeconds: 6 },
  ]
  const text = lines.map(rateText).join('\n')
  assert.equal(text, '44, 0.0120\n*, 0.5, 0.05, 30, 6')
  assert.deepEqual(parseRates(`${text}\n\n`), lines)
  assert.deepEqual(parseRates('441\t0.01;0.02'), [{ prefix: '441', pricePerMinute: '0.01', connectFee: '0.02' }])
})

test('what the server fills in is not written out', () => {
  assert.equal(
    rateText({
      prefix: '1',
      pricePerMinute: '0.01',
      connectFee: '0.00',
      firstIncrementSeconds: 1,
      incrementSeconds: 1,
    }),
    '1, 0.01',
  )
})

test('errors name the line as an editor counts', () => {
  assert.equal(lineOfPath('rates[12].pricePerMinute'), 'line 13 pricePerMinute')
  assert.equal(lineOfPath('rates[0]'), 'line 1')
})
