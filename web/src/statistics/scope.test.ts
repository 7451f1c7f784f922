import assert from 'node:assert/strict'
import { test } from 'node:test'
import { queryOf, scopeOf, valuesOf } from './scope.ts'

const now = Date.parse('2026-01-31T12:34:56.789Z')

test('what the address does not say, or says wrongly, is the whole system for 24 hours', () => {
  const usual = { whose: 'system', name: '', side: '', range: '24h' }
  assert.deepEqual(scopeOf({}), usual)
  assert.deepEqual(scopeOf({ whose: 'planet', range: 'toString', side: 'left' }), usual)
})

test('a range ends with the present step, so that the newest calls are in it', () => {
  assert.deepEqual(queryOf(scopeOf({}), now), { from: '2026-01-30T13:00:00.000Z', to: '2026-01-31T13:00:00.000Z' })
  assert.deepEqual(queryOf(scopeOf({ range: '1h' }), now), {
    from: '2026-01-31T11:35:00.000Z',
    to: '2026-01-31T12:35:00.000Z',
  })
})

test('an account may be asked for one side; nobody is asked for before somebody is chosen', () => {
  assert.equal(queryOf(scopeOf({ whose: 'carrier' }), now), undefined)
  assert.partialDeepStrictEqual(queryOf(scopeOf({ whose: 'carrier', name: 'Acme', side: 'caller' }), now), {
    account: 'Acme',
    side: 'caller',
  })
  const gateway = queryOf(scopeOf({ whose: 'gateway', name: 'acme-1', side: 'caller' }), now)
  assert.deepEqual([gateway?.['gateway'], gateway?.['side']], ['acme-1', undefined])
  const sender = queryOf(scopeOf({ whose: 'endpoint', name: 'pbx', side: 'gateway' }), now)
  assert.deepEqual([sender?.['endpoint'], sender?.['side']], ['pbx', undefined])
  assert.equal(queryOf(scopeOf({ whose: 'sipUser', name: '441' }), now)?.['sipUser'], '441')
})

test('a metric that is not there counts nothing', () => {
  const answer = { metrics: ['attempts', 'asr'] as const, points: [{ values: [4, 0.5] }, { values: [0, null] }] }
  assert.deepEqual(valuesOf(answer, 'asr'), [0.5, null])
  assert.deepEqual(valuesOf(answer, 'pddMs'), [null, null])
})
