// Who the caller says it is, on the whole edge: modes, trust, privacy, the From of those who hide; and that a spoofed field
// of an untrusted peer reaches no gateway.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headerIds } from '../../src/sip/header.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import { CallerSide, callerAddress, edgeAddress, GatewaySide, standardRig } from '../kit/call-rig.ts'
import type { EdgeRig } from '../kit/edge-rig.ts'

const pai = 'P-Asserted-Identity: "Alice" <sip:441999@pbx.example>'
const trusted = { trustIdentity: true }

/** The INVITE that the gateway gets, or the status that the caller gets. */
function invited(rig: EdgeRig, lines: readonly string[], from?: string): SipMessage | number | undefined {
  const caller = new CallerSide(rig)
  const text = caller.request('INVITE', { toTag: '', lines })
  rig.receive(from === undefined ? text : text.replace(/^From: .*$/m, `From: ${from};tag=x`), callerAddress)
  const [invite] = new GatewaySide(rig).got()
  return invite ?? caller.statuses().at(-1)
}

function inviteOf(rig: EdgeRig, lines: readonly string[], from?: string): SipMessage {
  const invite = invited(rig, lines, from)
  assert.ok(typeof invite === 'object')
  return invite
}

const fromOf = (invite: SipMessage): string => `${invite.from.displayName} ${invite.from.uri}`.trim()

test('required: a carrier that wants an identity gets no call without one that may be trusted', () => {
  const carrier = { assertedIdentity: 'required' as const }
  assert.equal(invited(standardRig({ carrier, customer: trusted }), []), 503)
  assert.equal(invited(standardRig({ carrier }), [pai]), 503)
  assert.equal(invited(standardRig({ carrier, customer: { ...trusted, assertedIdentity: 'remove' } }), [pai]), 503)
  const invite = inviteOf(standardRig({ carrier, customer: trusted }), [pai])
  assert.equal(invite.value(headerIds.pAssertedIdentity), pai.slice(21))
})

test('RFC3325-7: required of a carrier outside the trust domain cannot be met by a caller that hides', () => {
  const more = { carrier: { assertedIdentity: 'required' as const, trustIdentity: false }, customer: trusted }
  assert.equal(invited(standardRig(more), [pai, 'Privacy: id']), 503)
  assert.ok(inviteOf(standardRig(more), [pai]))
})

test('required: a customer that must assert its identity is refused without it, with 403 that says so', () => {
  const customer = { ...trusted, assertedIdentity: 'required' as const }
  const rig = standardRig({ customer })
  const caller = new CallerSide(rig)
  caller.invite()
  assert.deepEqual(
    caller.got().map((answer) => `${answer.status} ${answer.reasonPhrase}`),
    ['403 P-Asserted-Identity Required'],
  )
  assert.ok(inviteOf(standardRig({ customer }), [pai]))
  assert.equal(invited(standardRig({ customer: { assertedIdentity: 'required' } }), [pai]), 403)
})

test('ifAvailable: the call goes with the identity or without', () => {
  const carrier = { assertedIdentity: 'ifAvailable' as const }
  assert.equal(inviteOf(standardRig({ carrier, customer: trusted }), []).value(headerIds.pAssertedIdentity), undefined)
  const invite = inviteOf(standardRig({ carrier, customer: trusted }), [pai, 'Remote-Party-ID: <sip:1@x.example>'])
  assert.equal(invite.value(headerIds.pAssertedIdentity), pai.slice(21))
  assert.equal(invite.value(headerIds.remotePartyId), undefined)
})

test('a trusted identity is the CLI, also as tel: URI or as the first of two; an untrusted one is nothing', () => {
  const fromUser = (lines: readonly string[], customer: object): string =>
    fromOf(inviteOf(standardRig({ customer }), lines))
  assert.equal(fromUser([pai], trusted), `sip:441999@${edgeAddress}`)
  assert.equal(fromUser(['P-Asserted-Identity: <tel:+44-1999>'], trusted), `sip:+441999@${edgeAddress}`)
  assert.equal(fromUser([`${pai}, <tel:+44777>`], trusted), `sip:441999@${edgeAddress}`)
  assert.equal(fromUser([pai], {}), `sip:441000@${edgeAddress}`)
  assert.equal(fromUser(['P-Asserted-Identity: <urn:x>'], trusted), `sip:441000@${edgeAddress}`)
})

test('RFC3323-4.1.1.3: an anonymous From stays as it came and is never filled in from the asserted identity', () => {
  const anonymous = '"Anonymous" <sip:anonymous@anonymous.invalid>'
  const kept = inviteOf(standardRig({ customer: trusted }), [pai, 'Privacy: id'], anonymous)
  assert.equal(fromOf(kept), '"Anonymous" sip:anonymous@anonymous.invalid')
  assert.equal(kept.value(headerIds.pAssertedIdentity), pai.slice(21))
  assert.equal(kept.value(headerIds.privacy), 'id')
  const local = inviteOf(standardRig({ customer: trusted }), [pai], '"Anonymous" <sip:Anonymous@pbx.example>')
  assert.equal(fromOf(local), `"Anonymous" sip:Anonymous@${edgeAddress}`)
})

test('RFC3325-7: with Privacy: id a gateway outside the trust domain learns the identity nowhere', () => {
  const rig = standardRig({ customer: trusted, carrier: { trustIdentity: false } })
  const from = '"Bob" <sip:unavailable@pbx.example>'
  const invite = inviteOf(rig, [pai, 'Remote-Party-ID: <sip:441999@pbx.example>', 'Privacy: id'], from)
  assert.equal(fromOf(invite), `sip:unavailable@${edgeAddress}`)
  assert.equal(invite.bytes.toString('latin1').includes('441999'), false)
})

test('RFC3325-5: B13: what an untrusted peer claims of identity reaches no gateway, with and without Privacy', () => {
  const claims = [
    pai,
    'P-Preferred-Identity: <sip:441999@pbx.example>',
    'Remote-Party-ID: <sip:441999@pbx.example>',
    'Diversion: <sip:441999@pbx.example>;reason=unconditional',
    'History-Info: <sip:441999@pbx.example>;index=1',
  ]
  for (const privacy of [[], ['Privacy: id']]) {
    const invite = inviteOf(standardRig(), [...claims, ...privacy])
    assert.equal(invite.bytes.toString('latin1').includes('441999'), false)
  }
})

test('an emergency number passes every limit, however it is written', () => {
  const full = { channelsMax: 1, callsPerSecondMax: 1 }
  const rig = standardRig({
    system: { ...full, emergencyNumbers: ['112'] },
    customer: full,
    carrier: { ...full, gatewayFailoverMax: 0 },
    endpoint: full,
  })
  for (const number of ['1', '112', '+112', '2', '+112']) new CallerSide(rig, { number }).invite()
  const dialled = new GatewaySide(rig).got().map((invite) => /sip:([^@]+)@/.exec(invite.requestUri)?.[1])
  assert.deepEqual(dialled, ['1', '112', '+112', '+112'])
})
