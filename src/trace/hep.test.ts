// HEP3 packets against a decoder of the test's own, written from the specification.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeHep } from '../../test/kit/hep-decoder.ts'
import { sipText, traceMessage } from '../../test/kit/trace.ts'
import { encodeHep } from './hep.ts'

const text = sipText('INVITE sip:1@2 SIP/2.0', 'a', ['Subject: \u00e4'])
const source = { captureId: 2_001, correlationId: 'call-1' }

test('an IPv4 message that came in: every chunk of the specification, source is the peer', () => {
  const packet = encodeHep(traceMessage(text, { remote: '192.0.2.1', local: '198.51.100.7', afterMs: 1.25 }), source)
  assert.ok(packet !== undefined)
  assert.deepEqual(decodeHep(packet), {
    family: 2,
    protocol: 17,
    source: '192.0.2.1',
    destination: '198.51.100.7',
    sourcePort: 5062,
    destinationPort: 5060,
    seconds: Date.UTC(2026, 0, 31, 12) / 1_000,
    microseconds: 1_250,
    payloadType: 1,
    captureId: 2_001,
    payload: text,
    correlationId: 'call-1',
  })
})

test('an IPv6 message over TCP that went out: source is us', () => {
  const parts = { direction: 'out', protocol: 'tcp', remote: '2001:db8::2', local: '2001:db8::1' } as const
  const packet = encodeHep(traceMessage(text, parts), source)
  assert.ok(packet !== undefined)
  const { family, protocol, source: from, destination, sourcePort } = decodeHep(packet)
  assert.deepEqual(
    { family, protocol, from, destination, sourcePort },
    { family: 10, protocol: 6, from: '2001:db8:0:0:0:0:0:1', destination: '2001:db8:0:0:0:0:0:2', sourcePort: 5060 },
  )
})

test('what does not fit the 16 bits of the length is no packet', () => {
  assert.equal(encodeHep(traceMessage('x'.repeat(65_500)), source), undefined)
  assert.equal(encodeHep(traceMessage('x'.repeat(65_300)), source)?.length, 65_300 + 6 + 12 * 6 + 33)
})
