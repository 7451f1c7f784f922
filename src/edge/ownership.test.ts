// Every message of a dialog finds the same thread, however its Call-ID is written.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomBelow, randomToken, seededRandom } from '../base/random.ts'
import { newCallId } from '../call/compose.ts'
import { parseDatagram } from '../sip/parse.ts'
import { threadOf, threadOfCallId } from './ownership.ts'

const random = seededRandom(7)
const pick = <Value>(values: readonly Value[]): Value => values[randomBelow(random, values.length)] as Value
const wordCharacters = 'abcXYZ019-.!%*_+`\'~()<>:\\"/[]?{}'

function randomCallId(): string {
  const word = (): string =>
    Array.from({ length: 1 + randomBelow(random, 20) }, () =>
      wordCharacters.charAt(randomBelow(random, wordCharacters.length)),
    ).join('')
  return randomBelow(random, 2) === 0 ? word() : `${word()}@${word()}`
}

/** Fields that look like a Call-ID and are none. */
const others = [
  'Call-Info: <http://x>',
  'Identity: x',
  'Callid: 9',
  'i2: 9',
  'X-Call-ID: 9',
  'Subject: a\r\n Call-ID: 9',
]

function messageWith(callId: string, method: string): string {
  const name = pick(['Call-ID', 'call-id', 'CALL-ID', 'i', 'I', 'Call-ID \t', 'i '])
  const value = pick(['', ' ', '\t ', '\r\n ']) + callId + pick(['', ' ', '\t'])
  const before = Array.from({ length: randomBelow(random, 4) }, () => pick(others))
  const startLine = pick([`${method} sip:a@b SIP/2.0`, 'SIP/2.0 200 OK'])
  const lines = [startLine, 'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1', ...before, `${name}:${value}`, ...before]
  const rest = ['From: <sip:a@b>;tag=1', 'To: <sip:c@d>', `CSeq: 1 ${method}`, 'Max-Forwards: 70', '', 'Call-ID: body']
  return `${pick(['', '\r\n'])}${[...lines, ...rest].join('\r\n')}`
}

test('the thread of a message is that of the Call-ID the parser reads, whatever its spelling, order and neighbours', () => {
  let parsed = 0
  for (let i = 0; i < 5_000; i++) {
    const callId = randomCallId()
    const bytes = Buffer.from(messageWith(callId, pick(['INVITE', 'BYE', 'CANCEL', 'ACK', 'REFER'])), 'latin1')
    const threads = 1 + randomBelow(random, 16)
    assert.equal(threadOf(bytes, threads), threadOfCallId(callId, threads), bytes.toString('latin1'))
    const message = parseDatagram(bytes)
    if (message.kind === 'fault') continue
    parsed += 1
    assert.equal(message.callId, callId)
  }
  assert.ok(parsed > 4_000, `${parsed} were well-formed`)
})

test('REGISTER and what has no Call-ID are for the first thread', () => {
  for (const text of [
    messageWith('x', 'REGISTER').replace('SIP/2.0 200 OK', 'REGISTER sip:a SIP/2.0'),
    'OPTIONS sip:a SIP/2.0\r\nVia: x\r\n\r\nCall-ID: body\r\n',
    'OPTIONS sip:a SIP/2.0\r\nCall-ID',
    '\r\n\r\n',
    '',
  ])
    for (let threads = 1; threads < 9; threads++) assert.equal(threadOf(Buffer.from(text), threads), 0, text)
})

test('Call-IDs spread evenly, and those of our own legs lead home', () => {
  for (const threads of [2, 3, 4, 8]) {
    const counts = new Int32Array(threads)
    const total = 8_000
    for (let i = 0; i < total; i++) {
      const thread = threadOfCallId(`${randomToken(random, 12)}@192.0.2.${i % 250}`, threads)
      counts[thread] = (counts[thread] as number) + 1
      const home = i % threads
      const own = newCallId(random, (callId) => threadOfCallId(callId, threads) === home)
      assert.equal(threadOf(Buffer.from(`SIP/2.0 200 OK\r\nCall-ID: ${own}\r\n\r\n`), threads), home)
    }
    const share = total / threads
    for (const count of counts) assert.ok(Math.abs(count - share) < 5 * Math.sqrt(share), `${count} of ${total}`)
  }
})
