// What only batched UDP can get wrong: waiting without losing or burning anything, a kernel without room, and errors of
// one peer on the socket of all. What it shares with dgram is tested in udp.test.ts.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { constants } from 'node:os'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { inOrder, nextTurn, numbers, until } from '../../test/kit/inbox.ts'
import { connectTcp, openUdpPeer } from '../../test/kit/sockets.ts'
import { openTransport, silentLog, specOf } from '../../test/kit/transport.ts'
import { BatchedSocket } from './batched-socket.ts'
import type { BatchedReceiver, Batching } from './batched-socket.ts'
import { makeBatching, openBatching } from './batching.ts'
import { MessageVector } from './message-vector.ts'
import { loadSystemCalls } from './system-calls.ts'
import type { SystemCalls } from './system-calls.ts'

async function systemCalls(): Promise<SystemCalls> {
  const calls = await loadSystemCalls()
  assert.ok(typeof calls !== 'string', 'batched UDP is possible here')
  return calls
}

interface Rig {
  readonly socket: BatchedSocket
  readonly errors: { readonly text: string; readonly port: number }[]
  readonly texts: readonly string[]
  readonly loop: Batching['loop']
}

/** An unbound IPv4 socket on `calls`, closed when the test ends. */
async function openSocket(
  t: TestContext,
  calls: SystemCalls,
  queueBytesMax: number,
  more: Partial<Batching> = {},
): Promise<Rig> {
  const made = await makeBatching(calls)
  assert.ok(typeof made !== 'string', 'batched UDP is possible here')
  const batching = { ...made, ...more }
  const errors: Rig['errors'] = []
  const texts: string[] = []
  const receiver: BatchedReceiver = {
    onDatagram: (bytes) => texts.push(bytes.toString('latin1')),
    onSendError: (error, _address, port) => errors.push({ text: error.message, port }),
    onSocketError: (error) => errors.push({ text: error.message, port: 0 }),
  }
  const datagramNoWait = 2 | 0o4000
  const socket = new BatchedSocket(calls.socket(2, datagramNoWait, 0), batching, receiver, { family: 4, queueBytesMax })
  t.after(() => socket.close())
  return { socket, errors, texts, loop: batching.loop }
}

/** `calls` whose sendmmsg fails with these error numbers before it works. */
function failing(calls: SystemCalls, ...errnos: number[]): SystemCalls {
  let last = 0
  return {
    ...calls,
    sendmmsg: (...args) => {
      last = errnos.shift() ?? 0
      return last === 0 ? calls.sendmmsg(...args) : -1
    },
    errno: () => (last === 0 ? calls.errno() : last),
  }
}

for (const name of ['EAGAIN', 'ENOBUFS', 'EINTR', 'ECONNREFUSED'] as const)
  test(`batched UDP: after ${name} everything is sent, in order`, async (t) => {
    const calls = failing(await systemCalls(), constants.errno[name], constants.errno[name], constants.errno[name])
    const { socket, errors } = await openSocket(t, calls, 1_000_000)
    const peer = await openUdpPeer(t, '127.0.0.1')
    for (let i = 0; i < 200; i++) assert.ok(socket.send(Buffer.from(`message ${i}`), '127.0.0.1', peer.port))
    await inOrder(numbers(200), async (i) => assert.equal((await peer.inbox.next()).text, `message ${i}`))
    assert.deepEqual(errors, [])
  })

test('batched UDP: what waits for room in the kernel has a bound', async (t) => {
  const calls = await systemCalls()
  let isFull = true
  const full: SystemCalls = {
    ...calls,
    sendmmsg: (...args) => (isFull ? -1 : calls.sendmmsg(...args)),
    errno: () => (isFull ? constants.errno.EAGAIN : calls.errno()),
  }
  const { socket } = await openSocket(t, full, 1_000)
  const peer = await openUdpPeer(t, '127.0.0.1')
  const taken = numbers(100).filter(() => socket.send(Buffer.alloc(100, 'x'), '127.0.0.1', peer.port))
  assert.equal(taken.length, 64 + 10)
  isFull = false
  await inOrder(taken, () => peer.inbox.next())
  assert.ok(socket.send(Buffer.from('again'), '127.0.0.1', peer.port))
  assert.equal((await peer.inbox.next()).text, 'again')
})

