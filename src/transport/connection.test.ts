// One connection on a real socket and a clock that the test moves: its deadlines, and a peer that does not read.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { TLSSocket } from 'node:tls'
import { FakeClock } from '../../test/kit/fake-clock.ts'
import { until } from '../../test/kit/inbox.ts'
import { RecordingReceiver, silentLog } from '../../test/kit/transport.ts'
import type { ListenerInfo } from '../sip/flow.ts'
import { Connection } from './connection.ts'
import { PeerErrors } from './peer-errors.ts'
import { transportLimits } from './receiver.ts'
import { ThrottledLog } from './throttled-log.ts'

const message = 'OPTIONS sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n'
const limits = transportLimits({})

const listener: ListenerInfo = {
  id: 0,
  name: 'tcp:127.0.0.1:5060',
  protocol: 'tcp',
  family: 4,
  address: '127.0.0.1',
  port: 5060,
  sentByHost: '127.0.0.1',
  sentByPort: 5060,
}

interface Pair {
  readonly connection: Connection
  readonly peer: Socket
  readonly receiver: RecordingReceiver
  readonly clock: FakeClock
  /** `ended`, `closed` as the owner heard them. */
  readonly heard: string[]
}

function connectionOn(socket: Socket, accepted: boolean, peer: Socket): Pair {
  const clock = new FakeClock()
  const receiver = new RecordingReceiver()
  const errors = new PeerErrors(receiver, silentLog)
  const heard: string[] = []
  const owner = { onConnectionEnded: () => heard.push('ended'), onConnectionClosed: () => heard.push('closed') }
  const context = {
    receiver,
    clock,
    log: silentLog,
    quietLog: new ThrottledLog(silentLog, clock),
    errors,
    limits,
    faultLingerMs: 0,
  }
  const parts = { id: 7, listener, socket, accepted, address: '127.0.0.1', port: 4_000 }
  return { connection: new Connection(parts, context, owner), peer, receiver, clock, heard }
}

async function openPair(t: TestContext, accepted = true): Promise<Pair> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const peer = connect((server.address() as AddressInfo).port, '127.0.0.1')
  peer.on('error', () => undefined)
  const [socket] = (await once(server, 'connection')) as [Socket]
  server.close()
  t.after(() => {
    peer.destroy()
    socket.destroy()
  })
  return connectionOn(socket, accepted, peer)
}

const peerOf = (port: number): { protocol: 'tcp'; address: string; port: number } => ({
  protocol: 'tcp',
  address: '127.0.0.1',
  port,
})

/** The deadline is reached after exactly `ms`, not before. */
async function endsAfter({ connection, clock, heard }: Pair, ms: number): Promise<void> {
  clock.advance(ms - 1)
  connection.checkDeadlines(clock.nowMs())
  assert.deepEqual(heard, [])
  clock.advance(1)
  connection.checkDeadlines(clock.nowMs())
  assert.deepEqual(heard, ['ended'])
  await until('the socket is gone', () => heard.length === 2)
}

test('an accepted connection must say something soon', async (t) => {
  await endsAfter(await openPair(t), limits.connectionSilentMs)
})

test('a keep-alive counts as something said; then only idleness ends the connection', async (t) => {
  const pair = await openPair(t)
  pair.peer.write('\r\n\r\n')
  await once(pair.peer, 'data')
  await endsAfter(pair, limits.connectionIdleMs)
})

test('what is read or written puts idleness off', async (t) => {
  const pair = await openPair(t)
  const almost = (): void => {
    pair.clock.advance(limits.connectionIdleMs - 1)
    pair.connection.checkDeadlines(pair.clock.nowMs())
  }
  pair.peer.write(message)
  await pair.receiver.messages.next()
  almost()
  pair.connection.write(Buffer.from('out'), peerOf(4_000))
  almost()
  assert.deepEqual(pair.heard, [])
})

