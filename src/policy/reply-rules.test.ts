// Which reply rule counts: the gateway's before the account's.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReplyRule } from '../contract/parts.ts'
import { findReplyRule } from './reply-rules.ts'

const rules = (...replyRules: ReplyRule[]) => ({ replyRules })

test('the rule of the gateway comes before the rule of the account, code by code', () => {
  const own: ReplyRule = { code: 404, action: 'failoverGateway' }
  const account: ReplyRule = { code: 404, action: 'failover' }
  const other: ReplyRule = { code: 183, action: 'replace', newCode: 180, newReason: 'Ringing' }
  assert.equal(findReplyRule(rules(own), rules(account, other), 404), own)
  assert.equal(findReplyRule(rules(own), rules(account, other), 183), other)
  assert.equal(findReplyRule(rules(), rules(account), 486), undefined)
})

test('default at a gateway hides the rule of its account', () => {
  const hiding = rules({ code: 404, action: 'default' })
  assert.equal(findReplyRule(hiding, rules({ code: 404, action: 'failover' }), 404), undefined)
})
