// Where overflow may be sent to: hosts and SIP URIs, nothing that could end a header field or name another scheme.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { overflowPeer } from './parts.ts'

test('an overflow peer is a host or a SIP URI, with port, user and parameters if wanted', () => {
  for (const peer of [
    'sip:192.0.2.9',
    '192.0.2.9:5070',
    'spare.example',
    'sips:[2001:db8::1]:5061',
    'sip:spare@host.example:5060;transport=tcp',
  ])
    assert.equal(overflowPeer.parse(peer), peer)
  assert.deepEqual([overflowPeer.parse(null), overflowPeer.parse(undefined)], [null, null])
  for (const peer of ['', 'http://x', 'sip:', 'sip:a b', 'sip:x>\r\nEvil: 1', 'tel:+44', 'sip:x?Route=y', '<sip:x>'])
    assert.equal(overflowPeer.safeParse(peer).success, false, peer)
})
