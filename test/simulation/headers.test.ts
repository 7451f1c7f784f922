// What crosses from one leg to the other, byte for byte, what never does, and that nothing decoded is written raw.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headerIds } from '../../src/sip/header.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import type { EdgeRig } from '../kit/edge-rig.ts'
import { answerSdp, answeredCall, CallerSide, gateway1, GatewaySide, offer, standardRig } from '../kit/call-rig.ts'

const linesOf = (message: SipMessage): string[] =>
  message.bytes.toString('latin1', 0, message.headEnd).split('\r\n').slice(1, -1)

/** Cancels a call that only its INVITE was of interest of. */
function drop(rig: EdgeRig, caller: CallerSide): void {
  caller.cancel()
  caller.ack('failure')
  rig.assertNothingLeft()
}

const strange = [
  'Subject: =?utf-8?q?caf=C3=A9?=',
  'S:  two  blanks , commas; and "quotes\\""',
  'P-Charging-Vector: icid-value=1234bc9876e;icid-generated-at=192.0.6.8',
  'History-Info: <sip:a@x?Reason=SIP%3Bcause%3D302>;index=1, <sip:b@y>;index=1.1',
  'Some-Unknown-Field  :   value with \xe9\xff bytes',
  'Geolocation: <cid:target123@atlanta.example.com>',
  'User-Agent: Strange/1.0 (x; y)',
]

test('RFC3261-7.3.1: fields that are not ours cross unchanged and in order, compact and unknown ones as they were written', () => {
  const rig = standardRig({ customer: { trustIdentity: true } })
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite({ lines: strange })
  const invite = gateway.one('INVITE')
  const crossed = linesOf(invite).filter((line) => strange.includes(line))
  assert.deepEqual(crossed, strange)
  gateway.answer(invite, 183, { body: answerSdp, lines: strange })
  const progress = caller.got().at(-1)
  assert.ok(progress)
  assert.deepEqual(
    linesOf(progress).filter((line) => strange.includes(line)),
    strange,
  )
  drop(rig, caller)
})

test('a folded field crosses as it was folded', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite({ lines: ['Organization: one\r\n two\r\n\tthree'] })
  const invite = gateway.one('INVITE')
  assert.ok(invite.bytes.toString('latin1').includes('\r\nOrganization: one\r\n two\r\n\tthree\r\n'))
  drop(rig, caller)
})

test('what belongs to one leg never crosses to the other: identity, routes, credentials, timers, options', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  const own = [
    'Record-Route: <sip:10.1.0.8;lr>',
    'Authorization: Digest username="secret"',
    'Proxy-Authorization: Digest username="secret"',
    'Session-Expires: 3601;refresher=uac',
    'Min-SE: 121',
    'Path: <sip:10.1.0.8;lr>',
    'Service-Route: <sip:10.1.0.8;lr>',
    'Supported: timer, replaces, gruu',
    'k: outbound',
    'RAck: 1 1 INVITE',
  ]
  caller.invite({ lines: own })
  const invite = gateway.one('INVITE')
  const text = invite.bytes.toString('latin1')
  for (const word of ['secret', '3601', '121', 'Path', '10.1.0.8', '100rel', 'gruu', 'outbound', 'RAck'])
    assert.ok(!text.includes(word), `${word} crossed`)
  for (const word of [caller.callId, caller.tag, 'z9hG4bKinvite', 'sip:alice'])
    assert.ok(!text.includes(word), `${word} crossed`)
  gateway.answer(invite, 183, {
    body: answerSdp,
    lines: ['Require: 100rel', 'RSeq: 7', 'Supported: 100rel', 'Record-Route: <sip:10.2.0.9;lr>'],
  })
  const progress = caller.got().at(-1)?.bytes.toString('latin1') ?? ''
  for (const word of ['100rel', 'RSeq', '10.2.0.9', 'gateway-tag', 'sip:gw', invite.callId, invite.fromTag ?? '-'])
    assert.ok(!progress.includes(word), `${word} crossed back`)
  drop(rig, caller)
})

test('what we write ourselves names nothing of the other leg: Reason, Warning, phrases', () => {
  const rig = standardRig({ endpoint: { channelsMax: 1 } })
  answeredCall(rig)
  const second = new GatewaySide(rig, '10.2.0.2')
  const other = new CallerSide(rig)
  other.invite()
  second.answer(second.one('INVITE'), 180)
  const caller = new CallerSide(rig)
  caller.invite()
  const refused = caller.got().find((message) => message.status === 503)
  assert.ok(refused)
  const text = refused.bytes.toString('latin1')
  assert.match(text, /Warning: 399 /)
  assert.match(text, /Q\.850;cause=34/)
  for (const word of ['gw-1', 'gw-2', 'Acme', gateway1, '10.2.0.2']) assert.ok(!text.includes(word), word)
  caller.ack('failure')
  for (const call of rig.edge.calls.values()) call.release('operator', 'the test is over')
  other.ack('failure')
  rig.assertNothingLeft()
})

