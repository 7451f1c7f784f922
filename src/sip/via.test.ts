import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseVia, responsePort, unreadableVia } from './via.ts'

test('RFC3261-20.42: transport, sent-by and parameters', () => {
  const via = parseVia('SIP / 2.0 / udp [2001:db8::9:1] : 5061 ; rport ; Branch = z9hG4bK-1 ;received=10.0.0.1;maddr=h')
  assert.equal(via?.transport, 'UDP')
  assert.equal(via?.host, '[2001:db8::9:1]')
  assert.equal(via?.port, 5061)
  assert.equal(via?.branch, 'z9hG4bK-1')
  assert.equal(via?.rport, '')
  assert.equal(via?.received, '10.0.0.1')
  assert.equal(via?.maddr, 'h')
  assert.equal(parseVia('SIP/2.0/UDP h')?.branch, undefined)
  assert.equal(parseVia('SIP/2.0/UDP h;branch=')?.branch, undefined)
  assert.equal(parseVia('SIP/2.0/UDP h;rport=5062')?.rport, '5062')
})

test('RFC3261-20.42: malformed values', () => {
  const values = ['', 'SIP', 'SIP/2.0', 'SIP/2.0/UDP', 'SIP/2.0/UDP ', 'SIP/2.0 UDP h', 'SIP/2.0/UDPh', 'SIP//UDP h']
  const sentBy = [
    'SIP/2.0/UDP h:',
    'SIP/2.0/UDP h:0',
    'SIP/2.0/UDP h:65536',
    'SIP/2.0/UDP :5060',
    'SIP/2.0/UDP [::1',
    'SIP/2.0/UDP h h',
  ]
  for (const value of [
    ...values,
    ...sentBy,
    'SIP/2.0/UDP h;',
    'SIP/2.0/UDP h;;x',
    'SIP/2.0/UDP h;x="',
    'SIP/2.0/UDP h,',
  ])
    assert.equal(parseVia(value), undefined, value)
})

test('RFC3581-4: with rport the answer goes to the source port', () => {
  assert.equal(responsePort(parseVia('SIP/2.0/UDP h:5070;rport') ?? unreadableVia, 4000), 4000)
})

test('RFC3261-18.2.2: without rport the answer goes to the port of sent-by, or the default one', () => {
  assert.equal(responsePort(parseVia('SIP/2.0/UDP h:5070') ?? unreadableVia, 4000), 5070)
  assert.equal(responsePort(parseVia('SIP/2.0/UDP h') ?? unreadableVia, 4000), 5060)
  assert.equal(responsePort(parseVia('SIP/2.0/TLS h') ?? unreadableVia, 4000), 5060)
  assert.equal(responsePort(parseVia('SIP/2.0/TLS h') ?? unreadableVia, 4000, 5061), 5061)
  assert.equal(responsePort(unreadableVia, 4000), 4000)
})
