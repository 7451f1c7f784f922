import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sendFaultText } from './send-faults.ts'

const fault = (code: string): Error => Object.assign(new Error(`send ${code} 192.0.2.10:5060`), { code })
const outside = { address: '198.51.100.7', port: 5060 }

test('a listener on loopback is told as such whatever the system says; outside is where it cannot send', () => {
  const text =
    /^the listener 127\.0\.0\.1:5060 cannot send to 192\.0\.2\.10: it is bound to loopback, .*; let calls leave by a listener/
  for (const code of ['EINVAL', 'ENETUNREACH', 'EHOSTUNREACH', 'EACCES', 'EPERM'])
    assert.match(
      sendFaultText(fault(code), { address: '127.0.0.1', port: 5060 }, { address: '192.0.2.10' }),
      text,
      code,
    )
  const six = sendFaultText(fault('EINVAL'), { address: '::1', port: 5060 }, { address: '2001:db8::1' })
  assert.match(six, /^the listener \[::1\]:5060 cannot send to 2001:db8::1: it is bound to loopback/)
})

test('each code of the system has words that say what to do', () => {
  const words: Readonly<Record<string, RegExp>> = {
    EINVAL: /does not suit that network .*TOLLGATE_SIP_LISTEN/,
    EADDRNOTAVAIL: /does not have its address any more/,
    ENETUNREACH: /no route there .*routes of this machine/,
    EHOSTUNREACH: /not there, or a router/,
    EACCES: /forbids it .*broadcast/,
    EPERM: /a firewall of this machine/,
    EMSGSIZE: /too large .*largeToTcp/,
  }
  for (const [code, word] of Object.entries(words)) {
    const text = sendFaultText(fault(code), outside, { address: '192.0.2.10' })
    assert.match(text, word)
    assert.ok(text.startsWith('the listener 198.51.100.7:5060 cannot send to 192.0.2.10: '), text)
    assert.ok(!/loopback/.test(text))
  }
})

test('what has no words of its own stays as the system says it', () => {
  assert.equal(sendFaultText(fault('EWHATEVER'), outside, { address: '192.0.2.10' }), 'send EWHATEVER 192.0.2.10:5060')
})
