import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headerIds } from './header.ts'
import type { SipMessage } from './message.ts'
import { parseDatagram } from './parse.ts'
import { type ResponseOptions, buildResponse } from './respond.ts'
import { defaultReasonPhrase } from './status.ts'

const base = [
  'From: <sip:a@h>;tag=1',
  'To: <sip:b@h>',
  'Call-ID: c',
  'CSeq: 1 INVITE',
  'Record-Route: <sip:p;lr>',
  'Subject: s',
]

function request(via: readonly string[], lines: readonly string[] = base): SipMessage {
  const result = parseDatagram(Buffer.from(['INVITE sip:b@h SIP/2.0', ...via, ...lines, '', ''].join('\r\n'), 'latin1'))
  const message = result.kind === 'fault' ? result.message : result
  assert(message !== undefined, JSON.stringify(result))
  return message
}

const linesOf = (message: SipMessage, options: ResponseOptions): string[] =>
  buildResponse(message, options).toString('latin1').split('\r\n')

test('RFC3261-8.2.6.2: Via, From, To with tag, Call-ID and CSeq are those of the request, in this order', () => {
  const lines = linesOf(request(['v: SIP/2.0/UDP x', 'Via: SIP/2.0/UDP y']), { status: 486, toTag: 't' })
  assert.deepEqual(lines, [
    'SIP/2.0 486 Busy Here',
    'v: SIP/2.0/UDP x',
    'Via: SIP/2.0/UDP y',
    'From: <sip:a@h>;tag=1',
    'To: <sip:b@h>;tag=t',
    'Call-ID: c',
    'CSeq: 1 INVITE',
    'Content-Length: 0',
    '',
    '',
  ])
})

test('RFC3261-8.2.6.2: a To tag of the request stays', () => {
  const message = request(
    ['Via: SIP/2.0/UDP x'],
    [...base.filter((line) => !line.startsWith('To')), 'To: sip:b@h ; Tag = 9'],
  )
  assert(linesOf(message, { status: 200, toTag: 't' }).includes('To: sip:b@h ; Tag = 9'))
})

test('RFC3261-18.2.1: received is added when sent-by is not the source, and a forged one is replaced', () => {
  const received = { address: '192.0.2.7', port: 4000 }
  const topVia = (via: string): string | undefined => linesOf(request([via]), { status: 100, received })[1]
  assert.equal(topVia('Via: SIP/2.0/UDP h;branch=z9'), 'Via: SIP/2.0/UDP h;branch=z9;received=192.0.2.7')
  assert.equal(topVia('v:SIP/2.0/UDP 192.0.2.7'), 'v:SIP/2.0/UDP 192.0.2.7')
  assert.equal(topVia('Via: SIP/2.0/UDP h;received=6.6.6.6;x'), 'Via: SIP/2.0/UDP h;x;received=192.0.2.7')
  assert.equal(topVia('Via: SIP/2.0/UDP 192.0.2.7;received=6.6.6.6'), 'Via: SIP/2.0/UDP 192.0.2.7')
  assert.equal(topVia('Via: SIP/2.0/UDP h, SIP/2.0/TCP i'), 'Via: SIP/2.0/UDP h;received=192.0.2.7, SIP/2.0/TCP i')
  const six = { address: '2001:db8::1', port: 1 }
  assert.equal(
    linesOf(request(['Via: SIP/2.0/UDP [2001:db8::1]']), { status: 100, received: six })[1],
    'Via: SIP/2.0/UDP [2001:db8::1]',
  )
})

test('RFC3581-4: rport gets the source port, together with received', () => {
  const received = { address: '192.0.2.7', port: 4000 }
  const message = request(['Via: SIP/2.0/UDP 192.0.2.7:5060 ; rport ;branch=z9', 'Via: SIP/2.0/UDP y;rport'])
  const lines = linesOf(message, { status: 100, received })
  assert.deepEqual(lines.slice(1, 3), [
    'Via: SIP/2.0/UDP 192.0.2.7:5060;branch=z9;received=192.0.2.7;rport=4000',
    'Via: SIP/2.0/UDP y;rport',
  ])
})

test('RFC3261-12.1.1: Record-Route is copied where a dialog is made; further fields and a body are added', () => {
  const body = Buffer.from('v=0\r\n')
  const headers = [['Contact', '<sip:me@h>']] as const
  const options = { status: 200, toTag: 't', copyRecordRoute: true, headers, body, contentType: 'application/sdp' }
  const answer = parseDatagram(buildResponse(request(['Via: SIP/2.0/UDP x']), options))
  assert(answer.kind === 'response')
  assert.deepEqual(answer.values(headerIds.recordRoute), ['<sip:p;lr>'])
  assert.equal(answer.contact?.uri, 'sip:me@h')
  assert.equal(answer.value(headerIds.contentType), 'application/sdp')
  assert.deepEqual(answer.body, body)
  assert.equal(answer.value(headerIds.subject), undefined)
})

test('RFC4475-3.3.1: the answer to a faulty request is built from what is there', () => {
  assert.deepEqual(
    linesOf(request(['Via: SIP/2.0/UDP x;;'], ['To: "x <sip:b@h>', 'CSeq: 1 INVITE']), { status: 400, toTag: 't' }),
    [
      'SIP/2.0 400 Bad Request',
      'Via: SIP/2.0/UDP x;;',
      'To: "x <sip:b@h>',
      'CSeq: 1 INVITE',
      'Content-Length: 0',
      '',
      '',
    ],
  )
})

test('RFC3261-21: reason phrases, also for a status nobody registered', () => {
  assert.equal(defaultReasonPhrase(404), 'Not Found')
  assert.equal(defaultReasonPhrase(499), 'Request Failure')
  assert.equal(defaultReasonPhrase(699), 'Global Failure')
  assert.equal(
    linesOf(request(['Via: SIP/2.0/UDP x']), { status: 404, reasonPhrase: 'Gone fishing' })[0],
    'SIP/2.0 404 Gone fishing',
  )
})
