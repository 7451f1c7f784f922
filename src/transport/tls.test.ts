// TLS over real loopback sockets, with certificates made for the test: listeners, reuse, failures, reload.
import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { selfSigned } from '../../test/kit/certificates.ts'
import type { CertificateFiles } from '../../test/kit/certificates.ts'
import { inOrder, until } from '../../test/kit/inbox.ts'
import { connectTcp, openTcpPeer, startTcp } from '../../test/kit/sockets.ts'
import { connectTls, openTlsPeer, tlsFilesOf } from '../../test/kit/tls-peer.ts'
import { address, authority, ca, expecting, files, message, open, own, targetOf } from '../../test/kit/tls-rig.ts'
import { openTransport, specOf } from '../../test/kit/transport.ts'
import { Fault } from '../base/fault.ts'

test('RFC3261-18: TLS: requests come in, answers go back by the same connection, both encrypted', async (t) => {
  const { transport, receiver, listener } = await open(t)
  const { end, socket } = await connectTls(t, listener, { ca, servername: 'tollgate.example' })
  assert.equal(socket.getProtocol(), 'TLSv1.3')
  socket.write(message('one') + message('two'))
  const { text, flow } = await receiver.messages.next()
  assert.equal(text, message('one'))
  assert.deepEqual([flow.listener.protocol, flow.address, flow.port], ['tls', address, socket.localPort])
  assert.equal((await receiver.messages.next()).text, message('two'))
  transport.reply(Buffer.from('answer'), flow, 5061)
  await until('the answer arrives', () => end.text === 'answer')
  assert.equal(transport.connectionCount, 1)
})

