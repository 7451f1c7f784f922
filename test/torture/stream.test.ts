// The stream framer and the parser against each other, with the messages of RFC 4475.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDatagram } from '../../src/sip/parse.ts'
import { StreamFramer } from '../../src/sip/stream-framer.ts'
import { tortureTable } from './table.ts'

/** Every message the framer gives for these segments. */
function drain(...segments: Buffer[]): Buffer[] {
  const framer = new StreamFramer()
  const found: Buffer[] = []
  for (const segment of segments) {
    framer.push(segment)
    for (let next = framer.next(); next !== undefined; next = framer.next()) {
      assert(Buffer.isBuffer(next), 'the stream was given up')
      found.push(next)
    }
  }
  return found
}

const framable = tortureTable.filter((row) => row.stream === 'one')

test('RFC3261-7.5: each message, split in two at every byte, is the message that the parser reads', () => {
  let splits = 0
  for (const row of framable) {
    const parsed = parseDatagram(row.bytes)
    if (parsed.kind !== 'fault') assert.equal(parsed.bytes.length, row.bytes.length)
    for (let at = 1; at < row.bytes.length; at++) {
      const found = drain(row.bytes.subarray(0, at), row.bytes.subarray(at))
      assert.equal(found.length, 1, `${row.name} ${at}`)
      assert(found[0]?.equals(row.bytes), `${row.name} ${at}`)
      splits += 1
    }
  }
  console.log(`${splits} splits of ${framable.length} messages`)
})

test('RFC3261-18.3: all messages in one stream: byte by byte, in odd pieces, in one piece', () => {
  const expected = framable.map((row) => row.bytes)
  const stream = Buffer.concat(expected)
  for (const size of [1, 7, 1448, stream.length]) {
    const segments: Buffer[] = []
    for (let at = 0; at < stream.length; at += size) segments.push(stream.subarray(at, at + size))
    assert.deepEqual(drain(...segments), expected)
  }
})

test('RFC4475-3.1.1.8: on a stream the bytes behind a message are the next one', () => {
  const row = tortureTable.find((one) => one.name === 'dblreq')
  assert(row !== undefined)
  for (let at = 1; at < row.bytes.length; at++) {
    const framer = new StreamFramer()
    framer.push(row.bytes.subarray(0, at))
    const early = framer.next()
    framer.push(row.bytes.subarray(at))
    const first = early ?? framer.next()
    // Where all came at once, the second was not asked for yet.
    const second = framer.next()
    assert(Buffer.isBuffer(first) && Buffer.isBuffer(second), String(at))
    assert.equal(first.toString('latin1', 0, 8), 'REGISTER')
    assert.equal(second.toString('latin1', 0, 6), 'INVITE')
    assert.equal(parseDatagram(second).kind, 'request')
  }
})
