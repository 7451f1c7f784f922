import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headerIds } from './header.ts'
import type { SipMessage } from './message.ts'
import { parseDatagram } from './parse.ts'

function read(...lines: string[]): SipMessage {
  const head = [
    'INVITE sip:b@example.com SIP/2.0',
    'v: SIP/2.0/UDP a;branch=z9hG4bK-1 , SIP/2.0/TCP b',
    'f: "A, B" <sip:a@h>;tag=1',
  ]
  const rest = ['t: sip:b@h ;tag=2', 'i: c1', 'CSeq: 7 INVITE', 'Max-Forwards: 0070', 'l: 4']
  const result = parseDatagram(Buffer.from([...head, ...rest, ...lines, '', 'body'].join('\r\n'), 'latin1'))
  assert(result.kind !== 'fault', JSON.stringify(result))
  return result
}

test('the shortcuts', () => {
  const message = read('m: sip:x@y;q=1, <sip:z@y>')
  assert.equal(message.kind, 'request')
  assert.equal(message.method, 'INVITE')
  assert.equal(message.requestUri, 'sip:b@example.com')
  assert.equal(message.status, 0)
  assert.equal(message.callId, 'c1')
  assert.deepEqual(message.cseq, { number: 7, method: 'INVITE' })
  assert.equal(message.topVia.text, 'SIP/2.0/UDP a;branch=z9hG4bK-1')
  assert.equal(message.from.displayName, '"A, B"')
  assert.equal(message.fromTag, '1')
  assert.equal(message.toTag, '2')
  assert.deepEqual(message.contact, { displayName: '', uri: 'sip:x@y', parameters: ';q=1' })
  assert.equal(message.maxForwards, 70)
  assert.equal(message.body.toString(), 'body')
  assert.equal(read().contact, undefined)
  assert.equal(read('Contact: *').contact, undefined)
})

test('RFC3261-7.1: the method of a response is that of its CSeq', () => {
  const text =
    'SIP/2.0 180 \xc3\xb6\r\nv: SIP/2.0/UDP a\r\nf: <sip:a@h>;tag=1\r\nt: <sip:b@h>\r\ni: c\r\nCSeq: 1 UPDATE\r\n\r\n'
  const response = parseDatagram(Buffer.from(text, 'latin1'))
  assert(response.kind === 'response')
  assert.equal(response.method, 'UPDATE')
  assert.equal(response.status, 180)
  assert.equal(response.requestUri, '')
  assert.equal(response.reasonPhrase, '\xc3\xb6')
})

test('RFC3261-7.3.1: values are unfolded and trimmed, and keep their bytes', () => {
  const message = read('X-A:  a \t\r\n\tb\r\n   \r\n c  ', 'X-B:\r\n  b', 'X-C: \xe2\x82\xac ', 'x-a: second')
  assert.equal(message.valueOf('x-A'), 'a b c')
  assert.equal(message.valueOf('X-B'), 'b')
  assert.equal(message.valueOf('X-C'), '\xe2\x82\xac')
  assert.equal(message.valueOf('X-D'), undefined)
  assert.equal(message.valueOf('call-id'), 'c1')
  assert.equal(message.headerNameAt(message.headerCount - 1), 'x-a')
})

test('fields at the far end of the largest message say where they stand', () => {
  const rest = ['X-Far:  a b \t', 'Subject: z', '  folded']
  const short = read('X-Long: ', ...rest)
  const room = 65_535 - short.bytes.length
  for (const length of [32_000, 33_000, room]) {
    const message = read(`X-Long: ${'y'.repeat(length)}`, ...rest)
    assert.deepEqual([message.valueOf('x-long')?.length, message.valueOf('X-Far')], [length, 'a b'])
    assert.equal(message.value(headerIds.subject), 'z folded')
    const index = message.find(headerIds.subject)
    const line = message.bytes.toString('latin1', message.lineStartAt(index), message.lineEndAt(index))
    assert.equal(line, 'Subject: z\r\n  folded\r\n')
    assert.equal(message.headerNameAt(index - 1), 'X-Far')
  }
})

test('RFC3261-7.3.1: lists are split at commas outside quotes and brackets, over all fields', () => {
  const message = read('Route: <sip:a,b@h;lr> , "x, y" <sip:c@h>', 'ROUTE: <sip:d@h>', 'Subject: a, b')
  assert.deepEqual(message.values(headerIds.route), ['<sip:a,b@h;lr>', '"x, y" <sip:c@h>', '<sip:d@h>'])
  assert.deepEqual(message.values(headerIds.subject), ['a, b'])
  assert.deepEqual(message.values(headerIds.via), ['SIP/2.0/UDP a;branch=z9hG4bK-1', 'SIP/2.0/TCP b'])
  assert.deepEqual(message.values(headerIds.recordRoute), [])
  assert.equal(message.find(headerIds.route, message.find(headerIds.route) + 1), message.find(headerIds.route) + 1)
  assert.equal(message.find(headerIds.path), -1)
})
