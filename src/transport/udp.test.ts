// UDP over real loopback sockets: the sockets of Node and batched ones, IPv4 and IPv6 alike.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '../../test/kit/fake-clock.ts'
import { inOrder, nextTurn, numbers, until } from '../../test/kit/inbox.ts'
import { openUdpPeer } from '../../test/kit/sockets.ts'
import { openTransport, specOf } from '../../test/kit/transport.ts'
import type { ListenerInfo, Target } from '../sip/flow.ts'
import { datagramBytesMax } from './udp-socket.ts'

const listenerOf = (transport: { listeners: readonly ListenerInfo[] }): ListenerInfo => {
  const [listener] = transport.listeners
  assert.ok(listener !== undefined)
  return listener
}

const watched = (listener: ListenerInfo, port: number): Target => ({
  protocol: 'udp',
  address: listener.address,
  port,
  listener,
  watched: true,
})

const modes = ['dgram', 'batched'] as const
const cases = modes.flatMap((udp) => ['127.0.0.1', '::1'].map((address) => ({ udp, address })))

for (const { udp, address } of cases) {
  const family = `${udp} ${address.includes(':') ? 'IPv6' : 'IPv4'}`

  test(`RFC3261-18.2.2: UDP ${family}: the answer leaves from where the request arrived`, async (t) => {
    const { transport, receiver } = await openTransport(t, [specOf('udp', address), specOf('udp', address)], { udp })
    const listener = transport.listeners[1]
    assert.ok(listener !== undefined && listener.port > 0)
    const peer = await openUdpPeer(t, address)
    peer.send('hello', address, listener.port)
    const { text, flow } = await receiver.messages.next()
    assert.deepEqual([text, flow], ['hello', { listener, address, port: peer.port, connection: 0 }])
    transport.reply(Buffer.from('answer'), flow, flow.port)
    assert.deepEqual(await peer.inbox.next(), { text: 'answer', address, port: listener.port })
  })

  test(`RFC3261-18.1.1: UDP ${family}: the largest datagram passes both ways, a larger one is reported and not thrown`, async (t) => {
    const { transport, receiver } = await openTransport(t, [specOf('udp', address)], { udp })
    const listener = listenerOf(transport)
    const peer = await openUdpPeer(t, address)
    const largest = Buffer.alloc(datagramBytesMax(listener.family), 'x')
    peer.send(largest, address, listener.port)
    const { bytes, flow } = await receiver.messages.next()
    assert.ok(bytes.equals(largest))
    transport.reply(bytes, flow, peer.port)
    assert.equal((await peer.inbox.next()).text.length, largest.length)
    transport.reply(Buffer.alloc(largest.length + 1), flow, peer.port)
    receiver.errors.assertEmpty()
    const error = await receiver.errors.next()
    assert.deepEqual([error.kind, error.address, error.port], ['too_large', address, peer.port])
  })

  test(`RFC5626-3.5.1: UDP ${family}: empty datagrams and keep-alives are no messages`, async (t) => {
    const { transport, receiver } = await openTransport(t, [specOf('udp', address)], { udp })
    const peer = await openUdpPeer(t, address)
    for (const text of ['', '\r\n', '\r\n\r\n', '\0\0\0\0', 'real'])
      peer.send(text, address, listenerOf(transport).port)
    assert.equal((await receiver.messages.next()).text, 'real')
    receiver.messages.assertEmpty()
  })

  test(`RFC3261-18.4: UDP ${family}: a closed port of a watched target is reported, and the target can come back`, async (t) => {
    const { transport, receiver } = await openTransport(t, [specOf('udp', address)], { udp })
    const listener = listenerOf(transport)
    const first = await openUdpPeer(t, address)
    await first.close()
    transport.send(Buffer.from('lost'), watched(listener, first.port))
    const error = await receiver.errors.next()
    assert.deepEqual([error.kind, error.protocol, error.address, error.port], ['refused', 'udp', address, first.port])
    const again = await openUdpPeer(t, address, first.port)
    transport.send(Buffer.from('hello'), watched(listener, first.port))
    assert.deepEqual(await again.inbox.next(), { text: 'hello', address, port: listener.port })
    again.send('answer', address, listener.port)
    assert.deepEqual((await receiver.messages.next()).flow, { listener, address, port: again.port, connection: 0 })
    receiver.errors.assertEmpty()
  })

  test(`UDP ${family}: a burst to a closed port is reported at most once per turn`, async (t) => {
    const { transport, receiver } = await openTransport(t, [specOf('udp', address)], { udp })
    const gone = await openUdpPeer(t, address)
    await gone.close()
    for (let i = 0; i < 200; i++) transport.send(Buffer.from('x'), watched(listenerOf(transport), gone.port))
    receiver.errors.assertEmpty()
    await receiver.errors.next()
    await inOrder(numbers(5), nextTurn)
    assert.ok(receiver.errors.count <= 2, `${receiver.errors.count} more reports`)
  })

  test(`UDP ${family}: nothing is lost or doubled while a target becomes watched`, async (t) => {
    const { transport, receiver } = await openTransport(t, [specOf('udp', address)], { udp })
    const listener = listenerOf(transport)
    const [gateway, stranger] = [await openUdpPeer(t, address), await openUdpPeer(t, address)]
    await inOrder(numbers(300), async (i) => {
      gateway.send(`gateway ${i}`, address, listener.port)
      stranger.send(`stranger ${i}`, address, listener.port)
      if (i >= 100 && i < 200) transport.send(Buffer.from(`ours ${i}`), watched(listener, gateway.port))
      if (i % 50 === 0) await nextTurn()
    })
    await until('all have come', () => receiver.messages.count >= 600 && gateway.inbox.count >= 100)
    const came = new Set<string>()
    await inOrder(numbers(600), async () => {
      const { text, flow } = await receiver.messages.next()
      assert.equal(flow.listener, listener)
      assert.equal(flow.port, text.startsWith('gateway') ? gateway.port : stranger.port)
      came.add(text)
    })
    assert.equal(came.size, 600)
    await inOrder(numbers(100), async (i) => assert.equal((await gateway.inbox.next()).text, `ours ${i + 100}`))
    receiver.messages.assertEmpty()
    gateway.inbox.assertEmpty()
    assert.equal(transport.connectedSocketCount, udp === 'dgram' ? 1 : 0)
  })
}

