import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bound } from '../base/limits.ts'
import { StreamFramer } from './stream-framer.ts'

const head = [
  'OPTIONS sip:b@h SIP/2.0',
  'Via: SIP/2.0/TCP h;branch=z9hG4bK-1',
  'From: <sip:a@h>;tag=1',
  'To: <sip:b@h>',
  'CSeq: 1 OPTIONS',
]

const write = (callId: string, lines: readonly string[], body = ''): Buffer =>
  Buffer.from([...head, `Call-ID: ${callId}`, ...lines, '', body].join('\r\n'), 'latin1')

/** Everything the framer gives for these segments; 'fault: reason' ends it. */
function drain(...segments: Buffer[]): (Buffer | string)[] {
  const framer = new StreamFramer()
  const found: (Buffer | string)[] = []
  for (const segment of segments) {
    framer.push(segment)
    for (let next = framer.next(); next !== undefined; next = framer.next()) {
      if (!Buffer.isBuffer(next)) return [...found, `fault: ${next.reason}`]
      found.push(next)
    }
  }
  return found
}

const several = [
  write('a', ['l: 0']),
  write('b', ['Subject:', '\tfolded', 'Content-Length:', ' 8'], 'a\nb\r\n\r\nc'),
  write('c', ['content-length  :  0007  ', 'l: 7'], 'INVITE '),
]

test('RFC3261-7.5: messages split in two at every byte come whole, alone and one behind the other', () => {
  for (const bytes of [...several, Buffer.concat(several)]) {
    const whole = drain(bytes)
    assert.equal(whole.length, bytes.length > 400 ? 3 : 1)
    for (let at = 1; at < bytes.length; at++)
      assert.deepEqual(drain(bytes.subarray(0, at), bytes.subarray(at)), whole, String(at))
  }
  assert.deepEqual(drain(Buffer.concat(several)), several)
})

test('messages are memory of their own', () => {
  const bytes = write('a', ['l: 3'], 'abc')
  const framer = new StreamFramer()
  framer.push(bytes)
  const first = framer.next()
  framer.push(write('b', ['l: 3'], 'xyz'))
  framer.next()
  assert.deepEqual(first, bytes)
  assert.equal(framer.pendingBytes, 0)
})

test('RFC5626-3.5.1: keep-alives between messages are counted in pairs of CRLF, over any segments', () => {
  const framer = new StreamFramer()
  for (const piece of ['\r', '\n\r', '\n']) framer.push(Buffer.from(piece))
  assert.equal(framer.next(), undefined)
  assert.equal(framer.takePings(), 1)
  assert.equal(framer.takePings(), 0)
  framer.push(Buffer.concat([Buffer.from('\r\n'), write('a', ['l: 0']), Buffer.from('\r\n\r\n\r\n\r\n')]))
  assert(Buffer.isBuffer(framer.next()))
  assert.equal(framer.next(), undefined)
  assert.equal(framer.takePings(), 2)
  assert.equal(framer.pendingBytes, 0)
})

test('RFC5626-3.5.1: single empty lines before messages are no keep-alives', () => {
  const framer = new StreamFramer()
  const one = Buffer.concat([Buffer.from('\r\n'), write('a', ['l: 0'])])
  framer.push(Buffer.concat([one, one, one]))
  for (let i = 0; i < 3; i++) assert(Buffer.isBuffer(framer.next()))
  assert.equal(framer.takePings(), 0)
})

test('RFC3261-20.14: a length that is not one whole number ends the stream; nothing behind it is a message', () => {
  const hidden = write('hidden', ['l: 0'])
  const wrong = ['-1', '+5', '1e3', '0x20', '5,5', '5 5', '', 'five']
  for (const value of wrong)
    assert.deepEqual(
      drain(Buffer.concat([write('a', [`Content-Length: ${value}`]), hidden])),
      ['fault: content_length'],
      value,
    )
  for (const value of ['2147483648', '4294967328', '9007199254740994', `1${'0'.repeat(30)}`])
    assert.deepEqual(drain(Buffer.concat([write('a', [`l: ${value}`]), hidden])), ['fault: too_large'], value)
  assert.deepEqual(drain(Buffer.concat([write('a', ['l: 0', 'Content-Length: 4']), hidden])), ['fault: content_length'])
  assert.deepEqual(drain(Buffer.concat([write('a', []), hidden])), ['fault: content_length_missing'])
})

test('RFC3261-7.3.1: a bare LF or CR in the head ends the stream at once', () => {
  for (const end of ['\n', '\r', '\n\n', '\r\r\n']) {
    const text = `OPTIONS sip:b@h SIP/2.0\r\nX-Pad: a${end}Content-Length: 4`
    assert.deepEqual(drain(Buffer.from(text)), ['fault: bare_line_end'], JSON.stringify(end))
  }
  assert.deepEqual(drain(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00])), ['fault: control_character'])
})

test('after a fault the stream stays dead', () => {
  const framer = new StreamFramer()
  framer.push(Buffer.from('no colon\r\nat all\r\n'))
  const fault = framer.next()
  framer.push(write('a', ['l: 0']))
  assert.equal(framer.next(), fault)
})

test('bounds: a message without end and a body above the bound', () => {
  const max = bound('messageBytesMax')
  const framer = new StreamFramer()
  framer.push(Buffer.from('OPTIONS sip:b@h SIP/2.0\r\nX: '))
  let next = framer.next()
  for (let sent = 0; next === undefined && sent < 2 * max; sent += 1000) {
    framer.push(Buffer.alloc(1000, 0x61))
    next = framer.next()
  }
  assert(next !== undefined && !Buffer.isBuffer(next))
  assert.deepEqual([next.reason, next.status], ['too_large', 413])
  const bytes = write('a', [`l: ${max}`])
  assert.deepEqual(drain(bytes), ['fault: too_large'])
  const fits = max - bytes.length
  assert.equal(drain(write('a', [`l: ${fits}`], 'x'.repeat(fits))).length, 1)
})

test('a fault of the stream carries what is needed for an answer, also behind other messages', () => {
  const framer = new StreamFramer()
  framer.push(Buffer.concat([write('a', ['l: 0']), write('b', ['l: -1'])]))
  assert(Buffer.isBuffer(framer.next()))
  const fault = framer.next()
  assert(fault !== undefined && !Buffer.isBuffer(fault))
  assert.equal(fault.message?.callId, 'b')
  assert.equal(fault.message?.topVia.branch, 'z9hG4bK-1')
})
