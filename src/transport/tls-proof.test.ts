// What certificates prove on a real connection: those of gateways that we call, and those of callers.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Authority, selfSigned } from '../../test/kit/certificates.ts'
import type { CertificateFiles } from '../../test/kit/certificates.ts'
import { inOrder, until } from '../../test/kit/inbox.ts'
import { connectTls, openTlsPeer, tlsFilesOf } from '../../test/kit/tls-peer.ts'
import { address, authority, ca, expecting, message, open, targetOf } from '../../test/kit/tls-rig.ts'
import type { TlsPeer } from '../sip/flow.ts'

const untrusted = new Authority('Somebody Else')
const pinned = selfSigned('pinned', null)

const proofs: readonly {
  readonly what: string
  readonly shown: CertificateFiles
  readonly expected: TlsPeer
  readonly fault: RegExp | undefined
}[] = [
  {
    what: 'a wrong name',
    shown: authority.issue('DNS:other.example.net'),
    expected: expecting('sip.example.net'),
    fault: /^certificate is not valid for sip\.example\.net \(it names other\.example\.net\)$/,
  },
  {
    what: 'the name as common name only',
    shown: authority.issue(null, { commonName: 'sip.example.net' }),
    expected: expecting('sip.example.net'),
    fault: /^certificate is not valid for sip\.example\.net \(it names nothing\)$/,
  },
  {
    what: 'an expired certificate',
    shown: authority.issue('DNS:sip.example.net', { days: -1 }),
    expected: expecting('sip.example.net'),
    fault: /^certificate has expired$/,
  },
  {
    what: 'a self-signed certificate',
    shown: selfSigned('sip.example.net', 'DNS:sip.example.net'),
    expected: expecting('sip.example.net'),
    fault: /^certificate is self-signed/,
  },
  {
    what: 'a certificate of another authority',
    shown: untrusted.issue('DNS:sip.example.net'),
    expected: expecting('sip.example.net'),
    fault: /^certificate is signed by an authority that is not trusted$/,
  },
  {
    what: 'a certificate of the authority given for this gateway',
    shown: untrusted.issue('DNS:sip.example.net'),
    expected: expecting('sip.example.net', { ca: untrusted.pem }),
    fault: undefined,
  },
  {
    what: 'a wildcard',
    shown: authority.issue('DNS:*.example.net'),
    expected: expecting('sip.example.net'),
    fault: /not valid for sip\.example\.net \(it names \*\.example\.net\)/,
  },
  {
    what: 'a wildcard, where wildcards are taken',
    shown: authority.issue('DNS:*.example.net'),
    expected: expecting('sip.example.net', { verify: 'wildcard' }),
    fault: undefined,
  },
  {
    what: 'an address that was asked for',
    shown: authority.issue('IP:127.0.0.1'),
    expected: expecting(null),
    fault: undefined,
  },
  {
    what: 'a name where the address was asked for',
    shown: authority.issue('DNS:sip.example.net'),
    expected: expecting(null),
    fault: /^certificate is not valid for 127\.0\.0\.1/,
  },
  {
    what: 'the pinned certificate',
    shown: pinned,
    expected: expecting('any.example', { verify: 'pin', ca: readFileSync(pinned.certFile, 'utf8') }),
    fault: undefined,
  },
  {
    what: 'another than the pinned certificate',
    shown: authority.issue('DNS:sip.example.net'),
    expected: expecting('sip.example.net', { verify: 'pin', ca: readFileSync(pinned.certFile, 'utf8') }),
    fault: /^certificate is not the pinned one/,
  },
]

for (const { what, shown, expected, fault } of proofs)
  test(`RFC5922-7: TLS: ${what} is ${fault === undefined ? 'accepted' : 'refused, and the gateway gets not one byte'}`, async (t) => {
    const { transport, receiver, listener } = await open(t)
    const peer = await openTlsPeer(t, address, shown)
    transport.send(Buffer.from('request'), targetOf(listener, peer.port, expected))
    if (fault === undefined) {
      const accepted = await peer.accepted.next()
      await until('the request arrives', () => accepted.text === 'request')
      receiver.errors.assertEmpty()
      return
    }
    const error = await receiver.errors.next()
    assert.match(error.detail, fault)
    assert.deepEqual([error.kind, error.protocol, error.tls?.identity], ['tls', 'tls', expected.identity])
    await until('the connection is gone', () => transport.connectionCount === 0)
    while (peer.accepted.count > 0) {
      const accepted = await peer.accepted.next()
      await accepted.closed()
      assert.equal(accepted.text, '')
    }
  })

test('RFC5922-7: the names that a caller proves by its certificate come with its messages; none, where it proves none', async (t) => {
  const { receiver, listener } = await open(t)
  const callers: readonly (readonly [CertificateFiles | undefined, readonly string[] | undefined])[] = [
    [undefined, undefined],
    [authority.issue('DNS:PBX.example,DNS:b.example,IP:127.0.0.1'), ['pbx.example', 'b.example']],
    [authority.issue('URI:sip:domain.example,DNS:host.example'), ['domain.example']],
    [authority.issue('IP:127.0.0.1', { commonName: 'pbx.example' }), undefined],
    [authority.issue('DNS:pbx.example', { days: -1 }), undefined],
    [untrusted.issue('DNS:pbx.example'), undefined],
    [selfSigned('pbx.example', 'DNS:pbx.example'), undefined],
  ]
  await inOrder(callers, async ([shown, wanted]) => {
    const certificate = shown === undefined ? {} : tlsFilesOf(shown)
    const { socket } = await connectTls(t, listener, { ca, servername: 'tollgate.example', ...certificate })
    socket.write(message('who am I'))
    assert.deepEqual((await receiver.messages.next()).flow.peerNames, wanted)
  })
})
