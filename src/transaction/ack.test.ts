// The ACK of a non-2xx final response, field by field (RFC 3261 17.1.1.3).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headerIds } from '../sip/header.ts'
import { parsed, requestBytes, responseOf } from '../../test/kit/sip-message.ts'
import { buildAck } from './ack.ts'

const invite = requestBytes({
  requestUri: 'sip:+4930@gw.example.net;user=phone',
  branch: 'z9hG4bK-ack',
  cseq: 4711,
  lines: [
    'Route: <sip:p1.example.net;lr>, <sip:p2.example.net;lr>',
    'Route: <sip:p3.example.net;lr>',
    'Contact: <sip:us@192.0.2.1>',
    'Proxy-Authorization: Digest username="u", realm="r", nonce="n", uri="sip:x", response="0"',
    'Supported: timer',
  ],
})

test('RFC3261-17.1.1.3: the ACK has the top Via, Request-URI, Call-ID, From and Route of the INVITE, and the To of the response', () => {
  const ack = parsed(buildAck(invite, responseOf(486, { toTag: 'theirs', branch: 'z9hG4bK-ack' })))
  assert.equal(ack.method, 'ACK')
  assert.equal(ack.requestUri, 'sip:+4930@gw.example.net;user=phone')
  assert.deepEqual(ack.values(headerIds.via), ['SIP/2.0/UDP client.example.com:5060;branch=z9hG4bK-ack'])
  assert.equal(ack.value(headerIds.from), '<sip:alice@example.com>;tag=from-1')
  assert.equal(ack.value(headerIds.to), '<sip:bob@example.com>;tag=theirs')
  assert.equal(ack.callId, 'call-1')
  assert.deepEqual(ack.cseq, { number: 4711, method: 'ACK' })
  assert.deepEqual(ack.values(headerIds.route), [
    '<sip:p1.example.net;lr>',
    '<sip:p2.example.net;lr>',
    '<sip:p3.example.net;lr>',
  ])
  assert.equal(ack.maxForwards, 70)
  assert.equal(ack.value(headerIds.contact), undefined)
  assert.equal(ack.value(headerIds.supported), undefined)
  assert.equal(ack.body.length, 0)
})

test('RFC3261-22.1: the ACK repeats the credentials of its INVITE', () => {
  const ack = parsed(buildAck(parsed(invite), responseOf(403, { toTag: 'theirs' })))
  assert.match(ack.value(headerIds.proxyAuthorization) ?? '', /^Digest username="u"/)
})
