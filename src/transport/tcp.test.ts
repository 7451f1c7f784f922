// TCP over real loopback sockets, IPv4 and IPv6 alike: connections, framing, reuse, and answers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inOrder, nextTurn, numbers, until } from '../../test/kit/inbox.ts'
import type { TcpEnd } from '../../test/kit/sockets.ts'
import { connectTcp, openTcpPeer } from '../../test/kit/sockets.ts'
import { openTransport, specOf } from '../../test/kit/transport.ts'
import type { ListenerInfo, Target } from '../sip/flow.ts'

const messageOf = (label: string, body = ''): string =>
  `OPTIONS sip:${label} SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bK1\r\nContent-Length: ${body.length}\r\n\r\n${body}`

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

const arrives = (end: TcpEnd, text: string): Promise<void> => until(`"${text}" arrives`, () => end.text.includes(text))

for (const address of ['127.0.0.1', '::1']) {
  const family = address.includes(':') ? 'IPv6' : 'IPv4'

  test(`RFC3261-18.2.2: TCP ${family}: the answer goes by the connection of the request`, async (t) => {
    const { transport, receiver } = await openTransport(t, [specOf('tcp', address)])
    const listener = listenerOf(transport)
    const [first, second] = [await connectTcp(t, listener), await connectTcp(t, listener)]
    first.socket.write(messageOf('first'))
    const { text, flow } = await receiver.messages.next()
    assert.equal(text, messageOf('first'))
    assert.deepEqual([flow.listener, flow.address, flow.port], [listener, address, first.socket.localPort])
    assert.ok(flow.connection > 0)
    second.socket.write(messageOf('second'))
    const other = await receiver.messages.next()
    assert.notEqual(other.flow.connection, flow.connection)
    transport.reply(Buffer.from('to the first'), flow, 5060)
    await arrives(first, 'to the first')
    assert.equal(second.text, '')
    assert.equal(transport.connectionCount, 2)
  })

  test(`RFC3261-18.3: TCP ${family}: two messages in one segment, and one cut at each byte, are whole`, async (t) => {
    const { transport, receiver } = await openTransport(t, [specOf('tcp', address)])
    const peer = await connectTcp(t, listenerOf(transport))
    peer.socket.write(messageOf('one', 'body') + messageOf('two'))
    assert.equal((await receiver.messages.next()).text, messageOf('one', 'body'))
    assert.equal((await receiver.messages.next()).text, messageOf('two'))
    const message = messageOf('three', 'a\r\n\r\nb')
    await inOrder(numbers(message.length), async (cut) => {
      peer.socket.write(message.slice(0, cut))
      await nextTurn()
      peer.socket.write(message.slice(cut))
      assert.equal((await receiver.messages.next()).text, message)
    })
    receiver.messages.assertEmpty()
  })

  test(`RFC5626-3.5.1: TCP ${family}: a double CRLF is answered with one CRLF`, async (t) => {
    const { transport, receiver } = await openTransport(t, [specOf('tcp', address)])
    const peer = await connectTcp(t, listenerOf(transport))
    peer.socket.write('\r\n\r\n')
    await arrives(peer, '\r\n')
    peer.socket.write(`\r\n\r\n${messageOf('after')}`)
    await receiver.messages.next()
    peer.socket.end()
    await peer.closed()
    assert.equal(peer.text, '\r\n\r\n')
  })

  test(`RFC3261-18.3: TCP ${family}: lost framing is reported, answered, and ends the connection`, async (t) => {
    const { transport, receiver } = await openTransport(t, [specOf('tcp', address)])
    const peer = await connectTcp(t, listenerOf(transport))
    receiver.answer = (flow) => transport.reply(Buffer.from('400'), flow, 5060)
    peer.socket.write('OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP a\r\n\r\nmore, of unknown length')
    peer.socket.write(Buffer.alloc(4_194_304))
    const { fault } = await receiver.faults.next()
    assert.deepEqual([fault.status, fault.reason], [400, 'content_length_missing'])
    await peer.closed()
    assert.deepEqual([peer.text, peer.error], ['400', undefined])
    await until('the connection is gone', () => transport.connectionCount === 0)
    receiver.messages.assertEmpty()
  })

  test(`TCP ${family}: requests to one peer share a connection, which leaves from the listener's address`, async (t) => {
    const own = address === '::1' ? address : '127.0.0.3'
    const { transport, receiver } = await openTransport(t, [specOf('tcp', own)])
    const listener = listenerOf(transport)
    const server = await openTcpPeer(t, address)
    const target: Target = { ...targetOf(listener, server.port), address }
    transport.send(Buffer.from('one '), target)
    transport.send(Buffer.from('two '), target)
    const accepted = await server.accepted.next()
    await arrives(accepted, 'one two ')
    assert.equal(accepted.socket.remoteAddress, own)
    transport.send(Buffer.from('three'), target)
    await arrives(accepted, 'one two three')
    accepted.socket.write(messageOf('back'))
    const { flow } = await receiver.messages.next()
    assert.deepEqual([flow.listener, flow.port], [listener, server.port])
    assert.equal(transport.connectionCount, 1)
    server.accepted.assertEmpty()
  })

  test(`RFC3261-18: TCP ${family}: a connection that the peer opened serves requests to it`, async (t) => {
    const { transport, receiver } = await openTransport(t, [specOf('tcp', address)])
    const listener = listenerOf(transport)
    const peer = await connectTcp(t, listener)
    peer.socket.write(messageOf('hello'))
    const { flow } = await receiver.messages.next()
    transport.send(Buffer.from('by port '), targetOf(listener, flow.port))
    transport.send(Buffer.from('by number'), { ...targetOf(listener, 9), connection: flow.connection })
    await arrives(peer, 'by port by number')
    assert.equal(transport.connectionCount, 1)
  })

  test(`RFC3261-18.2.2: TCP ${family}: an answer whose connection is gone opens one to the port of sent-by`, async (t) => {
    const { transport, receiver } = await openTransport(t, [specOf('tcp', address)])
    const server = await openTcpPeer(t, address)
    const peer = await connectTcp(t, listenerOf(transport))
    peer.socket.write(messageOf('hello'))
    const { flow } = await receiver.messages.next()
    peer.socket.destroy()
    await until('the connection is gone', () => transport.connectionCount === 0)
    transport.reply(Buffer.from('late answer'), flow, server.port)
    await arrives(await server.accepted.next(), 'late answer')
  })

  test(`RFC3261-18.4: TCP ${family}: a refused connection is reported, and not from inside send`, async (t) => {
    const { transport, receiver } = await openTransport(t, [specOf('tcp', address)])
    const server = await openTcpPeer(t, address)
    await server.close()
    transport.send(Buffer.from('x'), targetOf(listenerOf(transport), server.port))
    receiver.errors.assertEmpty()
    const error = await receiver.errors.next()
    assert.deepEqual([error.kind, error.protocol, error.address, error.port], ['refused', 'tcp', address, server.port])
    await until('the connection is gone', () => transport.connectionCount === 0)
  })

  test(`RFC3261-18.4: TCP ${family}: a reset and a close are told to whoever waits; the next request connects anew`, async (t) => {
    const { transport, receiver } = await openTransport(t, [specOf('tcp', address)])
    const listener = listenerOf(transport)
    const server = await openTcpPeer(t, address)
    await inOrder(['reset', 'closed'], async (kind) => {
      transport.send(Buffer.from('request'), targetOf(listener, server.port))
      const accepted = await server.accepted.next()
      await arrives(accepted, 'request')
      if (kind === 'reset') accepted.reset()
      else accepted.socket.end()
      const error = await receiver.errors.next()
      assert.deepEqual([error.kind, error.address, error.port], [kind, address, server.port])
    })
    const peer = await connectTcp(t, listener)
    peer.socket.write(messageOf('hello'))
    const { flow } = await receiver.messages.next()
    transport.send(Buffer.from('request'), { ...targetOf(listener, 9), connection: flow.connection })
    await arrives(peer, 'request')
    peer.reset()
    assert.equal((await receiver.errors.next()).port, 9)
    receiver.errors.assertEmpty()
  })

  test(`TCP ${family}: closing hands over what was written`, async (t) => {
    const limits = { connectionWriteBytesMax: 67_108_864 }
    const { transport, receiver } = await openTransport(t, [specOf('tcp', address)], { limits })
    const [peer, silent] = [await connectTcp(t, listenerOf(transport)), await connectTcp(t, listenerOf(transport))]
    peer.socket.write(messageOf('hello'))
    const { flow } = await receiver.messages.next()
    const large = 'x'.repeat(8_388_608)
    transport.reply(Buffer.from(large), flow, 5060)
    await transport.close()
    await Promise.all([peer.closed(), silent.closed()])
    assert.ok(peer.text === large, `${peer.text.length} bytes`)
    assert.equal(transport.connectionCount, 0)
    receiver.errors.assertEmpty()
  })
}
