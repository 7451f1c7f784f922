// All connections together over real loopback sockets: caps in all and per address, room for our own, shedding.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '../../test/kit/fake-clock.ts'
import { inOrder, numbers, until } from '../../test/kit/inbox.ts'
import type { TcpEnd } from '../../test/kit/sockets.ts'
import { connectTcp, openTcpPeer, startTcp } from '../../test/kit/sockets.ts'
import { openTransport, specOf } from '../../test/kit/transport.ts'
import type { ListenerInfo, Target } from '../sip/flow.ts'

const message = 'OPTIONS sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n'

const listenerOf = (transport: { listeners: readonly ListenerInfo[] }): ListenerInfo => {
  const [listener] = transport.listeners
  assert.ok(listener !== undefined)
  return listener
}

const targetOf = (listener: ListenerInfo, port: number): Target => ({
  protocol: 'tcp',
  address: listener.address,
  port,
  listener,
})

for (const address of ['127.0.0.1', '::1']) {
  const family = address.includes(':') ? 'IPv6' : 'IPv4'

  test(`${family}: one address opens only so many connections, and a place that is freed is taken again`, async (t) => {
    const limits = { connectionsPerAddressMax: 2 }
    const { transport, receiver } = await openTransport(t, [specOf('tcp', address)], { limits })
    const listener = listenerOf(transport)
    const [first, second] = [await connectTcp(t, listener), await connectTcp(t, listener)]
    await startTcp(t, listener).closed()
    first.socket.end()
    second.socket.end()
    await until('the places are free', () => transport.connectionCount === 0)
    await inOrder([await connectTcp(t, listener), await connectTcp(t, listener)], async (peer) => {
      peer.socket.write(message)
      assert.equal((await receiver.messages.next()).flow.port, peer.socket.localPort)
    })
  })

  test(`${family}: when all places are taken, a connection of ours takes that of the quietest accepted one`, async (t) => {
    const clock = new FakeClock()
    const { transport, receiver } = await openTransport(t, [specOf('tcp', address)], {
      clock,
      limits: { connectionsMax: 2 },
    })
    const listener = listenerOf(transport)
    const peers: TcpEnd[] = []
    await inOrder(numbers(2), async () => {
      const peer = await connectTcp(t, listener)
      peer.socket.write(message)
      await receiver.messages.next()
      clock.advance(1_000)
      peers.push(peer)
    })
    await startTcp(t, listener).closed()
    const server = await openTcpPeer(t, address)
    transport.send(Buffer.from('request'), targetOf(listener, server.port))
    await server.accepted.next()
    await peers[0]?.closed()
    peers[1]?.socket.write(message)
    assert.equal((await receiver.messages.next()).flow.port, peers[1]?.socket.localPort)
    const [second, third] = [await openTcpPeer(t, address), await openTcpPeer(t, address)]
    transport.send(Buffer.from('request'), targetOf(listener, second.port))
    await second.accepted.next()
    await until('both are ours', () => transport.connectionCount === 2)
    transport.send(Buffer.from('request'), targetOf(listener, third.port))
    const error = await receiver.errors.next()
    assert.deepEqual([error.kind, error.port, error.detail], ['other', third.port, 'too many connections'])
  })

  test(`${family}: the deadline of a slow message is kept by the transport itself, and others live on`, async (t) => {
    const clock = new FakeClock()
    const { transport, receiver } = await openTransport(t, [specOf('tcp', address)], { clock })
    const [slow, good] = [await connectTcp(t, listenerOf(transport)), await connectTcp(t, listenerOf(transport))]
    slow.socket.write(`${message}OPTIONS`)
    await receiver.messages.next()
    clock.advance(10_001)
    await slow.closed()
    good.socket.write(message)
    await receiver.messages.next()
    assert.equal(transport.connectionCount, 1)
  })

  test(`${family}: peers that send and vanish leave nothing behind`, async (t) => {
    const { transport, receiver } = await openTransport(t, [specOf('tcp', address)])
    receiver.answer = (flow) => transport.reply(Buffer.from('answer'), flow, 1)
    await inOrder(numbers(20), async () => {
      const peers = await Promise.all(numbers(10).map(() => connectTcp(t, listenerOf(transport))))
      for (const peer of peers) {
        peer.socket.write(message)
        peer.reset()
      }
      await Promise.all(peers.map((peer) => peer.closed()))
    })
    await until('all are gone', () => transport.connectionCount === 0)
  })

  test(`${family}: a peer that never reads is shed while another is served`, async (t) => {
    const { transport, receiver } = await openTransport(t, [specOf('tcp', address)])
    const listener = listenerOf(transport)
    const [deaf, good] = [await connectTcp(t, listener), await connectTcp(t, listener)]
    deaf.socket.pause()
    deaf.socket.write(message)
    const { flow } = await receiver.messages.next()
    receiver.answer = (from) => transport.reply(Buffer.from('answer'), from, 5060)
    await until('it is shed', () => {
      if (receiver.errors.count === 0) transport.reply(Buffer.alloc(65_536), flow, flow.port)
      return receiver.errors.count > 0
    })
    const error = await receiver.errors.next()
    assert.deepEqual([error.kind, error.address, error.port], ['timeout', address, flow.port])
    await until('it is gone', () => transport.connectionCount === 1)
    good.socket.write(message)
    await until('the other is served', () => good.text === 'answer')
  })
}

test('a target that is no IP address or port is reported, and no name is looked up', async (t) => {
  const { transport, receiver } = await openTransport(t, [specOf('tcp', '127.0.0.1')])
  const listener = listenerOf(transport)
  transport.send(Buffer.from('x'), { ...targetOf(listener, 5060), address: 'localhost' })
  transport.send(Buffer.from('x'), targetOf(listener, 0))
  assert.deepEqual(
    [(await receiver.errors.next()).detail, (await receiver.errors.next()).detail],
    ['not an IP address', '0 is no port'],
  )
  assert.equal(transport.connectionCount, 0)
})
