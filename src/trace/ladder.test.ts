// The ladder as text: who took part, one line for each message, the messages; nothing in it steers a terminal.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sipText, tracedCall, traceMessage } from '../../test/kit/trace.ts'
import { arrange } from './arrange.ts'
import { renderLadder } from './ladder.ts'

test('a call with failover: participants, arrows between them, times, start lines, then the messages', () => {
  const lines = renderLadder(tracedCall()).split('\n')
  assert.deepEqual(lines.slice(0, 13), [
    'Trace of call-1: 6 messages in 1.501 s, from 2026-01-31T12:00:00.000Z',
    'Caller    pbx of PBX  10.1.0.1:5062',
    'Tollgate  10.0.0.1:5060',
    'Gateway   gw-1 of Acme  10.2.0.1:5062',
    'Gateway   gw-2 of Acme  10.2.0.2:5062',
    '',
    '  seconds  pbx                 Tollgate            gw-1                gw-2',
    '    0.000  |----- INVITE ----->|                   |                   |  INVITE sip:441782000001@10.0.0.1 SIP/2.0 (SDP)',
    '    0.001  |                   |----- INVITE ----->|                   |  INVITE sip:441782000001@10.0.0.1 SIP/2.0 (SDP)',
    '    0.021  |                   |<-- 503 INVITE ----|                   |  SIP/2.0 503 Service Unavailable',
    '    0.021  |                   |--------------- INVITE --------------->|  INVITE sip:441782000001@10.0.0.1 SIP/2.0 (SDP)',
    '    1.500  |                   |<------------ 200 INVITE --------------|  SIP/2.0 200 OK',
    '    1.501  |<-- 200 INVITE ----|                   |                   |  SIP/2.0 200 OK',
  ])
  assert.ok(lines.includes('[3] 0.021 s  udp 10.2.0.1:5062 -> 10.0.0.1:5060'))
  assert.ok(lines.includes('SIP/2.0 503 Service Unavailable'))
  assert.ok(lines.includes('CSeq: 1 INVITE'))
})

test('control and direction characters of peers are escaped, UTF-8 is shown', () => {
  const text = Buffer.from(
    sipText('OPTIONS sip:\u001B[2J\u202E\u0000@h SIP/2.0', 'x', ['Subject: Grüße\r\tfolded']),
  ).toString('latin1')
  const ladder = renderLadder({
    id: 'x\u001B]0;title\u0007',
    legs: [{ callId: 'x', side: 'caller', name: '\u001B[31m', account: '' }],
    messages: [traceMessage(text, { callId: 'x', remote: '2001:db8::1' })],
  })
  assert.doesNotMatch(ladder.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u)
  assert.match(ladder, /Grüße\\u000d\\u0009folded/)
  assert.match(ladder, /\[2001:db8::1\]:5062/)
})

test('two attempts at one gateway are one column; an unknown Call-ID is the caller', () => {
  const trace = tracedCall()
  const legs = trace.legs.map((leg) => (leg.name === 'gw-2' ? { ...leg, name: 'gw-1' } : leg))
  const { participants, arrows } = arrange({ ...trace, legs })
  assert.deepEqual(
    participants.map((one) => [one.kind, one.name, one.addresses]),
    [
      ['caller', 'pbx', ['10.1.0.1:5062']],
      ['tollgate', 'Tollgate', ['10.0.0.1:5060']],
      ['gateway', 'gw-1', ['10.2.0.1:5062', '10.2.0.2:5062']],
    ],
  )
  assert.deepEqual(
    arrows.map(({ from, to }) => [from, to]),
    [
      [0, 1],
      [1, 2],
      [2, 1],
      [1, 2],
      [2, 1],
      [1, 0],
    ],
  )
  assert.equal(renderLadder({ id: 'none', legs: [], messages: [] }).startsWith('Trace of none: 0 messages\n'), true)
})