// Batched UDP needs no connected sockets.
for (const address of ['127.0.0.1', '::1']) {
  const family = address.includes(':') ? 'IPv6' : 'IPv4'

  test(`UDP ${family}: the least recently used connected socket makes room, none that is in use`, async (t) => {
    const clock = new FakeClock()
    const { transport, receiver } = await openTransport(t, [specOf('udp', address)], {
      clock,
      limits: { connectedSocketsMax: 2 },
    })
    const listener = listenerOf(transport)
    const peers = [await openUdpPeer(t, address), await openUdpPeer(t, address), await openUdpPeer(t, address)] as const
    const sendTo = (index: 0 | 1 | 2): void => transport.send(Buffer.from('x'), watched(listener, peers[index].port))
    // Only a connected socket hears that a port is closed: so the reports tell which targets have one.
    await Promise.all(peers.map((peer) => peer.close()))
    const refused = async (index: 0 | 1 | 2): Promise<void> => {
      sendTo(index)
      assert.equal((await receiver.errors.next()).port, peers[index].port)
    }
    const unheard = async (index: 0 | 1 | 2): Promise<void> => {
      sendTo(index)
      await inOrder(numbers(3), nextTurn)
      receiver.errors.assertEmpty()
    }
    await refused(0)
    await refused(1)
    clock.advance(1_000)
    await unheard(2)
    await refused(0)
    clock.advance(4_500)
    await refused(2)
    await unheard(1)
    await refused(0)
    assert.equal(transport.connectedSocketCount, 2)
  })
}

for (const udp of modes)
  test(`UDP ${udp}: an address of the other family or a port that is none is reported, not thrown`, async (t) => {
    const { transport, receiver } = await openTransport(t, [specOf('udp', '127.0.0.1')], { udp })
    const listener = listenerOf(transport)
    transport.send(Buffer.from('x'), { ...watched(listener, 5060), address: '2001:db8::1' })
    assert.equal((await receiver.errors.next()).address, '2001:db8::1')
    await inOrder([0, 65_536, -1], async (port) => {
      transport.send(Buffer.from('x'), watched(listener, port))
      assert.deepEqual([(await receiver.errors.next()).kind], ['unreachable'])
    })
  })
