import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tlsPeerOf } from './tls-peer.ts'

type TlsSettings = Parameters<typeof tlsPeerOf>[0]['tls']

const endpoint = { transport: 'tls' as const, outboundProxy: [] }

test('the name of a gateway must be proved, unless serverName gives another one; addresses have none', () => {
  assert.equal(tlsPeerOf(endpoint, 'sip.example.net')?.serverName, 'sip.example.net')
  assert.equal(tlsPeerOf(endpoint, null)?.serverName, null)
  const named = { ...endpoint, tls: { verify: 'strict', serverName: 'Other.Example' } as const }
  assert.equal(tlsPeerOf(named, 'sip.example.net')?.serverName, 'other.example')
})

test('the identity is the same for the same proof, and another one for each difference', () => {
  const variants: readonly TlsSettings[] = [
    undefined,
    { verify: 'wildcard' },
    { verify: 'strict', serverName: 'a.example' },
    { verify: 'strict', ca: 'x' },
    { verify: 'strict', clientCert: '/a.pem' },
  ]
  const identityOf = (tls: TlsSettings): string | undefined =>
    tlsPeerOf({ transport: 'tls', outboundProxy: [], tls }, 'sip.example.net')?.identity
  assert.equal(new Set(variants.map(identityOf)).size, variants.length)
  assert.equal(identityOf({ verify: 'strict' }), identityOf(undefined))
})

test('an entry needs a proof when it, or an outbound proxy of it, is reached over TLS', () => {
  const proxied = (uri: string): boolean =>
    tlsPeerOf({ transport: 'udp', outboundProxy: [{ uri, weight: 1 }] }, null) !== null
  assert.equal(proxied('sip:192.0.2.9;transport=TLS'), true)
  assert.equal(proxied('sip:192.0.2.9;transport=tcp'), false)
  assert.equal(tlsPeerOf({ transport: 'udp', outboundProxy: [] }, 'a.example'), null)
})
