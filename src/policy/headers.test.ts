// What crosses from a caller to a gateway: identity, privacy, X-* fields, and what no rule can remove.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileDirectory } from '../directory/compile.ts'
import { rowsOf } from '../../test/kit/rows.ts'
import type { DeclarativeInput } from '../contract/declarative.ts'
import { parseDatagram } from '../sip/parse.ts'
import type { SipMessage } from '../sip/message.ts'
import { headerSet, messageWriter } from '../sip/serialize.ts'
import { crossingRules } from './headers.ts'
import type { Caller } from './verdict.ts'

type Account = Omit<NonNullable<DeclarativeInput['carriers']>[number], 'name'>

const standard = new Set(['Via', 'Max-Forwards', 'From', 'To', 'Call-ID', 'CSeq', 'Contact', 'Content-Length'])

function invite(...fields: string[]): SipMessage {
  const lines = [
    'INVITE sip:44@tollgate.example SIP/2.0',
    'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
    'Max-Forwards: 70',
    'From: "Alice" <sip:441@192.0.2.1>;tag=1',
    'To: <sip:44@tollgate.example>',
    'Call-ID: 1@192.0.2.1',
    'CSeq: 1 INVITE',
    'Contact: <sip:441@192.0.2.1>',
    ...fields,
    'Content-Length: 0',
  ]
  const message = parseDatagram(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'))
  assert.ok(message.kind === 'request')
  return message
}

/** Names of the fields that cross, beyond those that every request has. */
function crossing(caller: Account, gateway: Account, ...fields: string[]): string[] {
  const { directory } = compileDirectory(
    rowsOf({ carriers: [{ name: 'Gateway', ...gateway }], customers: [{ name: 'Caller', ...caller }] }),
  )
  const [to, from] = directory.accounts
  assert.ok(to && from)
  const request = invite(...fields)
  const rules = crossingRules({ account: from } as Caller, to, request)
  const bytes = messageWriter()
    .requestLine('INVITE', 'sip:44@192.0.2.9')
    .copyHeaders(request, rules.except, rules.drop)
    .finish()
  return bytes
    .toString('latin1')
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(':')[0] ?? '')
    .filter((name) => name !== '' && !standard.has(name))
}

const identity = [
  'P-Asserted-Identity: <sip:441@a.example>',
  'Remote-Party-ID: <sip:441@a.example>',
  'P-Preferred-Identity: <sip:441@a.example>',
]
const trusted = { trustIdentity: true }

test('RFC3325: identity crosses only from those who may assert it, and a preferred one never', () => {
  assert.deepEqual(crossing({}, {}, ...identity), [])
  assert.deepEqual(crossing(trusted, {}, ...identity), ['P-Asserted-Identity', 'Remote-Party-ID'])
})

const diverted = ['Diversion: <sip:442@a.example>;reason=no-answer', 'History-Info: <sip:442@a.example>;index=1']

test('who diverted a call is believed as its identity is; a signed Identity proves itself', () => {
  assert.deepEqual(crossing({}, {}, ...diverted, 'Identity: abc'), ['Identity'])
  assert.deepEqual(crossing(trusted, {}, ...diverted), ['Diversion', 'History-Info'])
  assert.deepEqual(crossing(trusted, { assertedIdentity: 'remove' }, ...diverted), ['Diversion', 'History-Info'])
  assert.deepEqual(crossing(trusted, { trustIdentity: false }, ...diverted, 'Privacy: id'), ['Privacy'])
})

test('ifAvailable and required: the P-Asserted-Identity alone, as it came; default: all as they came', () => {
  assert.deepEqual(crossing(trusted, { assertedIdentity: 'ifAvailable' }, ...identity), ['P-Asserted-Identity'])
  assert.deepEqual(crossing(trusted, { assertedIdentity: 'required' }, ...identity), ['P-Asserted-Identity'])
  assert.deepEqual(crossing({}, { assertedIdentity: 'ifAvailable' }, ...identity), [])
})

test('either side may have it removed', () => {
  assert.deepEqual(crossing({ ...trusted, assertedIdentity: 'remove' }, {}, ...identity), [])
  assert.deepEqual(crossing(trusted, { assertedIdentity: 'remove' }, ...identity), [])
})

test('RFC3325-7: Privacy: id keeps the identity from gateways outside the trust domain', () => {
  const withPrivacy = [...identity, 'Privacy: user;id']
  assert.deepEqual(crossing(trusted, { trustIdentity: false }, ...withPrivacy), ['Privacy'])
  assert.deepEqual(crossing(trusted, { trustIdentity: true }, ...withPrivacy), [
    'P-Asserted-Identity',
    'Remote-Party-ID',
    'Privacy',
  ])
  assert.deepEqual(crossing(trusted, { trustIdentity: false }, ...identity, 'Privacy: ident'), [
    'P-Asserted-Identity',
    'Remote-Party-ID',
    'Privacy',
  ])
})

test('X-* stays here unless it is kept by its whole name, in any case; other unknown fields cross', () => {
  const fields = ['X-Foo: 1', 'x-bar: 2', 'X-ng911: 3', 'X-ng911-more: 4', 'P-Foo: 5', 'Xylophone: 6']
  assert.deepEqual(crossing({}, {}, ...fields), ['P-Foo', 'Xylophone'])
  assert.deepEqual(crossing({}, { headerRules: { keep: ['x-NG911'], remove: [] } }, ...fields), [
    'X-ng911',
    'P-Foo',
    'Xylophone',
  ])
  assert.deepEqual(crossing({ headerRules: { keep: ['X-Foo'], remove: [] } }, {}, ...fields), ['P-Foo', 'Xylophone'])
})

test('what either side removes stays here, known or not; what is essential crosses all the same', () => {
  const fields = ['User-Agent: a', 'Subject: b', 'P-Foo: c', 'Content-Type: application/sdp', 'Content-Foo: d']
  const remove = ['user-agent', 'P-FOO', 'Content-Type', 'content-foo', 'Via', 'f', 'Contact']
  const kept = ['Subject', 'Content-Type', 'Content-Foo']
  assert.deepEqual(crossing({}, { headerRules: { keep: [], remove } }, ...fields), kept)
  assert.deepEqual(crossing({ headerRules: { keep: [], remove } }, {}, ...fields), kept)
})

test('an explicit remove wins over keep', () => {
  assert.deepEqual(crossing({}, { headerRules: { keep: ['X-Foo'], remove: ['X-Foo'] } }, 'X-Foo: 1'), [])
})

test('the display name crosses only to gateways that want it, and the rules of a pair are made once', () => {
  const { directory } = compileDirectory(
    rowsOf({ carriers: [{ name: 'A' }, { name: 'B', propagateDisplayName: true }], customers: [{ name: 'C' }] }),
  )
  const [a, b, c] = directory.accounts
  assert.ok(a && b && c)
  const caller = { account: c } as Caller
  assert.deepEqual(
    [crossingRules(caller, a, invite()).keepDisplayName, crossingRules(caller, b, invite()).keepDisplayName],
    [false, true],
  )
  assert.equal(crossingRules(caller, a, invite()), crossingRules(caller, a, invite()))
  assert.notEqual(crossingRules(caller, a, invite()), crossingRules(caller, a, invite('Privacy: id')))
  assert.equal(crossingRules(caller, a, invite()).except.length, headerSet().length)
})
