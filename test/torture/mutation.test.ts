// Damaged messages against the parser, the framer, the serializer and the response builder: nothing throws, nothing is
// slow, and what is built can be read.
import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import { test } from 'node:test'
import { seededRandom } from '../../src/base/random.ts'
import { headerIdCount } from '../../src/sip/header.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import { type ParseFault, type ParseFaultReason, parseDatagram, parseFramed } from '../../src/sip/parse.ts'
import { buildResponse } from '../../src/sip/respond.ts'
import { headerSet, messageWriter } from '../../src/sip/serialize.ts'
import { StreamFramer } from '../../src/sip/stream-framer.ts'
import { counts, seeds } from '../kit/counts.ts'
import { mutate } from './mutation.ts'
import { tortureTable } from './table.ts'

const inputMsMax = 20
const invite = Buffer.from(
  [
    'INVITE sip:+4930123456@192.0.2.10:5060;user=phone SIP/2.0',
    'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK-524287-1---7a8b9c;rport',
    'Max-Forwards: 70',
    'Contact: <sip:+4989654321@192.0.2.1:5060;transport=UDP>',
    'To: <sip:+4930123456@192.0.2.10>',
    'From: "Carrier" <sip:+4989654321@192.0.2.1>;tag=af12bc',
    'Call-ID: 87654321-abcdef@192.0.2.1',
    'CSeq: 1 INVITE',
    'Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK',
    'P-Asserted-Identity: <sip:+4989654321@192.0.2.1>',
    'Content-Type: application/sdp',
    'Content-Length: 5',
    '',
    'v=0\r\n',
  ].join('\r\n'),
)
const messages = [...tortureTable.map((row) => row.bytes), invite, invite, invite, invite, invite]

/** Reads everything that a room above may ask for. */
function readAll(message: SipMessage): void {
  for (let id = 0; id < headerIdCount; id++) message.values(id)
  void [message.contact, message.maxForwards, message.fromTag, message.toTag, message.cseq, message.topVia]
  assert(message.headEnd <= message.bytes.length)
}

const rewrite = (message: SipMessage): Buffer =>
  (message.kind === 'request'
    ? messageWriter().requestLine(message.method, message.requestUri)
    : messageWriter().statusLine(message.status, message.reasonPhrase)
  )
    .copyHeaders(message, headerSet())
    .finish(message.body)

/** Faults that the answer to a faulty request inherits from the fields it echoes. */
const inherited: ReadonlySet<ParseFaultReason> = new Set([
  'missing_header',
  'via',
  'from',
  'to',
  'call_id',
  'cseq',
  'too_many_vias',
  'too_many_headers',
])

function checkAnswer(request: SipMessage, faulty: boolean): void {
  const bytes = buildResponse(request, { status: 400, toTag: 'mine', received: { address: '192.0.2.99', port: 4000 } })
  const answer = parseFramed(bytes)
  if (answer.kind === 'fault') {
    assert(faulty && inherited.has(answer.reason), `${answer.reason}: ${bytes.toString('latin1')}`)
    return
  }
  assert.equal(answer.status, 400)
  assert.equal(answer.callId, request.callId)
  assert.deepEqual(answer.cseq, request.cseq)
  assert.equal(answer.topVia.branch, request.topVia.branch)
  assert.equal(answer.toTag, request.toTag ?? 'mine')
}

function checkAccepted(message: SipMessage): void {
  const written = rewrite(message)
  const again = parseFramed(written)
  assert(again.kind === message.kind, JSON.stringify(message.bytes.toString('latin1')))
  assert.deepEqual(rewrite(again), written)
  assert.equal(again.callId, message.callId)
  assert.deepEqual(again.topVia, message.topVia)
  assert(again.body.equals(message.body))
}

/** The framer finds the message that the parser finds. */
function checkFramer(bytes: Buffer, result: SipMessage | ParseFault): void {
  const framer = new StreamFramer()
  framer.push(bytes)
  const next = framer.next()
  if (result.kind !== 'fault' && Buffer.isBuffer(next)) assert(next.equals(result.bytes))
  if (result.kind !== 'fault' && next !== undefined && !Buffer.isBuffer(next))
    assert.equal(next.reason, 'content_length_missing')
}

