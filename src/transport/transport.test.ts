// The room as a whole over real loopback sockets: opening, choosing a listener, own addresses, closing.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fault } from '../base/fault.ts'
import { inOrder, until } from '../../test/kit/inbox.ts'
import { openTcpPeer, openUdpPeer } from '../../test/kit/sockets.ts'
import { openTransport, specOf } from '../../test/kit/transport.ts'
import type { ListenerInfo } from '../sip/flow.ts'
import { localAddresses } from './local-address.ts'

const isFault =
  (code: string, pattern: RegExp) =>
  (error: unknown): boolean =>
    error instanceof Fault && error.code === code && pattern.test(error.message)

const matrix = (['udp', 'tcp'] as const).flatMap((protocol) =>
  ['127.0.0.1', '::1'].map((address) => ({ protocol, address, written: address === '::1' ? '[::1]' : address })),
)

for (const { protocol, address, written } of matrix) {
  test(`${protocol} ${address}: port 0 becomes a real port, which a second transport cannot open`, async (t) => {
    const { transport } = await openTransport(t, [specOf(protocol, address)])
    const [listener] = transport.listeners
    assert.ok(listener !== undefined && listener.port > 0)
    assert.deepEqual([listener.id, listener.name], [0, `${protocol}:${written}:${listener.port}`])
    assert.deepEqual([listener.sentByHost, listener.sentByPort], [written, listener.port])
    const where = `cannot open ${protocol}:${written}:${listener.port}: another socket has`
    const second = openTransport(t, [specOf(protocol, address), specOf(protocol, address, listener.port)])
    await assert.rejects(second, (error: unknown) => {
      assert.ok(error instanceof Fault)
      assert.equal(error.code, 'edge_unavailable')
      assert.ok(error.message.startsWith(where), error.message)
      return true
    })
    await transport.close()
    await openTransport(t, [specOf(protocol, address, listener.port)])
  })

  test(`${protocol} ${address}: a port that another program has is refused`, async (t) => {
    const other = await (protocol === 'udp' ? openUdpPeer : openTcpPeer)(t, address)
    await assert.rejects(
      openTransport(t, [specOf(protocol, address, other.port)]),
      isFault('edge_unavailable', /another socket/),
    )
  })

  test(`${protocol} ${address}: close is final and quiet`, async (t) => {
    const { transport, receiver } = await openTransport(t, [specOf(protocol, address)])
    const [listener] = transport.listeners
    assert.ok(listener !== undefined)
    const gone = await (protocol === 'udp' ? openUdpPeer : openTcpPeer)(t, address)
    await gone.close()
    const target = { protocol, address, port: gone.port, listener, watched: true }
    transport.send(Buffer.from('x'), target)
    await transport.close()
    await transport.close()
    transport.send(Buffer.from('x'), target)
    transport.reply(Buffer.from('x'), { listener, address, port: gone.port, connection: 0 }, gone.port)
    assert.deepEqual([transport.connectionCount, transport.connectedSocketCount], [0, 0])
    receiver.errors.assertEmpty()
  })
}

test('a wildcard answers from each local address that was called', async (t) => {
  const own = localAddresses()
  const { transport, receiver } = await openTransport(t, [
    specOf('udp', '0.0.0.0'),
    specOf('udp', '::'),
    specOf('tcp', '0.0.0.0', 0, 'streams'),
  ])
  const udp = transport.listeners.filter((one) => one.protocol === 'udp')
  assert.deepEqual(new Set(udp.map((one) => one.address)), new Set(own.map((one) => one.address)))
  await inOrder(udp, async (listener) => {
    const peer = await openUdpPeer(t, listener.address)
    peer.send('hello', listener.address, listener.port)
    const { flow } = await receiver.messages.next()
    assert.equal(flow.listener, listener)
    transport.reply(Buffer.from('answer'), flow, flow.port)
    const { address, port } = await peer.inbox.next()
    assert.deepEqual([address, port], [listener.address, listener.port])
  })
  const streams = transport.listeners.filter((one) => one.protocol === 'tcp')
  assert.ok(streams.length > 0 && streams.every((one) => one.name === 'streams' && one.family === 4))
})

