// The ring: what is in it is found whole and in order, what was overwritten is gone and never mixed up, memory never grows.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bound } from '../base/limits.ts'
import { seededRandom } from '../base/random.ts'
import type { Flow, ListenerInfo } from '../sip/flow.ts'
import type { SipMessage } from '../sip/message.ts'
import { parseDatagram } from '../sip/parse.ts'
import { FakeClock } from '../../test/kit/fake-clock.ts'
import { callIdEnd, callIdStart, hashBytes, hashText } from './call-id.ts'
import { MessageRing } from './message-ring.ts'

const listener = (id: number, protocol: 'udp' | 'tcp'): ListenerInfo => ({
  id,
  protocol,
  name: protocol,
  family: 4,
  address: '10.0.0.1',
  port: 5060 + id,
  sentByHost: '10.0.0.1',
  sentByPort: 5060,
})
const listeners = [listener(0, 'udp'), listener(7, 'tcp')]
const flowFrom = (address: string, id = 0): Flow => ({
  listener: listeners[id] as ListenerInfo,
  address,
  port: 5099,
  connection: 0,
})
const textOf = (callId: string, more = ''): string =>
  [
    'INVITE sip:1@10.0.0.1 SIP/2.0',
    'Via: SIP/2.0/UDP 10.1.0.1;branch=z9hG4bK1',
    'From: <sip:a@b>;tag=1',
    'To: <sip:c@d>',
    `Call-ID: ${callId}`,
    'CSeq: 1 INVITE',
    'Max-Forwards: 70',
    'Contact: <sip:a@b>',
    `Content-Length: ${more.length}`,
    '',
    more,
  ].join('\r\n')

function parsed(text: string): SipMessage {
  const message = parseDatagram(Buffer.from(text, 'latin1'))
  if (message.kind === 'fault') throw new Error(message.detail)
  return message
}

test('both directions of one Call-ID come back whole, in order, with times and addresses; others do not', () => {
  const clock = new FakeClock()
  const ring = new MessageRing(65_536, clock)
  const first = textOf('one@10.1.0.1', 'äöü')
  ring.addReceived(parsed(first), flowFrom('2001:db8::1', 1))
  ring.addReceived(parsed(textOf('two@10.1.0.1')), flowFrom('10.1.0.2'))
  clock.advance(12.5)
  ring.addSent(Buffer.from(first), flowFrom('10.1.0.1'), 5_070)
  const [received, sent, ...rest] = ring.find('one@10.1.0.1', listeners)
  assert.deepEqual(rest, [])
  assert.equal(received?.text, first)
  assert.deepEqual([received.direction, received.protocol, received.callId], ['in', 'tcp', 'one@10.1.0.1'])
  assert.deepEqual(received.remote, { address: '2001:db8::1', port: 5_099 })
  assert.deepEqual(received.local, { address: '10.0.0.1', port: 5_067 })
  assert.deepEqual([sent?.direction, sent?.protocol, sent?.remote.port], ['out', 'udp', 5_070])
  assert.equal((sent?.monotonicMs ?? 0) - received.monotonicMs, 12.5)
  assert.equal((sent?.at ?? 0) - received.at, 12.5)
  assert.equal(Math.abs(received.at - (clock.wallMs() - 12.5)) < 1, true)
  assert.deepEqual(ring.find('one@10.1.0.', listeners), [])
})

test('RFC3261-7.3.3: the Call-ID is found in any case, in compact form, with blanks, and not in a body', () => {
  const of = (head: string): string | undefined => {
    const bytes = Buffer.from(`SIP/2.0 200 OK\r\n${head}\r\n\r\nCall-ID: body\r\n`)
    const start = callIdStart(bytes)
    return start < 0 ? undefined : bytes.toString('latin1', start, callIdEnd(bytes, start))
  }
  for (const field of ['Call-ID: x@y', 'call-id:x@y', 'CALL-ID \t: x@y  ', 'i: x@y', 'I :\tx@y'])
    assert.equal(of(`Via: a\r\nCall-Info: z\r\nInfo: q\r\n${field}\r\nTo: b`), 'x@y', field)
  const without = Buffer.from('BYE sip:1@2 SIP/2.0\r\nTo: b\r\n\r\ni: body\r\n')
  assert.equal(callIdStart(without), -1)
  const ring = new MessageRing(4_096, new FakeClock())
  ring.addSent(without, flowFrom('10.1.0.1'), 1)
  assert.equal(ring.bytesUsed, 0, 'what cannot be found is not kept')
})