test('Allow is narrowed to what both sides can and we relay; REFER only where the account may', () => {
  const rig = standardRig({ customer: { refer: 'relay' } })
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite({ lines: ['Allow: INVITE, ACK, BYE, CANCEL, UPDATE, REFER, PRACK, PUBLISH'] })
  const invite = gateway.one('INVITE')
  assert.equal(invite.value(headerIds.allow), 'INVITE, ACK, BYE, CANCEL, PRACK, UPDATE')
  gateway.answer(invite, 200, { body: answerSdp, lines: ['Allow: INVITE, INFO, REFER, PRACK'] })
  gateway.one('ACK')
  assert.equal(caller.got().at(-1)?.value(headerIds.allow), 'INVITE, ACK, BYE, CANCEL, INFO, PRACK, REFER')
  caller.ack()
  caller.inDialog('UPDATE')
  const update = gateway.one('UPDATE')
  assert.equal(update.value(headerIds.allow), 'INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, PRACK, UPDATE, NOTIFY, MESSAGE')
  gateway.answer(update, 200)
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})

test('RFC3261-16.6: bodies of any kind cross byte-exact: multipart, binary, several Content-Types', () => {
  const binary = String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i))
  const multipart = `--b\r\nContent-Type: application/sdp\r\n\r\n${offer}\r\n--b\r\nContent-Type: application/isup\r\n\r\n${binary}\r\n--b--\r\n`
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite({ body: multipart, contentType: 'multipart/mixed;boundary=b', lines: ['Content-Disposition: session'] })
  const invite = gateway.one('INVITE')
  assert.equal(invite.body.toString('latin1'), multipart)
  assert.equal(invite.value(headerIds.contentType), 'multipart/mixed;boundary=b')
  assert.equal(invite.value(headerIds.contentDisposition), 'session')
  gateway.answer(invite, 200, { body: binary, contentType: 'application/isup;version=itu-t92+' })
  gateway.one('ACK')
  const answer = caller.got().at(-1)
  assert.equal(answer?.body.toString('latin1'), binary)
  assert.equal(answer.value(headerIds.contentType), 'application/isup;version=itu-t92+')
  caller.ack()
  for (const contentType of ['application/dtmf-relay', 'message/sipfrag;version=2.0', 'x/y']) {
    caller.inDialog('INFO', { body: binary, contentType })
    const info = gateway.one('INFO')
    assert.equal(info.body.toString('latin1'), binary)
    assert.equal(info.value(headerIds.contentType), contentType)
    gateway.answer(info, 200, { body: `${contentType}${binary}`, contentType })
    assert.equal(caller.got()[0]?.body.toString('latin1'), `${contentType}${binary}`)
  }
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})

test('number parameters are kept on both numbers, rewrites see the number only, user=phone stays', () => {
  const rig = standardRig({
    endpoint: {
      rewrites: [
        { parameter: 'destination', pattern: '^44', replacement: '+44' },
        { parameter: 'cli', pattern: '^', replacement: '+' },
      ],
    },
  })
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  const parameters = ';npdi;rn=+441000999;cic=+1-234;tgrp=TG-1;trunk-context=x.example;phone-context=+44'
  caller.requestUri = `sip:441782${parameters}@10.0.0.1;user=phone`
  caller.from = '<sip:441000;phone-context=+44;cpc=ordinary@10.1.0.1>'
  caller.invite()
  const invite = gateway.one('INVITE')
  assert.equal(invite.requestUri, `sip:+441782${parameters}@${gateway1};user=phone`)
  assert.equal(invite.to.uri, `sip:+441782${parameters}@${gateway1};user=phone`)
  assert.equal(invite.from.uri, 'sip:+441000;phone-context=+44;cpc=ordinary@10.0.0.1')
  drop(rig, caller)
})

test('hosts: To and Request-URI name the gateway, From names us or the fromDomain of the entry', () => {
  for (const [fromDomain, host] of [
    [undefined, '10.0.0.1'],
    ['voice.example', 'voice.example'],
  ] as const) {
    const register = fromDomain === undefined ? {} : { register: { fromDomain } }
    const rig = standardRig({ endpoint: { port: 5070, ...register } })
    const caller = new CallerSide(rig)
    const gateway = new GatewaySide(rig)
    caller.invite()
    const invite = gateway.one('INVITE')
    assert.equal(invite.requestUri, `sip:441782000001@${gateway1}:5070`)
    assert.equal(invite.to.uri, `sip:441782000001@${gateway1}:5070`)
    assert.equal(invite.from.uri, `sip:441000@${host}`)
    drop(rig, caller)
  }
})

