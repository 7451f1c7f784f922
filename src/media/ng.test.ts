import assert from 'node:assert/strict'
import test from 'node:test'
import { decodeBencode } from './bencode.ts'
import { decodeReply, encodeQuestion } from './ng.ts'

const dictionaryOf = (bytes: Buffer): unknown => decodeBencode(bytes.toString('latin1').replace(/^\S+ /, ''))

test('an offer names the call, its maker, what the other side talks, and hides addresses', () => {
  const bytes = encodeQuestion('c1', {
    command: 'offer',
    callId: 'call',
    fromTag: 'a',
    sdp: Buffer.from('v=0\r\n'),
    protocol: 'RTP/SAVP',
  })
  assert.match(bytes.toString(), /^c1 d/)
  const { SDES: suites, ...rest } = dictionaryOf(bytes) as { readonly SDES: readonly string[] }
  assert.ok(suites.includes('no-NULL_HMAC_SHA1_80') && suites.includes('no-NULL_HMAC_SHA1_32'))
  assert.deepEqual(rest, {
    command: 'offer',
    'call-id': 'call',
    'from-tag': 'a',
    sdp: 'v=0\r\n',
    replace: ['origin', 'session-connection'],
    ICE: 'remove',
    DTLS: 'off',
    'rtcp-mux': ['demux'],
    'transport-protocol': 'RTP/SAVP',
  })
})

test('an answer names both sides; a delete takes effect at once', () => {
  const names = { callId: 'call', fromTag: 'a' }
  const answer = dictionaryOf(encodeQuestion('c', { ...names, command: 'answer', toTag: 'b', sdp: Buffer.from('x') }))
  assert.equal((answer as { 'to-tag': string })['to-tag'], 'b')
  assert.deepEqual(dictionaryOf(encodeQuestion('c', { ...names, command: 'delete' })), {
    command: 'delete',
    'call-id': 'call',
    'from-tag': 'a',
    'delete-delay': 0,
  })
})

test('replies: ok with a description, an error with its reason, and nothing of what is no reply', () => {
  assert.deepEqual(decodeReply(Buffer.from('c d6:result2:ok3:sdp3:abce')), {
    cookie: 'c',
    reply: { sdp: Buffer.from('abc') },
  })
  assert.deepEqual(decodeReply(Buffer.from('c d12:error-reason3:bad6:result5:errore')), {
    cookie: 'c',
    reply: { status: 488, detail: 'the media relay says: bad' },
  })
  for (const text of ['', 'c', ' d6:result2:oke', 'c le', 'c i1e', 'c d6:result2:ok'])
    assert.equal(decodeReply(Buffer.from(text)), undefined)
})