function milliseconds(run: () => void): number {
  const start = performance.now()
  run()
  return performance.now() - start
}

test('damaged messages: no throw, none slow, every answer can be read', () => {
  const random = seededRandom(seeds.mutatedMessages)
  const seen = new Map<string, number>()
  let slowestMs = 0
  for (let i = 0; i < counts.mutatedMessages; i++) {
    const bytes = mutate(random, messages)
    let label = ''
    const run = (): void => {
      const result = parseDatagram(bytes)
      label = result.kind === 'fault' ? result.reason : 'accepted'
      const message = result.kind === 'fault' ? result.message : result
      if (message?.kind === 'request') checkAnswer(message, result.kind === 'fault')
      if (message !== undefined) readAll(message)
      if (result.kind !== 'fault') checkAccepted(result)
      checkFramer(bytes, result)
    }
    // Another process may take the processor away for a while: a slow one is measured again.
    let ms = milliseconds(run)
    for (let again = 0; again < 3 && ms > inputMsMax / 4; again++) ms = Math.min(ms, milliseconds(run))
    slowestMs = Math.max(slowestMs, ms)
    seen.set(label, (seen.get(label) ?? 0) + 1)
    assert(ms <= inputMsMax, `${ms} ms: ${bytes.toString('latin1')}`)
  }
  const line = [...seen].toSorted((a, b) => b[1] - a[1]).map(([label, count]) => `${label} ${count}`)
  console.log(
    `${counts.mutatedMessages} damaged messages, seed ${seeds.mutatedMessages}, slowest ${slowestMs.toFixed(1)} ms`,
  )
  console.log(line.join(', '))
  assert(seen.size > 15)
})

test('every byte value at every position of an ordinary INVITE is refused or kept', () => {
  const headEnd = invite.indexOf('\r\n\r\n')
  let accepted = 0
  for (let at = 0; at < headEnd; at++)
    for (let value = 0; value < 256; value++) {
      const bytes = Buffer.from(invite)
      bytes[at] = value
      const result = parseDatagram(bytes)
      if (result.kind === 'fault') continue
      accepted += 1
      assert(result.bytes.equals(bytes.subarray(0, result.bytes.length)))
      if (value > 0x7f) checkAnswer(result, false)
    }
  console.log(`${headEnd * 256} byte values, ${accepted} accepted`)
  assert(accepted > headEnd)
})

test('64 KiB of one thing, in any field, is no more work than its length', () => {
  const things = [
    ' ',
    '\t',
    '\r\n ',
    'a\r\n ',
    ',',
    ';',
    ';a=b',
    '"',
    '\\',
    '\\"',
    '<',
    '>',
    '<sip:a@b>,',
    '%',
    '%41',
    '(',
    ':',
    '@',
    '=',
    '0',
    '/',
  ]
  const fields = [
    'Via: SIP/2.0/UDP a;x="',
    'v: ',
    'From: ',
    't: "',
    'm: ',
    'Route: <',
    'CSeq: 1',
    'i: ',
    'l: ',
    'Max-Forwards: ',
    'X-A: ',
  ]
  let slowestMs = 0
  for (const field of fields)
    for (const thing of things)
      for (const end of ['', 'b', 'b\r\n c']) {
        const long = `${field}${thing.repeat(Math.floor(60_000 / thing.length))}${end}`
        const bytes = Buffer.from(invite.toString('latin1').replace('To:', `${long}\r\nTo:`), 'latin1')
        const run = (): void => {
          const result = parseDatagram(bytes)
          const message = result.kind === 'fault' ? result.message : result
          if (message !== undefined) readAll(message)
          if (message !== undefined) checkAnswer(message, result.kind === 'fault')
        }
        let ms = milliseconds(run)
        for (let again = 0; again < 5 && ms > inputMsMax / 4; again++) ms = Math.min(ms, milliseconds(run))
        slowestMs = Math.max(slowestMs, ms)
        assert(ms <= inputMsMax, `${ms} ms: ${field}${JSON.stringify(thing)} ... ${end}`)
      }
  console.log(`${fields.length * things.length * 3} messages of 64 KiB, slowest ${slowestMs.toFixed(1)} ms`)
})
