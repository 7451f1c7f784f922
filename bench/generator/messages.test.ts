// The messages of the load generator are ones that the product's parser accepts, and belong together as RFC 3261 asks.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headerIds } from '../../src/sip/header.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import { parseDatagram } from '../../src/sip/parse.ts'
import { CallerMessages, GatewayMessages, numberInFrom, plainAnswer } from './messages.ts'

const callerPlace = { address: '127.0.80.101', port: 5070 }
const compose = new CallerMessages(callerPlace, { address: '127.0.80.1', port: 5060 }, { run: 'r1x', sdpBytes: 1_000 })
const gateway = new GatewayMessages({ address: '127.0.80.11', port: 5080 }, 1_000)

function read(text: string): SipMessage {
  const message = parseDatagram(Buffer.from(text, 'latin1'))
  assert.notEqual(message.kind, 'fault', text)
  return message as SipMessage
}

test('RFC3261-12.1.2: ACK and BYE go to the Contact by the Record-Route in reverse, with the tags of the 200', () => {
  const invite = compose.invite(10_000_007)
  assert.equal(read(invite).body.length, 1_000)
  assert.equal(numberInFrom(invite), 10_000_007)
  const routed = invite.replace('\r\nFrom:', '\r\nRecord-Route: <sip:b;lr>\r\nRecord-Route: <sip:a;lr>\r\nFrom:')
  const [ringing, ok] = gateway.answers(routed, 'g5')
  assert.deepEqual([read(ringing).status, read(ok).status, read(ok).body.length], [180, 200, 1_000])
  assert.deepEqual(read(ok).values(headerIds.via), read(invite).values(headerIds.via))
  const dialog = compose.dialogOf(10_000_007, ok)
  for (const request of [compose.ack(10_000_007, dialog), compose.bye(10_000_007, dialog)].map(read)) {
    assert.equal(request.requestUri, 'sip:bench@127.0.80.11:5080')
    assert.deepEqual(request.values(headerIds.route), ['<sip:a;lr>', '<sip:b;lr>'])
    assert.deepEqual([request.toTag, request.fromTag], ['g5', read(invite).fromTag])
    assert.equal(request.callId, read(invite).callId)
    assert.notEqual(request.topVia.branch, read(invite).topVia.branch)
    assert.equal(numberInFrom(request.bytes.toString('latin1')), 10_000_007)
  }
  assert.equal(read(plainAnswer(compose.bye(10_000_007, dialog))).status, 200)
})

test('RFC3261-17.1.1.3: the ACK of a refusal has the branch of its INVITE and the To of the answer', () => {
  const invite = read(compose.invite(3))
  const answer = 'SIP/2.0 503 No\r\nTo: <sip:x@y>;tag=t9\r\n\r\n'
  const ack = read(compose.ackRefusal(3, answer))
  assert.deepEqual([ack.topVia.branch, ack.toTag, ack.cseq.number], [invite.topVia.branch, 't9', 1])
})
