// What RFC 5118 asks of a parser that meets IPv6 addresses, in messages of our own.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SipMessage } from './message.ts'
import { type ParseFault, parseDatagram } from './parse.ts'
import { buildResponse } from './respond.ts'
import { parseUri } from './uri.ts'
import { parseVia } from './via.ts'

const read = (requestUri: string, via: string, body = ''): SipMessage | ParseFault =>
  parseDatagram(
    Buffer.from(
      [
        `REGISTER ${requestUri} SIP/2.0`,
        `Via: ${via}`,
        'From: <sip:bob@[2001:db8::7]>;tag=a',
        'To: <sip:bob@example.net>',
        'Call-ID: six@[2001:db8::7]',
        'Contact: "Bob" <sip:bob@[2001:db8::7]:5070>',
        'CSeq: 1 REGISTER',
        `Content-Length: ${body.length}`,
        '',
        body,
      ].join('\r\n'),
    ),
  )

function accepted(requestUri: string, via = 'SIP/2.0/UDP [2001:db8::7]:5066;branch=z9hG4bKa', body = ''): SipMessage {
  const message = read(requestUri, via, body)
  assert(message.kind !== 'fault', `${requestUri} ${via}`)
  return message
}

test('RFC5118-4.1: an IPv6 reference in Request-URI, From, Contact, Call-ID and Via', () => {
  const message = accepted('sip:[2001:db8::10]')
  assert.deepEqual(
    [message.requestUri, message.from.uri, message.contact?.uri, message.callId, message.topVia.host],
    ['sip:[2001:db8::10]', 'sip:bob@[2001:db8::7]', 'sip:bob@[2001:db8::7]:5070', 'six@[2001:db8::7]', '[2001:db8::7]'],
  )
  assert.deepEqual([parseUri(message.requestUri)?.host, message.topVia.port], ['[2001:db8::10]', 5066])
})

test('RFC5118-4.2: an IPv6 address without brackets is refused, in the Request-URI and in Via', () => {
  for (const host of ['2001:db8::10', '[2001:db8::10', '2001:db8::10]', '[2001:db8::10]x']) {
    assert.equal(parseUri(`sip:${host}`), undefined, host)
    assert.equal(read('sip:h', `SIP/2.0/UDP ${host};branch=z9hG4bKa`).kind, 'fault', host)
  }
  const fault = read('sip:2001:db8::10', 'SIP/2.0/UDP [2001:db8::7]')
  assert.equal(fault.kind === 'fault' ? fault.status : 0, 400)
})

test('RFC5118-4.3: a port inside the brackets belongs to the address', () => {
  const uri = parseUri(accepted('sip:[2001:db8::10:5070]').requestUri)
  assert.deepEqual([uri?.host, uri?.port], ['[2001:db8::10:5070]', undefined])
})

test('RFC5118-4.4: a port behind the brackets is the port', () => {
  const uri = parseUri(accepted('sip:[2001:db8::10]:5070').requestUri)
  assert.deepEqual([uri?.host, uri?.port], ['[2001:db8::10]', 5070])
})

test('RFC5118-4.5: received is read with brackets and without them, and ours is written as an address', () => {
  for (const received of ['2001:db8::9:255', '[2001:db8::9:255]'])
    assert.equal(parseVia(`SIP/2.0/UDP [2001:db8::9:1];received=${received};branch=z9hG4bKa`)?.received, received)
  const request = accepted('sip:[2001:db8::10]')
  const received = { address: '2001:db8::9:255', port: 5060 }
  const answer = parseDatagram(buildResponse(request, { status: 200, toTag: 't', received }))
  assert(answer.kind === 'response')
  assert.match(answer.topVia.received ?? '', /^\[?2001:db8::9:255\]?$/)
})

test('RFC5118-4.6: IPv6 in a description is a body like any other', () => {
  const body = 'v=0\r\no=- 1 1 IN IP6 2001:db8::20\r\ns=-\r\nc=IN IP6 2001:db8::20\r\nt=0 0\r\n'
  assert.equal(accepted('sip:h', undefined, body).body.toString(), body)
})

test('RFC5118-4.7: both families may stand in the Via fields of one message', () => {
  const vias = 'SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKa, SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKb'
  const message = accepted('sip:[2001:db8::10]', `${vias}, SIP/2.0/TCP [2001:db8::9:255];branch=z9hG4bKc`)
  assert.equal(message.topVia.port, 6050)
})

test('RFC5118-4.9: an IPv4-mapped address is read where any other is', () => {
  const message = accepted('sip:[::ffff:192.0.2.10]:5062', 'SIP/2.0/UDP [::ffff:192.0.2.2]:5080;branch=z9hG4bKa')
  assert.deepEqual(
    [parseUri(message.requestUri)?.host, message.topVia.host],
    ['[::ffff:192.0.2.10]', '[::ffff:192.0.2.2]'],
  )
})

test('RFC5118-4.10: a colon too many, which the grammar of RFC 3261 allowed, does not spoil the message', () => {
  assert.equal(parseUri(accepted('sip:user@[2001:db8:::192.0.2.1]').requestUri)?.host, '[2001:db8:::192.0.2.1]')
})