test('batched UDP: an error of one datagram is told with its peer, and the others are sent', async (t) => {
  const { EPERM } = constants.errno
  const { socket, errors } = await openSocket(t, failing(await systemCalls(), EPERM, EPERM), 1_000)
  const peers = [await openUdpPeer(t, '127.0.0.1'), await openUdpPeer(t, '127.0.0.1')] as const
  for (const peer of peers) socket.send(Buffer.from('x'), '127.0.0.1', peer.port)
  assert.equal((await peers[1].inbox.next()).text, 'x')
  assert.deepEqual(errors, [{ text: 'sendmmsg EPERM', port: peers[0].port }])
  peers[0].inbox.assertEmpty()
})

test('RFC3261-18.4: batched UDP: closed ports cost other peers nothing', async (t) => {
  const { transport, receiver } = await openTransport(t, [specOf('udp', '127.0.0.1')], { udp: 'batched' })
  const [listener] = transport.listeners
  assert.ok(listener !== undefined)
  const [alive, gone] = [await openUdpPeer(t, '127.0.0.1'), await openUdpPeer(t, '127.0.0.1')]
  await gone.close()
  const target = { protocol: 'udp', address: '127.0.0.1', listener } as const
  await inOrder(numbers(300), async (i) => {
    transport.send(Buffer.from('lost'), { ...target, port: gone.port })
    transport.send(Buffer.from(`${i}`), { ...target, port: alive.port })
    alive.send('x', '127.0.0.1', listener.port)
    if (i % 7 === 0) await nextTurn()
  })
  await inOrder(numbers(300), async (i) => {
    assert.equal((await alive.inbox.next()).text, `${i}`)
    await receiver.messages.next()
  })
  assert.equal((await receiver.errors.next()).port, gone.port)
})

test('batched UDP: a burst larger than a batch arrives whole, on each of several listeners', async (t) => {
  const specs = [specOf('udp', '127.0.0.1'), specOf('udp', '127.0.0.2'), specOf('udp', '::1')]
  const { transport, receiver } = await openTransport(t, specs, { udp: 'batched' })
  const peers = [await openUdpPeer(t, '127.0.0.1'), await openUdpPeer(t, '127.0.0.2'), await openUdpPeer(t, '::1')]
  for (let i = 0; i < 500; i++)
    for (const [at, peer] of peers.entries()) {
      const listener = transport.listeners[at]
      assert.ok(listener !== undefined)
      peer.send(`${at} ${i}`, listener.address, listener.port)
    }
  await until('all have come', () => receiver.messages.count >= 1_500)
  const seen = new Set<string>()
  await inOrder(numbers(1_500), async () => {
    const { text, flow } = await receiver.messages.next()
    assert.equal(flow.listener, transport.listeners[Number(text[0])])
    seen.add(text)
  })
  assert.equal(seen.size, 1_500)
})

test('batched UDP: a datagram that is cut off is dropped, those around it are whole, and an empty one is one', async (t) => {
  const calls = await systemCalls()
  const slotBytes = 100
  const received = new MessageVector(calls, { slots: 8, slotBytes, controlBytes: 0 })
  const { socket, errors, texts } = await openSocket(t, calls, 1_000, { received })
  const peer = await openUdpPeer(t, '127.0.0.1')
  socket.send(Buffer.from('my port'), '127.0.0.1', peer.port)
  const { port } = await peer.inbox.next()
  const sent = ['first', 'x'.repeat(slotBytes + 1), '', 'y'.repeat(slotBytes), 'z'.repeat(9_000), 'last']
  for (const text of sent) peer.send(text, '127.0.0.1', port)
  await until('the last one has come', () => texts.includes('last'))
  assert.deepEqual(texts, ['first', '', 'y'.repeat(slotBytes), 'last'])
  // The same slots again: what was cut off leaves no trace in them.
  for (const text of ['next', 'and next']) peer.send(text, '127.0.0.1', port)
  await until('they have come', () => texts.length === 6)
  assert.deepEqual(texts.slice(4), ['next', 'and next'])
  assert.deepEqual(errors, [])
})

interface Waits {
  /** What `poll` returned, one number for each wait. */
  readonly ended: number[]
  readonly longestMs: number[]
  readonly loop: Batching['loop']
}

async function watchedBatching(t: TestContext): Promise<Waits> {
  const calls = await systemCalls()
  const ended: number[] = []
  const longestMs: number[] = []
  const poll: SystemCalls['poll'] = (entries, count, timeoutMs) => {
    const ready = calls.poll(entries, count, timeoutMs)
    ended.push(ready)
    longestMs.push(timeoutMs)
    return ready
  }
  const { loop } = await openSocket(t, { ...calls, poll }, 1_000)
  return { ended, longestMs, loop }
}

