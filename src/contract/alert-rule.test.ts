import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alertRules, systemAlertRules } from './alert-rule.ts'

/** `path: message` of what is wrong with one rule; empty = accepted. */
function faultsOf(rule: object): string[] {
  const parsed = alertRules.safeParse([{ name: 'x', ...rule }])
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.slice(1).join('.')}: ${message}`)
}

test('each kind takes thresholds that it can meet, in an order that lets it recover', () => {
  for (const rule of [
    { kind: 'gatewayRed' },
    { kind: 'asr', threshold: 0, resetThreshold: 1 },
    { kind: 'acd', threshold: 10, resetThreshold: 30 },
    { kind: 'balance', threshold: -12.5, resetThreshold: 0 },
    { kind: 'pdd', threshold: 5_000, resetThreshold: 0 },
    { kind: 'channels', threshold: 100, resetThreshold: 100 },
    { kind: 'consecutiveFailures', threshold: 50, resetThreshold: 0 },
  ])
    assert.deepEqual(faultsOf(rule), [], rule.kind)
  for (const [rule, fault] of [
    [{ kind: 'asr' }, /^threshold: asr needs a threshold/],
    [{ kind: 'asr', threshold: 40 }, /^threshold: 0 to 1/],
    [{ kind: 'asr', threshold: 0.5, resetThreshold: 0.4 }, /^resetThreshold: at least the threshold/],
    [{ kind: 'channels', threshold: 10, resetThreshold: 11 }, /^resetThreshold: at most the threshold/],
    [{ kind: 'channels', threshold: 1.5 }, /^threshold: a whole number/],
    [{ kind: 'gatewayRed', threshold: 2 }, /^threshold: gatewayRed has no threshold/],
    [{ kind: 'balance', threshold: 0.0000001 }, /^threshold: at most 6 decimals/],
    [{ kind: 'gatewayRed', windowMinutes: 0 }, /^windowMinutes: /],
  ] as const)
    assert.match(faultsOf(rule).join('; '), fault)
})

test('addresses and URLs that could carry more than themselves are refused', () => {
  const red = { kind: 'gatewayRed' }
  assert.deepEqual(faultsOf({ ...red, email: ['noc+night@example.com'], webhook: 'https://hooks.example/x?y=1' }), [])
  for (const email of ['a@b\r\nBcc: c@d', 'a b@c', '<a@b>', 'a@b,c@d', 'Noc <a@b>', 'a@', 'a@b.'])
    assert.match(faultsOf({ ...red, email: [email] }).join(), /^email\.0: an address/, email)
  for (const webhook of [
    'ftp://x/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'x',
    'https://user:pw@hooks.example/',
  ])
    assert.match(faultsOf({ ...red, webhook }).join(), /^webhook: /, webhook)
  assert.match(faultsOf({ ...red, name: 'a\r\nb' }).join(), /^name: /)
})

test('names are unique in a list; the system records red gateways of carriers unless it is told otherwise', () => {
  const twice = alertRules.safeParse([1, 2].map(() => ({ name: 'x', kind: 'gatewayRed' })))
  assert.deepEqual(
    twice.error?.issues.map(({ path }) => path),
    [[1, 'name']],
  )
  const [rule] = systemAlertRules.parse(undefined)
  assert.deepEqual([rule?.kind, rule?.accounts, rule?.email, rule?.enabled], ['gatewayRed', 'carriers', [], true])
})
