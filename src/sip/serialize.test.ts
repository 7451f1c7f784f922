import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AssertionFault } from '../base/assert.ts'
import { headerIds } from './header.ts'
import { parseDatagram } from './parse.ts'
import { MessageWriter, headerSet, messageWriter } from './serialize.ts'

const text = [
  'INVITE sip:b@h SIP/2.0',
  'Via: SIP/2.0/UDP a',
  'VIA  :   SIP/2.0/UDP b',
  'From: <sip:a@h>;tag=1',
  'To: <sip:b@h>',
  'Call-ID: c',
  'CSeq: 1 INVITE',
  'l: 3',
  'X-Keep: \xff a',
  '\tfolded ',
  'X-Drop: 1',
  'Subject: s',
  '',
  'abc',
].join('\r\n')

function source() {
  const message = parseDatagram(Buffer.from(text, 'latin1'))
  assert(message.kind === 'request')
  return message
}

test('RFC3261-7.3.1: fields that do not change are copied byte for byte, as written', () => {
  const bytes = messageWriter()
    .requestLine('INVITE', 'sip:b@h')
    .copyHeaders(source(), headerSet())
    .finish(source().body)
  const moved = text.replace('l: 3\r\n', '').replace('\r\n\r\n', '\r\nContent-Length: 3\r\n\r\n')
  assert.equal(bytes.toString('latin1'), moved)
})

test('fields are left out by id and by name, whole with their folds', () => {
  const bytes = messageWriter()
    .requestLine('INVITE', 'sip:b@h')
    .header('Via', 'SIP/2.0/UDP mine')
    .copyHeaders(source(), headerSet(headerIds.via, headerIds.subject, headerIds.from), (name) => name.startsWith('x-'))
    .copyHeader(source(), headerIds.via)
    .finish('\u20ac')
  const expected = [
    'INVITE sip:b@h SIP/2.0',
    'Via: SIP/2.0/UDP mine',
    'To: <sip:b@h>',
    'Call-ID: c',
    'CSeq: 1 INVITE',
    'Via: SIP/2.0/UDP a',
    'VIA  :   SIP/2.0/UDP b',
    'Content-Length: 3',
    '',
    '\u20ac',
  ]
  assert.equal(bytes.toString(), expected.join('\r\n'))
})

test('the writer grows, and a finished message is memory of its own', () => {
  const writer = new MessageWriter()
  const large = writer.statusLine(200, 'OK').header('X', 'y'.repeat(10_000)).finish(Buffer.alloc(70_000, 0x61))
  const copy = Buffer.from(large)
  const small = writer.statusLine(100, 'Trying').finish()
  assert.equal(small.toString(), 'SIP/2.0 100 Trying\r\nContent-Length: 0\r\n\r\n')
  assert.deepEqual(large, copy)
  assert(large.subarray(-70_000).every((byte) => byte === 0x61))
})

test('a line end in a value of ours is a bug that does not reach the wire', () => {
  for (const value of ['a\r\nVia: x', 'a\nb', 'a\rb', '\u20ac'])
    assert.throws(() => messageWriter().header('X', value), AssertionFault)
  assert.throws(() => messageWriter().statusLine(200, 'a\r\nb'), AssertionFault)
  assert.throws(() => messageWriter().requestLine('INVITE', 'sip:a\r\nb'), AssertionFault)
})