test('a message must be complete in time, however it trickles; the next one has the whole time again', async (t) => {
  const pair = await openPair(t)
  pair.peer.write(message.slice(0, 9))
  await until('a part is read', () => pair.connection.pendingBytes === 9)
  pair.clock.advance(limits.connectionHeaderMs - 1)
  pair.peer.write(message.slice(9) + message.slice(0, 9))
  await pair.receiver.messages.next()
  await until('a part is read', () => pair.connection.pendingBytes === 9)
  pair.clock.advance(limits.connectionHeaderMs - 10)
  pair.peer.write(message.slice(9, 20))
  await until('a part is read', () => pair.connection.pendingBytes === 20)
  await endsAfter(pair, 10)
})

test('RFC3261-18.4: a connection that does not open in time is reported as a time-out', async () => {
  const pair = connectionOn(new Socket(), false, new Socket())
  pair.connection.write(Buffer.from('request'), peerOf(4_000))
  await endsAfter(pair, limits.connectMs)
  const error = await pair.receiver.errors.next()
  assert.deepEqual([error.kind, error.port], ['timeout', 4_000])
})

test('a peer that never reads is shed at the cap, and whoever waits for it hears so', async (t) => {
  const pair = await openPair(t)
  pair.peer.pause()
  const part = Buffer.alloc(65_536)
  let written = 0
  while (pair.connection.isUsable) {
    pair.connection.write(part, peerOf(5_060))
    written += part.length
    assert.ok(written < 64 * 1_048_576, 'never shed')
  }
  assert.deepEqual(pair.heard, ['ended'])
  const errors = [await pair.receiver.errors.next(), await pair.receiver.errors.next()]
  assert.deepEqual(
    errors.map((error) => [error.kind, error.port]),
    [
      ['timeout', 4_000],
      ['timeout', 5_060],
    ],
  )
  await until('the socket is gone', () => pair.heard.length === 2)
})

test('a peer that pings without reading the answers is shed as well', async (t) => {
  const pair = await openPair(t)
  pair.peer.pause()
  const pings = Buffer.from('\r\n'.repeat(32_768))
  const ping = (): void => {
    if (pair.connection.isUsable) pair.peer.write(pings, ping)
  }
  ping()
  await until('it is shed', () => !pair.connection.isUsable)
  assert.equal((await pair.receiver.errors.next()).kind, 'timeout')
})

test('a close is told only to those who were sent something within the life of a transaction', async (t) => {
  const pair = await openPair(t)
  pair.connection.write(Buffer.from('long ago'), peerOf(4_000))
  pair.clock.advance(32_001)
  pair.connection.write(Buffer.from('lately'), peerOf(5_060))
  pair.peer.end()
  const error = await pair.receiver.errors.next()
  assert.deepEqual([error.kind, error.port], ['closed', 5_060])
  pair.receiver.errors.assertEmpty()
})

test('nothing is delivered once a connection has ended, even of the same segment', async (t) => {
  const pair = await openPair(t)
  pair.receiver.answer = () => pair.connection.drop('closed', 'enough')
  pair.peer.write(message + message + message)
  await until('the socket is gone', () => pair.heard.length === 2)
  assert.equal(pair.receiver.messages.count, 1)
})

test('RFC5922-7: TLS: nothing reaches the socket before the far end has proved itself, then everything in order', async () => {
  const plain = new Socket()
  const socket = new TLSSocket(plain)
  const pair = connectionOn(socket, false, plain)
  pair.connection.write(Buffer.from('first '), peerOf(4_000))
  pair.connection.write(Buffer.from('second'), peerOf(4_000))
  assert.equal(socket.writableLength, 0)
  socket.emit('secureConnect')
  assert.equal(socket.writableLength, 'first second'.length)
  pair.connection.destroy()
  await until('the socket is gone', () => pair.heard.length === 2)
})

test('a target that expects another proof is told of the end of a connection that serves it, too', async (t) => {
  const pair = await openPair(t)
  const tls = { identity: 'a.example' }
  pair.connection.write(Buffer.from('request'), { ...peerOf(4_000), tls })
  pair.connection.drop('reset', 'gone')
  const error = await pair.receiver.errors.next()
  assert.deepEqual([error.kind, error.tls], ['reset', tls])
  pair.receiver.errors.assertEmpty()
})
