// Where there are several signalling threads, each message of the archive finds the one of its Call-ID.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { threadOf, threadOfCallId } from '../../src/edge/ownership.ts'
import { parseDatagram } from '../../src/sip/parse.ts'
import { tortureTable } from './table.ts'

test('a message that parses goes to the thread of its Call-ID', () => {
  let seen = 0
  for (const { name, bytes } of tortureTable) {
    const message = parseDatagram(bytes)
    if (message.kind === 'fault' || message.method === 'REGISTER') continue
    seen += 1
    assert.equal(threadOf(bytes, 13), threadOfCallId(message.callId, 13), name)
  }
  assert.ok(seen > 10, `${seen} messages`)
})