test('random traffic against a plain list: what is found is exact, what is gone is the oldest', () => {
  const random = seededRandom(2_026)
  const size = 16_384
  const ring = new MessageRing(size, new FakeClock())
  const reference: { callId: string; text: string }[] = []
  let found = 0
  for (let i = 0; i < 3_000; i++) {
    const callId = `c${random.uint32() % 40}`
    const text = textOf(callId, `${i}${'x'.repeat(random.uint32() % 1_500)}`)
    reference.push({ callId, text })
    if (random.uint32() % 2 === 0) ring.addReceived(parsed(text), flowFrom('10.1.0.1'))
    else ring.addSent(Buffer.from(text), flowFrom('10.1.0.1'), 5_060)
    assert.ok(ring.bytesUsed <= size)
    const asked = `c${random.uint32() % 40}`
    const got = ring.find(asked, listeners).map((message) => message.text)
    const all = reference.filter((one) => one.callId === asked).map((one) => one.text)
    assert.deepEqual(got, all.slice(all.length - got.length))
    found += got.length
    const newest = ring.find(callId, listeners).at(-1)
    assert.equal(newest?.text, text, 'the newest is always there')
  }
  assert.ok(found > 500, String(found))
  const kept = ring.since(0, 10_000, listeners)
  assert.equal(kept.messages.length + kept.lost, 3_000)
  assert.deepEqual(
    kept.messages.map((message) => message.text),
    reference.slice(-kept.messages.length).map((one) => one.text),
  )
  const bytes = kept.messages.reduce((sum, message) => sum + message.text.length, 0)
  assert.ok(bytes > size / 2, `a full ring is well used: ${bytes} of ${size}`)
})

test('many short messages: the numbers run out before the bytes, and nothing older than them is found', () => {
  const ring = new MessageRing(4_096, new FakeClock())
  const short = Buffer.from('A b c\r\nCall-ID: s\r\n\r\n')
  for (let i = 0; i < 100; i++) ring.addSent(short, flowFrom('1.2.3.4'), i)
  assert.deepEqual(
    ring.find('s', listeners).map((message) => message.remote.port),
    [92, 93, 94, 95, 96, 97, 98, 99],
  )
})

test('of very many messages with one Call-ID the newest are found', () => {
  const ring = new MessageRing(1_048_576, new FakeClock())
  const most = bound('traceMessagesMax')
  for (let i = 0; i < most + 3; i++) ring.addSent(Buffer.from(textOf('s')), flowFrom('1.2.3.4'), i)
  const ports = ring.find('s', listeners).map((message) => message.remote.port)
  assert.deepEqual([ports.length, ports[0], ports.at(-1)], [most, 3, most + 2])
})

test('a note is found by each of its keys until it is overwritten; a message larger than the ring is left out', () => {
  const ring = new MessageRing(4_096, new FakeClock())
  ring.addNote(['id', 'call@a'], '{"n":"ü"}')
  assert.deepEqual([ring.notes('id'), ring.notes('call@a'), ring.notes('other')], [['{"n":"ü"}'], ['{"n":"ü"}'], []])
  assert.deepEqual(ring.find('call@a', listeners), [])
  ring.addSent(Buffer.from(textOf('big', 'x'.repeat(5_000))), flowFrom('10.1.0.1'), 1)
  assert.deepEqual(ring.find('big', listeners), [])
  for (let i = 0; i < 20; i++) ring.addSent(Buffer.from(textOf('n')), flowFrom('10.1.0.1'), 1)
  assert.deepEqual(ring.notes('id'), [])
})

test('Call-IDs with the same hash are told apart', () => {
  // Two texts whose FNV-1a values of 32 bits are alike.
  const [left, right] = ['costarring', 'liquid']
  const bytes = Buffer.from(left)
  assert.equal(hashBytes(bytes, 0, bytes.length), hashText(left))
  assert.equal(hashText(left), hashText(right))
  const ring = new MessageRing(4_096, new FakeClock())
  for (const callId of [left, right, left]) ring.addReceived(parsed(textOf(callId)), flowFrom('10.1.0.1'))
  assert.equal(ring.find(left, listeners).length, 2)
  assert.equal(ring.find(right, listeners).length, 1)
})
