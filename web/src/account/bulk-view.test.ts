import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BulkEntryResult, BulkEntryRow } from '../../../src/contract/api-bulk.ts'
import { bulkRequest, countLines, countRows, rowText, toneOf, weightShares } from './bulk-view.ts'

const row = (fields: Partial<BulkEntryRow>): BulkEntryRow => ({
  line: 1,
  input: '192.0.2.1',
  status: 'ok',
  name: '192.0.2.1',
  addresses: ['192.0.2.1'],
  port: null,
  weight: 1,
  direction: 'receives',
  errors: [],
  overlaps: [],
  warnings: [],
  ...fields,
})

test('a heading with an address column makes a CSV; lines are lines', () => {
  assert.deepEqual(bulkRequest('acme-1 192.0.2.1 5060 10', 'receives', true), {
    text: 'acme-1 192.0.2.1 5060 10',
    defaults: { direction: 'receives' },
    dryRun: true,
  })
  assert.equal(bulkRequest('\nName;Addresses;Port\na;192.0.2.1;5060', 'sends', false)['text'], undefined)
  assert.equal(bulkRequest('192.0.2.1, 192.0.2.2', 'sends', false)['csv'], undefined)
  assert.equal(countLines('a\n\n  \nb\n'), 2)
})

test('a row says what is wrong with it and whom it overlaps', () => {
  const overlap = {
    accountKind: 'carrier' as const,
    account: 'Other',
    endpoint: 'range',
    endpointId: 'e9',
    line: null,
    address: '192.0.2.0/24',
  }
  const wide = row({
    overlaps: [overlap, { ...overlap, line: 3, endpointId: null, address: '192.0.2.1' }],
    warnings: [{ path: 'addresses[0]', message: 'the same again', code: 'overlap' }],
  })
  assert.equal(rowText(wide), 'overlaps Other, range (192.0.2.0/24); overlaps line 3 of this paste (192.0.2.1)')
  const wrong = row({ status: 'error', errors: [{ path: 'addresses[0]', message: '"x" is no address' }] })
  assert.equal(rowText(wrong), '"x" is no address')
  assert.deepEqual([toneOf(row({})), toneOf(wide), toneOf(wrong)], ['ok', 'overlap', 'error'])
  const result = { rows: [row({}), wide, wrong] } as unknown as BulkEntryResult
  assert.deepEqual(countRows(result), { ok: 1, overlap: 1, error: 1 })
})

test('weights 10, 1, 1 are 10/12 and 1/12; zero everywhere is drawn evenly; a source has no share', () => {
  const rows = [row({ weight: 10 }), row({}), row({}), row({ direction: 'sends' })]
  const share = weightShares(rows)
  assert.deepEqual(rows.map(share), [10 / 12, 1 / 12, 1 / 12, undefined])
  const zero = [row({ weight: 0 }), row({ weight: 0 })]
  assert.deepEqual(zero.map(weightShares(zero)), [0.5, 0.5])
})