test('batched UDP: nothing to do is waited for and not looked for', async (t) => {
  const { ended } = await watchedBatching(t)
  const startMs = performance.now()
  const overByThemselves = (): number => ended.filter((ready) => ready === 0).length
  await until('some waits are over', () => overByThemselves() >= 20)
  assert.ok(performance.now() - startMs > 400, 'it waits')
  // What Node itself has to do meanwhile (collecting garbage, compiling) ends some waits; a loop that is woken for nothing makes far more.
  assert.ok(ended.length < 5_000, `${ended.length} waits`)
})

test('batched UDP: the wait ends when a timer is due, and is never none', async (t) => {
  const { longestMs, loop } = await watchedBatching(t)
  await until('it idles', () => longestMs.at(-1) === 50)
  const until30 = performance.now() + 30
  loop.dueMs = until30
  const at = longestMs.length
  await until('the moment has passed', () => performance.now() > until30 && longestMs.length > at + 5)
  // The wait that was under way knew nothing of it.
  const later = longestMs.slice(at + 1)
  assert.ok(
    later.every((ms) => ms >= 1 && ms <= 30),
    later.join(),
  )
})

test('batched UDP: a connection is served at once, not when the wait for datagrams is over', async (t) => {
  const { transport, receiver } = await openTransport(t, [specOf('tcp', '127.0.0.1')])
  receiver.answer = (flow) => transport.reply(Buffer.from('answer'), flow, flow.port)
  const [listener] = transport.listeners
  assert.ok(listener !== undefined)
  const { ended } = await watchedBatching(t)
  const end = await connectTcp(t, listener)
  const before = ended.length
  await inOrder(numbers(100), async (i) => {
    end.socket.write('OPTIONS sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n')
    const { promise, resolve } = Promise.withResolvers<void>()
    end.socket.once('data', () => resolve())
    await promise
    assert.ok(end.text.length >= (i + 1) * 'answer'.length)
  })
  const idle = ended.slice(before).filter((ready) => ready === 0).length
  assert.ok(idle < 50, `${idle} waits for nothing during 100 exchanges`)
})

test('batched UDP: the queue is long while more waits than one batch, and not when it was emptied', async (t) => {
  const { transport, receiver } = await openTransport(t, [specOf('udp', '127.0.0.1')], { udp: 'batched' })
  const [listener] = transport.listeners
  assert.ok(listener !== undefined)
  const { socket } = await openSocket(t, await systemCalls(), 1_000)
  const told: boolean[] = []
  receiver.answer = () => {
    told.push(transport.isQueueLong())
  }
  for (let i = 0; i < 100; i++) socket.send(Buffer.from(`message ${i}`), '127.0.0.1', listener.port)
  socket.flush()
  await until('all have come', () => told.length === 100)
  assert.deepEqual([told[0], told[63], told[64], told[99]], [true, true, false, false])
  await until('nothing waits', () => !transport.isQueueLong())
})

test('batched UDP: close gives the descriptors back', async (t) => {
  const open = (): number => readdirSync('/proc/self/fd').length
  const once = async (): Promise<void> => {
    const specs = [specOf('udp', '127.0.0.1'), specOf('udp', '::1')]
    const { transport } = await openTransport(t, specs, { udp: 'batched' })
    await transport.close()
    await nextTurn()
  }
  await once()
  const before = open()
  await inOrder(numbers(10), once)
  assert.equal(open(), before)
})

test('batched UDP: a port that is taken is refused, and the address is named', async (t) => {
  const peer = await openUdpPeer(t, '127.0.0.1')
  const opening = openTransport(t, [specOf('udp', '127.0.0.1', peer.port)], { udp: 'batched' })
  await assert.rejects(opening, {
    code: 'edge_unavailable',
    message: `cannot open udp:127.0.0.1:${peer.port}: another socket has this address and port`,
  })
})

test('batched UDP: where it is not possible, auto is dgram and says so once, and batched is a fault', async () => {
  const said: string[] = []
  const log = { ...silentLog, info: (event: string) => said.push(event) }
  const cannot = (): Promise<string> => Promise.resolve('no such library')
  assert.equal(await openBatching('auto', log, cannot), undefined)
  assert.deepEqual(said, ['UDP by node:dgram, batched UDP is not possible'])
  await assert.rejects(openBatching('batched', silentLog, cannot), {
    code: 'edge_unavailable',
    message: /no such library/,
  })
  assert.equal(await openBatching('dgram', silentLog, cannot), undefined)
})
