// The schemas by which endpoints are pasted, people changed, and answers compared.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bulkEntryInput, bulkEntryResult, type BulkEntryInput, type BulkEntryResult } from './api-bulk.ts'
import { replyRulesBody, restoreResult, revisionDetail, revisionParameter } from './api-config.ts'
import { passwordChange, sessionView, userChanges } from './api-people.ts'

test('a paste is text or CSV, never both and never neither', () => {
  const wanted: BulkEntryInput = { text: '192.0.2.1', defaults: {}, dryRun: false }
  assert.deepEqual(bulkEntryInput.parse({ text: '192.0.2.1' }), wanted)
  for (const input of [{}, { text: 'a', csv: 'b' }, { text: 'a', other: 1 }, { text: 'a', dryRun: 'yes' }])
    assert.equal(bulkEntryInput.safeParse(input).success, false, JSON.stringify(input))
})

test('an answer about a paste has a row for each line', () => {
  const counts = { applied: false, dryRun: true, revision: 1, ok: 0, wrong: 0 }
  const answer: BulkEntryResult = { ...counts, rows: [], warnings: [], created: [] }
  assert.deepEqual(bulkEntryResult.parse(answer), answer)
})

test('a change of a user names something to change, and a password is at least 8 characters', () => {
  assert.deepEqual(userChanges.parse({ disabled: true }), { disabled: true })
  for (const input of [{}, { role: 'owner' }, { password: 'short' }, { username: 'x' }])
    assert.equal(userChanges.safeParse(input).success, false, JSON.stringify(input))
  assert.equal(passwordChange.safeParse({ current: 'x', password: 'seven77' }).success, false)
  assert.equal(passwordChange.safeParse({ password: 'long enough' }).success, false)
})

test('answers that name moments name them as ISO 8601', () => {
  const at = '2026-01-31T12:00:00.000Z'
  const session = { id: 's', createdAt: at, seenAt: at, address: '192.0.2.1', current: true }
  assert.deepEqual(sessionView.parse(session), session)
  assert.equal(sessionView.safeParse({ ...session, seenAt: 5 }).success, false)
  assert.equal(restoreResult.safeParse({ revision: 1, takenAt: 'now', version: '1' }).success, false)
  assert.equal(revisionDetail.safeParse({ revision: 1, at, actor: 'a', summary: 's' }).success, false)
  assert.deepEqual(revisionParameter.parse({ revision: '7' }), { revision: 7 })
  assert.deepEqual(replyRulesBody.parse({ replyRules: [] }), { replyRules: [] })
})