test('RFC8996-5: TLS 1.2 is the oldest version that is spoken', async (t) => {
  const { listener } = await open(t)
  const { socket } = await connectTls(t, listener, { ca, maxVersion: 'TLSv1.2', servername: 'tollgate.example' })
  assert.equal(socket.getProtocol(), 'TLSv1.2')
  await assert.rejects(
    connectTls(t, listener, { ca, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    /protocol version|unsupported protocol|no protocols available/i,
  )
})

test('RFC5922-7: TLS: a request goes out to a gateway that proves its name, which is sent as SNI; others share the connection', async (t) => {
  const { transport, receiver, listener } = await open(t)
  const peer = await openTlsPeer(t, address, authority.issue('DNS:sip.example.net'))
  transport.send(Buffer.from('one '), targetOf(listener, peer.port, expecting('sip.example.net')))
  transport.send(Buffer.from('two'), targetOf(listener, peer.port, expecting('sip.example.net')))
  const accepted = await peer.accepted.next()
  await until('both arrive', () => accepted.text === 'one two')
  assert.deepEqual(peer.askedNames, ['sip.example.net'])
  accepted.socket.write(message('back'))
  assert.equal((await receiver.messages.next()).flow.port, peer.port)
  assert.equal(transport.connectionCount, 1)
  receiver.errors.assertEmpty()
})

const pinned = selfSigned('pinned', null)

test('two gateways at one address with different names have a connection each, and each must prove its own', async (t) => {
  const { transport, receiver, listener } = await open(t)
  const peer = await openTlsPeer(t, address, authority.issue('DNS:foo.example,DNS:baz.example'))
  transport.send(Buffer.from('to foo'), targetOf(listener, peer.port, expecting('foo.example')))
  const first = await peer.accepted.next()
  await until('foo has it', () => first.text === 'to foo')
  transport.send(Buffer.from('to bar'), targetOf(listener, peer.port, expecting('bar.example')))
  const error = await receiver.errors.next()
  assert.match(error.detail, /not valid for bar\.example/)
  assert.equal(error.tls?.identity, expecting('bar.example').identity)
  transport.send(Buffer.from('to baz'), targetOf(listener, peer.port, expecting('baz.example')))
  await until('baz has it', () => peer.ends.some((end) => end.text === 'to baz'))
  assert.equal(first.text, 'to foo')
  assert.equal(transport.connectionCount, 2)
  assert.deepEqual(
    peer.askedNames.filter((name) => name !== 'bar.example'),
    ['foo.example', 'baz.example'],
  )
  receiver.errors.assertEmpty()
})

test('TLS failures are told apart: refused, no TLS there, silence, an end in the middle, an old version', async (t) => {
  const { transport, receiver, listener } = await open(t, { connectMs: 300 })
  const say = async (port: number): Promise<readonly [string, string]> => {
    transport.send(Buffer.from('x'), targetOf(listener, port, expecting('sip.example.net')))
    const { kind, detail } = await receiver.errors.next()
    return [kind, detail]
  }
  const gone = await openTcpPeer(t, address)
  await gone.close()
  assert.equal((await say(gone.port))[0], 'refused')
  const plain = await openTcpPeer(t, address)
  const answering = plain.accepted.next().then(({ socket }) => socket.write('SIP/2.0 400 Bad Request\r\n\r\n'))
  assert.deepEqual(await say(plain.port), ['tls', 'the peer does not speak TLS'])
  await answering
  const silent = await openTcpPeer(t, address)
  assert.deepEqual(await say(silent.port), ['tls', 'no TLS handshake within 300 ms'])
  const ending = await openTcpPeer(t, address)
  const closing = ending.accepted.next().then(({ socket }) => socket.destroy())
  assert.deepEqual(await say(ending.port), ['tls', 'the peer ended the TLS handshake'])
  await closing
  const old = await openTlsPeer(t, address, authority.issue('DNS:sip.example.net'), {
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  })
  assert.deepEqual(await say(old.port), ['tls', 'no common TLS version (1.2 or newer is needed)'])
})

test('a gateway that asks for our certificate gets the one given for it, else that of the listeners', async (t) => {
  const { transport, listener } = await open(t)
  const client = authority.issue('DNS:client.example', { commonName: 'client.example' })
  const both = `${client.certFile}.both`
  writeFileSync(both, Buffer.concat([readFileSync(client.certFile), readFileSync(client.keyFile)]))
  const peer = await openTlsPeer(t, address, authority.issue('DNS:sip.example.net'), {
    ca,
    requestCert: true,
    rejectUnauthorized: true,
  })
  const namesShown: (string | undefined)[] = []
  await inOrder([both, null], async (clientCertificateFile) => {
    transport.send(
      Buffer.from('x'),
      targetOf(listener, peer.port, expecting('sip.example.net', { clientCertificateFile })),
    )
    const { socket } = await peer.accepted.next()
    assert.ok('getPeerCertificate' in socket && typeof socket.getPeerCertificate === 'function')
    namesShown.push(socket.getPeerCertificate().subjectaltname)
  })
  assert.deepEqual(namesShown, ['DNS:client.example', 'DNS:tollgate.example, IP Address:127.0.0.1'])
})

test('a client certificate that cannot be read, or is none, is told as a TLS failure of that gateway', async (t) => {
  const { transport, receiver, listener } = await open(t)
  await inOrder(['/nowhere/client.pem', authority.caFile], async (clientCertificateFile) => {
    transport.send(Buffer.from('x'), targetOf(listener, 5061, expecting('a.example', { clientCertificateFile })))
    const { kind, detail } = await receiver.errors.next()
    assert.equal(kind, 'tls')
    assert.match(detail, new RegExp(`^the client certificate ${clientCertificateFile} cannot be`))
  })
})

test('new files serve new connections and leave open ones alone; broken ones change nothing', async (t) => {
  const first = authority.issue('DNS:tollgate.example', { commonName: 'first' })
  const second = authority.issue('DNS:tollgate.example', { commonName: 'second' })
  const certFile = `${first.certFile}.live`
  const keyFile = `${first.keyFile}.live`
  const install = (from: CertificateFiles): void => {
    copyFileSync(from.certFile, certFile)
    copyFileSync(from.keyFile, keyFile)
  }
  install(first)
  const logged: string[] = []
  const log = {
    debug: () => undefined,
    info: (event: string) => logged.push(event),
    warn: (event: string) => logged.push(event),
    error: (event: string) => logged.push(event),
  }
  const tls = { certFile, keyFile, caFile: null }
  const { transport, receiver } = await openTransport(t, [specOf('tls', address)], { tls, log })
  const [listener] = transport.listeners
  assert.ok(listener !== undefined)
  const shown = async (): Promise<unknown> => {
    const { socket } = await connectTls(t, listener, { ca, servername: 'tollgate.example' })
    return socket.getPeerCertificate().subject.CN
  }
  const asking = await openTlsPeer(t, address, pinned, { ca, requestCert: true, rejectUnauthorized: true })
  const shownToGateway = async (identity: string): Promise<unknown> => {
    const proof = expecting(null, { verify: 'pin', ca: readFileSync(pinned.certFile, 'utf8') })
    transport.send(Buffer.from('x'), targetOf(listener, asking.port, { ...proof, identity }))
    const { socket } = await asking.accepted.next()
    assert.ok('getPeerCertificate' in socket && typeof socket.getPeerCertificate === 'function')
    return socket.getPeerCertificate().subject.CN
  }
  const kept = await connectTls(t, listener, { ca, servername: 'tollgate.example' })
  assert.deepEqual([await shown(), await shownToGateway('before')], ['first', 'first'])
  writeFileSync(certFile, 'no certificate')
  await until('the broken file was seen', () => logged.includes('TLS certificates not reloaded, the old ones stay'))
  assert.equal(await shown(), 'first')
  install(second)
  await until('the new files were read', () => logged.includes('TLS certificates reloaded'))
  assert.deepEqual([await shown(), await shownToGateway('after')], ['second', 'second'])
  kept.socket.write(message('still here'))
  assert.equal((await receiver.messages.next()).text, message('still here'))
})

test('streams that never finish their handshake are ended, and count for the caps meanwhile', async (t) => {
  const { transport, receiver, listener } = await open(t, { connectionsPerAddressMax: 2, connectMs: 800 })
  const [first, second] = [await connectTcp(t, listener), await connectTcp(t, listener)]
  const third = startTcp(t, listener)
  await third.closed()
  assert.deepEqual([first.socket.destroyed, second.socket.destroyed], [false, false])
  await Promise.all([first.closed(), second.closed()])
  const { socket } = await connectTls(t, listener, { ca, servername: 'tollgate.example' })
  socket.write(message('room again'))
  await receiver.messages.next()
  assert.equal(transport.connectionCount, 1)
})

test('RFC3261-18.4: TLS: a gateway that dies after the handshake is told to whoever waits', async (t) => {
  const { transport, receiver, listener } = await open(t)
  const peer = await openTlsPeer(t, address, authority.issue('DNS:sip.example.net'))
  const expected = expecting('sip.example.net')
  transport.send(Buffer.from('request'), targetOf(listener, peer.port, expected))
  const accepted = await peer.accepted.next()
  await until('it arrives', () => accepted.text === 'request')
  accepted.socket.destroy()
  const error = await receiver.errors.next()
  assert.ok(error.kind === 'closed' || error.kind === 'reset', error.kind)
  assert.equal(error.tls?.identity, expected.identity)
})

test('TLS: a peer that does not read is shed at the cap, before and after the handshake', async (t) => {
  const { transport, receiver, listener } = await open(t, { connectionWriteBytesMax: 100_000 })
  const silent = await openTcpPeer(t, address)
  const sendLarge = (port: number): void =>
    transport.send(Buffer.alloc(60_000, 'x'), targetOf(listener, port, expecting('sip.example.net')))
  sendLarge(silent.port)
  sendLarge(silent.port)
  assert.match((await receiver.errors.next()).detail, /does not read: 120000 bytes/)
  const peer = await openTlsPeer(t, address, authority.issue('DNS:sip.example.net'))
  sendLarge(peer.port)
  const accepted = await peer.accepted.next()
  accepted.socket.pause()
  for (let i = 0; i < 400; i++) sendLarge(peer.port)
  assert.match((await receiver.errors.next()).detail, /does not read/)
})

test('what is wrong with the files is said, and nothing is opened', async (t) => {
  const other = authority.issue(null)
  const wrong = [
    { ...files, certFile: '/nowhere/cert.pem' },
    { ...files, keyFile: other.keyFile },
    { ...files, keyFile: files.certFile },
  ]
  await inOrder(wrong, async (tls) =>
    assert.rejects(
      openTransport(t, [specOf('tls', address)], { tls }),
      (error) =>
        error instanceof Fault &&
        error.code === 'edge_unavailable' &&
        error.message.includes(tls.certFile === files.certFile ? tls.keyFile : '/nowhere/cert.pem'),
    ),
  )
  assert.ok(tlsFilesOf(own).key.length > 0)
})