test('calls leave by the listener that fits, or by the one that is named', async (t) => {
  const { transport } = await openTransport(t, [
    specOf('udp', '127.0.0.9', 0, 'far'),
    specOf('udp', '127.0.0.1'),
    specOf('udp', '::1'),
    specOf('tcp', '127.0.0.1'),
  ])
  const found = (protocol: 'udp' | 'tcp' | 'tls', address: string, name: string | null = null): number | undefined =>
    transport.findListener(protocol, address, name)?.id
  assert.equal(found('udp', '127.0.0.1'), 1)
  assert.equal(found('udp', '127.0.0.77'), 0)
  assert.equal(found('udp', '127.0.0.1', 'far'), 0)
  assert.equal(found('udp', '::1'), 2)
  assert.equal(found('tcp', '127.0.0.1'), 3)
  assert.equal(found('udp', '192.0.2.200'), 0)
  assert.deepEqual(
    [found('tcp', '::1'), found('tls', '127.0.0.1'), found('udp', '::1', 'far')],
    [undefined, undefined, undefined],
  )
  assert.equal(found('udp', 'gateway.example.com'), undefined)
})

test('own addresses are those of the listeners and what they advertise', async (t) => {
  const { transport } = await openTransport(t, [specOf('udp', '127.0.0.1'), specOf('udp', '::1')], {
    advertise: 'SIP.example.com',
  })
  const [four, six] = transport.listeners as [ListenerInfo, ListenerInfo]
  assert.deepEqual([four.sentByHost, four.sentByPort], ['SIP.example.com', four.port])
  for (const own of ['127.0.0.1', 'sip.example.com', 'Sip.Example.com'])
    assert.ok(transport.isOwnAddress(own, four.port), own)
  for (const own of ['::1', '[::1]']) assert.ok(transport.isOwnAddress(own, six.port), own)
  assert.ok(!transport.isOwnAddress('127.0.0.1', 1))
  assert.ok(!transport.isOwnAddress('127.0.0.2', four.port))
})

test('what cannot be opened is said: tls, an address of another machine, no address at all; nothing stays open', async (t) => {
  const tls = specOf('tls', '::', 5061)
  await assert.rejects(
    openTransport(t, [specOf('udp', '127.0.0.1'), tls]),
    isFault('edge_unavailable', /^cannot open tls:\[::\]:5061: no certificate and key are configured$/),
  )
  await assert.rejects(
    openTransport(t, [specOf('udp', '127.0.0.1'), specOf('udp', '203.0.113.250', 5060)]),
    isFault('edge_unavailable', /^cannot open udp:203\.0\.113\.250:5060: this machine has no such address$/),
  )
  await assert.rejects(
    openTransport(t, [specOf('tcp', '::')], { localAddresses: [] }),
    isFault('edge_unavailable', /no address of the families/),
  )
})

test('an address of a wildcard that has gone is left out, the others are opened', async (t) => {
  const loopback = localAddresses().find((one) => one.address === '127.0.0.1')
  assert.ok(loopback !== undefined)
  const { transport } = await openTransport(t, [specOf('udp', '0.0.0.0'), specOf('tcp', '0.0.0.0')], {
    localAddresses: [{ ...loopback, address: '203.0.113.250' }, loopback],
  })
  assert.deepEqual(
    transport.listeners.map((one) => [one.id, one.protocol, one.address]),
    [
      [0, 'udp', '127.0.0.1'],
      [1, 'tcp', '127.0.0.1'],
    ],
  )
})

test('a protocol that its listener does not speak is reported as such', async (t) => {
  const { transport, receiver } = await openTransport(t, [specOf('udp', '127.0.0.1')])
  const [listener] = transport.listeners
  assert.ok(listener !== undefined)
  transport.send(Buffer.from('x'), { protocol: 'tcp', address: '127.0.0.1', port: 5060, listener })
  assert.equal((await receiver.errors.next()).kind, 'no_listener')
  await until('nothing is open', () => transport.connectionCount === 0)
})