test('display names: away by default, byte-exact where the account propagates them, and back to the caller as sent', () => {
  const names = ['"Al \\"x\\" <sip:evil@x>, b"', 'Alice', '"caf\xc3\xa9; tag=wrong"', '""']
  for (const name of names)
    for (const propagate of [false, true]) {
      const rig = standardRig({ carrier: { propagateDisplayName: propagate } })
      const caller = new CallerSide(rig)
      const gateway = new GatewaySide(rig)
      caller.from = `${name} <sip:441000@10.1.0.1>`
      caller.tag = "odd.!%*_+`'~-tag"
      caller.invite()
      const invite = gateway.one('INVITE')
      assert.equal(invite.from.displayName, propagate ? name : '')
      assert.equal(invite.from.uri, 'sip:441000@10.0.0.1')
      const tag = "g.!%*_+`'~-1"
      gateway.answer(invite, 200, { body: answerSdp, toTag: tag })
      assert.equal(gateway.one('ACK').toTag, tag)
      caller.got()
      caller.ack()
      gateway.request('BYE', invite, { toTag: tag })
      const bye = caller.got()[0]
      assert.equal(bye?.value(headerIds.to), `${name} <sip:441000@10.1.0.1>;tag=${caller.tag}`)
      caller.answer(bye, 200)
      rig.assertNothingLeft()
    }
})

test('a caller of RFC 2543 without a From tag, and without brackets, is called back as it wrote itself', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.from = 'sip:441000@10.1.0.1'
  caller.tag = ''
  caller.invite()
  const invite = gateway.one('INVITE')
  gateway.answer(invite, 200, { body: answerSdp })
  gateway.one('ACK')
  caller.got()
  caller.ack()
  gateway.request('INFO', invite)
  const info = caller.got()[0]
  assert.equal(info?.value(headerIds.to), '<sip:441000@10.1.0.1>')
  caller.answer(info, 200)
  assert.equal(gateway.got()[0]?.status, 200)
  caller.bye()
  gateway.answer(gateway.one('BYE'), 200)
  rig.assertNothingLeft()
})

test('header injection: escaped line ends and odd bytes never come out raw, in any field that we write ourselves', () => {
  for (const user of ['44%0D%0AX-Evil:1', '44%0d%0aX-Evil%3A1', '44%00', '44%22%3E%3Bx', '44%250D%250A', '%34%34']) {
    const rig = standardRig({ carrier: { propagateDisplayName: true } })
    const caller = new CallerSide(rig)
    const gateway = new GatewaySide(rig)
    caller.requestUri = `sip:${user};rn=1%0D%0AX-Evil:1@10.0.0.1`
    caller.from = `"a\\"b%0D%0AX-Evil: 1" <sip:${user}@10.1.0.1>`
    caller.invite()
    const invite = gateway.one('INVITE')
    assert.deepEqual(
      linesOf(invite).filter((line) => /^x-evil/i.test(line)),
      [],
    )
    assert.equal(invite.valueOf('x-evil'), undefined)
    assert.match(invite.requestUri, /^sip:[\x21-\x7e]+$/)
    assert.equal(invite.requestUri.includes('"') || invite.requestUri.includes('>'), false)
    drop(rig, caller)
  }
})

test('the number used to decide is the number that is sent on: escapes are resolved once', () => {
  const rig = standardRig()
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.requestUri = 'sip:%34%34%31@10.0.0.1'
  caller.invite()
  assert.equal(gateway.one('INVITE').requestUri, `sip:441@${gateway1}`)
  drop(rig, caller)
  assert.equal(rig.records[0]?.dialled, '441')
})

test('a header name with odd bytes before the colon is a 400', () => {
  for (const line of ['X-A\x01: 1', 'Bad Name: 1', 'X\xe9: 1', ': nothing', '"X": 1']) {
    const rig = standardRig()
    const caller = new CallerSide(rig)
    caller.invite({ lines: [line] })
    assert.deepEqual(caller.statuses(), [400], line)
    assert.deepEqual(new GatewaySide(rig).got(), [])
    rig.assertNothingLeft()
  }
})

test('a reply rule with a phrase beyond ASCII reaches the caller as UTF-8', () => {
  const rig = standardRig({
    carrier: {
      replyRules: [{ code: 486, action: 'replace', newCode: 480, newReason: 'nicht verf\u00fcgbar \u2013 \u65e5' }],
    },
  })
  const caller = new CallerSide(rig)
  const gateway = new GatewaySide(rig)
  caller.invite()
  gateway.answer(gateway.one('INVITE'), 486)
  const last = caller.got().at(-1)
  assert.equal(last?.status, 480)
  assert.equal(Buffer.from(last.reasonPhrase, 'latin1').toString('utf8'), 'nicht verf\u00fcgbar \u2013 \u65e5')
  caller.ack('failure')
  rig.assertNothingLeft()
})

test('RFC3891-3: names of a dialog in a new INVITE are never passed on', () => {
  for (const line of [
    'Replaces: a;to-tag=b;from-tag=c',
    'Join: a;to-tag=b;from-tag=c',
    'Target-Dialog: a;remote-tag=b',
  ]) {
    const rig = standardRig()
    const caller = new CallerSide(rig)
    caller.invite({ lines: [line] })
    assert.deepEqual(caller.statuses(), [481], line)
    assert.deepEqual(new GatewaySide(rig).got(), [])
    rig.assertNothingLeft()
  }
})
