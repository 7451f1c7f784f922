// Consecutive failures and backoff on the fake clock: exactly the larger of one call in 5 s and one of 20, until one
// succeeds; and that decide, simulate and the explanation agree on it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { factsOf, PolicyRig } from '../../test/kit/policy-rig.ts'
import type { DeclarativeInput } from '../contract/declarative.ts'
import type { DirectoryAccount, DirectoryEndpoint } from '../directory/directory.ts'
import { Failures, type BackoffChange } from './backoff.ts'

const acme = (more: object = {}, gateways = ['a', 'b']): DeclarativeInput => ({
  system: { emergencyNumbers: ['112'] },
  carriers: [
    {
      name: 'Acme',
      ...more,
      endpoints: gateways.map((name, i) => ({
        name,
        direction: 'receives' as const,
        addresses: [`192.0.2.${i + 1}`],
        priority: i,
      })),
    },
  ],
  customers: [{ name: 'PBX', endpoints: [{ name: 'pbx', direction: 'sends', addresses: ['198.51.100.20'] }] }],
  routes: [{ prefix: '', targets: [{ carrier: 'Acme' }] }],
})

const call = factsOf('198.51.100.20', '441782')

function partsOf(rig: PolicyRig, name = 'a'): [DirectoryEndpoint, DirectoryAccount] {
  const endpoint = rig.directory.endpoints.find((row) => row.name === name)
  const account = rig.directory.accounts.find((row) => row.name === 'Acme')
  assert.ok(endpoint && account)
  return [endpoint, account]
}

function fail(rig: PolicyRig, times: number, name = 'a'): void {
  const [endpoint, account] = partsOf(rig, name)
  for (let i = 0; i < times; i++) {
    rig.failures.onAttempt(endpoint, account)
    rig.failures.onFailure(endpoint, account)
  }
}

/** One live call that fails wherever it goes; the name of its first gateway, or undefined when it was refused. */
function failingCall(rig: PolicyRig): string | undefined {
  const verdict = rig.call(call).outcome
  const first = verdict.kind === 'route' ? verdict.hunt[0]?.gateways[0] : undefined
  if (verdict.kind === 'route') verdict.permit.release()
  const endpoint = first === undefined ? undefined : rig.directory.endpoints[first.endpointIndex]
  if (endpoint !== undefined) fail(rig, 1, endpoint.name)
  return endpoint?.name
}

test('backoff begins with exactly the 50th failure in a row: 49 change nothing', () => {
  const rig = new PolicyRig(acme({}, ['a']))
  for (let i = 0; i < 50; i++) assert.equal(failingCall(rig), 'a', `call ${i}`)
  assert.equal(failingCall(rig), undefined)
  const told = rig.call(call)
  assert.deepEqual(told.outcome.kind === 'refuse' && [told.outcome.code, told.outcome.status], ['no_gateway', 503])
})

test('at 100 calls a second exactly one of 20 goes there, at one call a second one in 5 s: the larger of both', () => {
  for (const [everyMs, calls, passes] of [
    [10, 10_000, 500],
    [1_000, 1_000, 200],
    [10_000, 100, 100],
  ] as const) {
    const rig = new PolicyRig(acme({}, ['a']))
    fail(rig, 50)
    let passed = 0
    for (let i = 0; i < calls; i++) {
      rig.clock.advance(everyMs)
      if (failingCall(rig) === 'a') passed += 1
    }
    assert.equal(passed, passes, `one call each ${everyMs} ms`)
  }
})

test('one success ends it at once, for the gateway and for its account; other replies change nothing', () => {
  const rig = new PolicyRig(acme({}, ['a']))
  fail(rig, 60)
  const [endpoint, account] = partsOf(rig)
  assert.deepEqual([rig.failures.count('endpoint', endpoint.id), rig.failures.count('account', account.id)], [60, 60])
  rig.failures.onSuccess(endpoint, account)
  assert.deepEqual([rig.failures.count('endpoint', endpoint.id), rig.failures.count('account', account.id)], [0, 0])
  for (let i = 0; i < 5; i++) assert.equal(failingCall(rig), 'a')
})

test('a held gateway leaves its calls to the others of the account, and the explanation says why', () => {
  const rig = new PolicyRig(acme())
  const [, account] = partsOf(rig)
  fail(rig, 50)
  rig.failures.reset('account', account.id)
  const told = rig.call(call)
  assert.equal(told.outcome.kind, 'route')
  const line = told.lines.find((text) => text.includes('a udp:192.0.2.1:5060'))
  assert.match(line ?? '', /left out: backoff: 50 or more consecutive failures, .* one call in 5 s, or one of 20, .*50/)
})

test('simulate says what the next call meets, and neither counts nor takes it', () => {
  const rig = new PolicyRig(acme())
  const [, account] = partsOf(rig)
  fail(rig, 50)
  rig.failures.reset('account', account.id)
  const excluded = (): boolean => rig.simulate(call).candidates[0]?.excluded !== undefined
  for (let i = 0; i < 40; i++) assert.equal(excluded(), true)
  for (let i = 0; i < 19; i++) {
    assert.equal(excluded(), true, `before call ${i}`)
    const verdict = rig.call(call).outcome
    assert.equal(verdict.kind, 'route')
  }
  assert.equal(excluded(), false)
  assert.equal(failingCall(rig), 'a')
  assert.equal(excluded(), true)
  rig.clock.advance(4_999)
  assert.equal(excluded(), true)
  rig.clock.advance(1)
  assert.equal(excluded(), false)
})

test('an account without backoff is never held, and an emergency call never', () => {
  const off = new PolicyRig(acme({ backoff: false }, ['a']))
  fail(off, 500)
  for (let i = 0; i < 30; i++) assert.equal(failingCall(off), 'a')
  const rig = new PolicyRig(acme({}, ['a']))
  fail(rig, 500)
  for (let i = 0; i < 30; i++) assert.equal(rig.call(factsOf('198.51.100.20', '+112')).outcome.kind, 'route')
  assert.equal(rig.call(call).outcome.kind, 'refuse')
})

test('counts survive, are told by id, and each crossing is told once', () => {
  const rig = new PolicyRig(acme({}, ['a']))
  const [endpoint, account] = partsOf(rig)
  const changes: BackoffChange[] = []
  const failures = new Failures(rig.clock, (change) => changes.push(change))
  for (let i = 0; i < 120; i++) failures.onFailure(endpoint, account)
  assert.deepEqual(failures.counts('endpoint'), new Map([[endpoint.id, 120]]))
  failures.reset('endpoint', endpoint.id)
  assert.equal(failures.reset('endpoint', endpoint.id), false)
  assert.deepEqual(
    changes.map(({ scope, on }) => `${scope} ${on}`),
    ['endpoint true', 'account true', 'endpoint false'],
  )
  assert.deepEqual(failures.counts('account'), new Map([[account.id, 120]]))
})
