import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHash } from 'node:crypto'
import { findIdentityFault, pinsOf } from './tls-identity.ts'

type Row = readonly [
  subjectaltname: string | undefined,
  name: string | null,
  verify: 'strict' | 'wildcard',
  ok: boolean,
]

const raw = Buffer.from('certificate')
const address = '192.0.2.1'

const rows: readonly Row[] = [
  ['DNS:sip.example.net', 'sip.example.net', 'strict', true],
  ['DNS:SIP.Example.NET', 'sip.example.net', 'strict', true],
  ['DNS:a.example, DNS:sip.example.net', 'sip.example.net', 'strict', true],
  ['DNS:other.example.net', 'sip.example.net', 'strict', false],
  ['DNS:sip.example.net.evil.example', 'sip.example.net', 'strict', false],
  ['URI:sip:example.net', 'example.net', 'strict', true],
  ['URI:SIP:Example.net', 'example.net', 'strict', true],
  // Other schemes and URIs with a user name no domain (7.1).
  ['URI:sips:example.net', 'example.net', 'strict', false],
  ['URI:https://example.net', 'example.net', 'strict', false],
  ['URI:sip:bob@example.net', 'example.net', 'strict', false],
  ['URI:sip:bob@example.net, DNS:example.net', 'example.net', 'strict', true],
  // A DNS name counts only where no SIP URI stands (7.1).
  ['URI:sip:other.example, DNS:example.net', 'example.net', 'strict', false],
  // Wildcards (7.2): one label, only when asked for, never in SIP URIs, never over a whole top level.
  ['DNS:*.example.net', 'sip.example.net', 'strict', false],
  ['DNS:*.example.net', 'sip.example.net', 'wildcard', true],
  ['DNS:*.example.net', 'a.sip.example.net', 'wildcard', false],
  ['DNS:*.example.net', 'example.net', 'wildcard', false],
  ['DNS:s*.example.net', 'sip.example.net', 'wildcard', false],
  ['DNS:*.net', 'example.net', 'wildcard', false],
  ['URI:sip:*.example.net', 'sip.example.net', 'wildcard', false],
  // Without a name the address has to stand there; a DNS name that looks like one does not do.
  ['IP Address:192.0.2.1', null, 'strict', true],
  ['IP Address:192.0.2.2', null, 'strict', false],
  ['DNS:192.0.2.1', null, 'strict', false],
  ['IP Address:2001:DB8:0:0:0:0:0:1', '2001:db8::1', 'strict', true],
  // What a name holds cannot pass for another entry.
  ['DNS:"evil.example, DNS:sip.example.net"', 'sip.example.net', 'strict', false],
  ['othername:<unsupported>, DNS:sip.example.net', 'sip.example.net', 'strict', true],
  // Only a common name, which node does not even give us here (7.1).
  [undefined, 'sip.example.net', 'strict', false],
  ['', 'sip.example.net', 'wildcard', false],
]

for (const [subjectaltname, serverName, verify, ok] of rows)
  test(`RFC5922-7: ${subjectaltname ?? 'no SAN'} ${ok ? 'proves' : 'does not prove'} ${serverName ?? address} (${verify})`, () => {
    const fault = findIdentityFault({ raw, subjectaltname }, { verify, serverName, ca: null }, address)
    assert.equal(fault === undefined, ok, fault)
    if (fault !== undefined)
      assert.match(fault, new RegExp(`^certificate is not valid for ${serverName ?? address} \\(`))
  })

test('pin: exactly the certificate whose SHA-256 is given, in any spelling, whatever its names', () => {
  const digest = createHash('sha256').update(raw).digest('hex')
  const colons = (digest.match(/../g) ?? []).join(':').toUpperCase()
  for (const ca of [digest, colons, `sha256:${digest}`, ` SHA-256:${colons}\n`])
    assert.equal(findIdentityFault({ raw }, { verify: 'pin', serverName: 'x.example', ca }, address), undefined, ca)
  for (const ca of [null, '', 'no pin', digest.replace(/^../, digest.startsWith('00') ? '11' : '00')])
    assert.match(
      findIdentityFault({ raw }, { verify: 'pin', serverName: null, ca }, address) ?? '',
      /not the pinned one/,
    )
  assert.deepEqual(pinsOf('-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----'), [])
})
