// The refusal that is made without parsing says the same as the one that is made with it, and whatever is not plain is left alone.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../base/random.ts'
import { answerPort } from '../call/nat.ts'
import type { Flow, ListenerInfo } from '../sip/flow.ts'
import type { SipMessage } from '../sip/message.ts'
import { parseDatagram } from '../sip/parse.ts'
import { buildResponse } from '../sip/respond.ts'
import { EarlyRefusal, mayBeEmergency, readPlainHead } from './early-refusal.ts'

const listener: ListenerInfo = {
  id: 0,
  name: 'main',
  protocol: 'udp',
  family: 4,
  address: '10.0.0.1',
  port: 5060,
  sentByHost: '10.0.0.1',
  sentByPort: 5060,
}
const flow: Flow = { listener, address: '10.0.1.1', port: 5071, connection: 0 }
const via = 'SIP/2.0/UDP 10.0.1.1:5070;branch=z9hG4bKx1'

const requestWith = (lines: readonly string[], requestLine = 'INVITE sip:441782555555@10.0.0.1 SIP/2.0'): string =>
  [requestLine, ...lines, 'Content-Length: 3', '', 'v=0'].join('\r\n')

const plain = [
  `Via: ${via}`,
  'Max-Forwards: 70',
  'From: "A" <sip:441@10.0.1.1>;tag=f1',
  'To: <sip:441782555555@10.0.0.1>',
  'Call-ID: c1@10.0.1.1',
  'CSeq: 1 INVITE',
  'Contact: <sip:a@10.0.1.1:5070>',
]
const replaced = (line: number, ...by: readonly string[]): string[] => plain.toSpliced(line, 1, ...by)

const open = { isOpen: () => false }
const refuse = (text: string, early = new EarlyRefusal(open, seededRandom(1)), emergencyNumbers: string[] = []) =>
  early.answer(Buffer.from(text, 'latin1'), flow, { method: 'INVITE', emergencyNumbers, retryAfterSeconds: 3 })

const read = (bytes: Buffer): SipMessage => {
  const message = parseDatagram(bytes)
  assert.notEqual(message.kind, 'fault')
  return message as SipMessage
}

test('RFC3261-8.2.6: the answer is byte for byte that of a request that was parsed', () => {
  const behind = `Via: SIP/2.0/UDP 192.168.1.7:5070;branch=z9hG4bKx1`
  for (const lines of [
    plain,
    replaced(0, `Via: ${via};rport`),
    replaced(0, behind),
    replaced(0, `${behind};rport`),
    replaced(0, `Via: ${via}`, 'Via: SIP/2.0/UDP far;branch=z9hG4bKy', 'Via: SIP/2.0/TCP farther;branch=z9hG4bKz'),
    [...plain, 'Identity: x', 'X-Other: via: y', 'Call-Info: <http://x>'],
  ]) {
    const text = requestWith(lines)
    const answer = refuse(text)
    assert.ok(answer !== undefined, text)
    const { toTag } = read(answer.bytes)
    assert.ok(toTag !== undefined && toTag.length > 16)
    const expected = buildResponse(read(Buffer.from(text, 'latin1')), {
      status: 503,
      toTag,
      received: flow,
      headers: [['Retry-After', '3']],
    })
    assert.equal(answer.bytes.toString('latin1'), expected.toString('latin1'))
    assert.equal(answer.port, answerPort(read(Buffer.from(text, 'latin1')), flow, 'automatic'))
  }
})

test('RFC3261-8.2.6.2: a request that is repeated gets the same To tag, another one another', () => {
  const early = new EarlyRefusal(open, seededRandom(1))
  const tagOf = (text: string): string | undefined => read(refuse(text, early)?.bytes ?? Buffer.alloc(0)).toTag
  const first = tagOf(requestWith(plain))
  assert.equal(tagOf(requestWith(plain)), first)
  assert.notEqual(tagOf(requestWith(replaced(4, 'Call-ID: c2@10.0.1.1'))), first)
  assert.notEqual(
    read(refuse(requestWith(plain), new EarlyRefusal(open, seededRandom(2)))?.bytes as Buffer).toTag,
    first,
  )
})

test('what has a To tag, belongs to a transaction or is not written plainly is looked at as a whole', () => {
  for (const lines of [
    replaced(3, 'To: <sip:441782555555@10.0.0.1>;tag=t1'),
    replaced(3, 'To: <sip:441782555555@10.0.0.1>; TAG = t1'),
    replaced(0, `v: ${via}`),
    replaced(0, `VIA: ${via}`),
    replaced(0, `Via: ${via}, SIP/2.0/UDP far;branch=z9hG4bKy`),
    replaced(0, 'Via: what is this'),
    replaced(0),
    replaced(2, 'f: <sip:441@10.0.1.1>;tag=f1'),
    replaced(2, 'From: <sip:441@10.0.1.1>', ' ;tag=f1'),
    [...plain, 'From: <sip:other@10.0.1.1>;tag=f2'],
    [...plain, 't: <sip:other@10.0.1.1>'],
    [...plain, 'i: c9'],
    [...plain, 'call-id: c9'],
    replaced(5),
  ])
    assert.equal(refuse(requestWith(lines)), undefined, lines.join('|'))
  assert.equal(refuse(requestWith(plain, 'INFO sip:x@10.0.0.1 SIP/2.0')), undefined)
  assert.equal(refuse('INVITE sip:x@10.0.0.1 SIP/2.0\r\nVia: half a head'), undefined)
  assert.equal(refuse(requestWith(plain), new EarlyRefusal({ isOpen: () => true }, seededRandom(1))), undefined)
  assert.equal(readPlainHead(''), undefined)
})

test('a number that could be an emergency is left to the exact comparison', () => {
  assert.equal(mayBeEmergency('INVITE sip:441782@h SIP/2.0', []), false)
  assert.equal(mayBeEmergency('INVITE sip:+1-12@h SIP/2.0', ['112']), true)
  assert.equal(mayBeEmergency('INVITE sip:%31%31%32@h SIP/2.0', ['112']), true)
  assert.equal(mayBeEmergency('INVITE sip:441782@h SIP/2.0', ['112', '+999']), false)
  assert.equal(refuse(requestWith(plain, 'INVITE sip:112@10.0.0.1 SIP/2.0'), undefined, ['112']), undefined)
})

test('the ACK of such an answer is known without being read, and no other', () => {
  const early = new EarlyRefusal(open, seededRandom(1))
  const { toTag } = read(refuse(requestWith(plain), early)?.bytes ?? Buffer.alloc(0))
  const ack = (tag: string | undefined): Buffer =>
    Buffer.from(`ACK sip:x SIP/2.0\r\nVia: ${via}\r\nTo: <sip:x>;tag=${tag}\r\n\r\n`, 'latin1')
  assert.equal(early.isOwnAck(ack(toTag)), true)
  assert.equal(early.isOwnAck(ack('o123')), false)
  assert.equal(new EarlyRefusal(open, seededRandom(2)).isOwnAck(ack(toTag)), false)
})
