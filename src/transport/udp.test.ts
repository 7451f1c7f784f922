// UDP over real loopback sockets, IPv4 and IPv6 alike.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openUdpPeer } from '../../test/kit/sockets.ts'
import { openTransport, specOf } from '../../test/kit/transport.ts'

for (const address of ['127.0.0.1', '::1']) {
  const family = address.includes(':') ? 'IPv6' : 'IPv4'

  test(`${family}: a datagram is delivered with its source, and the answer leaves from where it arrived`, async (t) => {
    const { transport, receiver } = await openTransport(t, [specOf('udp', address)])
    const [listener] = transport.listeners
    assert.ok(listener !== undefined && listener.port > 0)
    const peer = await openUdpPeer(t, address)
    peer.send('hello', address, listener.port)
    const { text, flow } = await receiver.messages.next()
    assert.deepEqual([text, flow], ['hello', { listener, address, port: peer.port, connection: 0 }])
    transport.reply(Buffer.from('answer'), flow, flow.port)
    assert.deepEqual(await peer.inbox.next(), { text: 'answer', address, port: listener.port })
  })
}
